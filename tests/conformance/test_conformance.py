"""The conformance suite of the protocol, against omni2 as a server and as a client."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conformance.house import House, serving_fixture, serving_house
from tests.conformance.record import REVISIONS, passed_before, run_clients, run_servers
from tests.conformance.suite import NOT_SCORED, Verdict, run_server

pytestmark = [pytest.mark.conformance, pytest.mark.slow]


def lost(verdicts: list[Verdict], role: str) -> dict[str, str]:
    """Return what passed before and does not now, with the reason."""
    now = {(one.role, one.scenario, one.revision): one for one in verdicts}
    missed = {key: now.get(key) for key in passed_before() if key[0] == role}
    return {
        f"{key[1]} {key[2]}": one.note if one is not None else "was not run"
        for key, one in missed.items()
        if one is None or not one.passed
    }


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with serving_house(tmp_path_factory.mktemp("house")) as served:
        yield served


def test_the_server_behind_passes_whatever_is_required_of_it_by_itself(tmp_path: Path) -> None:
    with serving_fixture() as url:
        verdicts = [
            verdict for revision in REVISIONS for verdict in run_server(url, revision, tmp_path / revision)
        ]
    assert len(verdicts) > 60
    assert [one for one in verdicts if not one.passed and not one.note.startswith(NOT_SCORED)] == []


def lost_twice(
    run: Callable[[House, Path], list[Verdict]], role: str, house: House, place: Path
) -> dict[str, str]:
    """Return what is lost in a second run too: some scenarios measure times, and machines are busy."""
    first = lost(run(house, place / "first"), role)
    if not first:
        return {}
    second = lost(run(house, place / "second"), role)
    return {name: why for name, why in second.items() if name in first}


def test_no_scenario_for_servers_is_lost(house: House, tmp_path: Path) -> None:
    assert lost_twice(run_servers, "server", house, tmp_path) == {}


def test_no_scenario_for_clients_is_lost(house: House, tmp_path: Path) -> None:
    assert lost_twice(run_clients, "client", house, tmp_path) == {}
