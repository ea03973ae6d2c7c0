"""The page of clients and servers says what the tests try."""

from tests.real.page import DOCUMENT, written


def test_the_page_of_clients_and_servers_is_what_is_tried() -> None:
    assert DOCUMENT.read_text() == written(), "Run: PYTHONPATH=src:. .venv/bin/python -m tests.real.page"
