"""Links of the command line lead to the server that runs, wherever it was told to listen."""

from pathlib import Path

import pytest

from omni2.cli import admin, user
from omni2.kernel.address import find_origin, leave_origin
from tests.cli.test_people import Shell
from tests.support.product import Product, free_port


def test_a_link_leads_to_the_port_of_the_running_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = Product(tmp_path / "data").start()
    shell = Shell(product.data)
    try:
        assert shell.ok(admin.app, "create", "ada@example.org").startswith(f"{product.origin}/setup#")
        monkeypatch.setenv("OMNI2_PORT", str(free_port()))
        assert shell.ok(user.app, "create", "bob@example.org").startswith(f"{product.origin}/setup#")
        monkeypatch.setenv("OMNI2_PUBLIC_URL", "https://omni2.example.org")
        link = shell.ok(user.app, "create", "eve@example.org")
        assert link.startswith("https://omni2.example.org/setup#")
    finally:
        product.stop()


def test_while_no_server_runs_the_last_address_holds_unless_another_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    leave_origin(data, "http://127.0.0.1:8555")
    shell = Shell(data)
    assert shell.ok(admin.app, "create", "ada@example.org").startswith("http://127.0.0.1:8555/setup#")
    monkeypatch.setenv("OMNI2_PORT", "8666")
    assert shell.ok(user.app, "create", "bob@example.org").startswith("http://127.0.0.1:8666/setup#")


@pytest.mark.parametrize("text", ["", "nonsense", "http://user@elsewhere", "http://a/b", "http://a b"])
def test_an_address_that_makes_no_sense_is_no_address(tmp_path: Path, text: str) -> None:
    (tmp_path / "address").write_text(text)
    assert find_origin(tmp_path) is None
    assert find_origin(tmp_path / "nowhere") is None
