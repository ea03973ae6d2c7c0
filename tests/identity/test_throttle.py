"""The throttle: doubles, forgets, and never fails however long somebody guesses."""

import pytest

from omni2.identity import throttle
from omni2.identity.throttle import ADDRESS_FREE, FORGET_S, FREE, MAX_WAIT_S, Throttle
from omni2.kernel.errors import Problem


class Clock:
    """Seconds, moved by hand."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(throttle, "uptime", clock)
    return clock


def _wait(guard: Throttle, email: str = "bob", address: str = "10.0.0.1") -> float:
    try:
        guard.begin(email, address)
    except Problem as problem:
        wait = problem.extra["retry_after_ms"]
        assert isinstance(wait, int)
        return wait / 1000
    return 0.0


def test_the_wait_doubles_up_to_a_minute_for_ever(clock: Clock) -> None:
    guard, waits = Throttle(), list[float]()
    for _ in range(FREE):
        assert _wait(guard) == 0
    for _ in range(2_000):
        wait = _wait(guard)
        waits.append(wait)
        clock.now += wait
        assert _wait(guard) == 0
    assert waits[:4] == [1, 2, 4, 8]
    assert set(waits[6:]) == {MAX_WAIT_S}


def test_a_quarter_of_an_hour_later_all_is_forgotten(clock: Clock) -> None:
    guard = Throttle()
    for _ in range(FREE):
        guard.begin("bob", "10.0.0.1")
    clock.now += FORGET_S + 1
    assert [_wait(guard) for _ in range(FREE)] == [0] * FREE


@pytest.mark.usefixtures("clock")
def test_attempts_side_by_side_are_counted_before_they_are_judged() -> None:
    guard = Throttle()
    assert [_wait(guard) > 0 for _ in range(FREE + 2)] == [False] * FREE + [True, True]


@pytest.mark.usefixtures("clock")
def test_an_address_that_tries_many_accounts_is_slowed() -> None:
    guard = Throttle()
    for number in range(ADDRESS_FREE):
        assert _wait(guard, f"user{number}") == 0
    assert _wait(guard, "one more") > 0
    assert _wait(guard, "bob", "10.0.0.2") == 0


@pytest.mark.usefixtures("clock")
def test_success_is_not_held_against_an_address() -> None:
    guard = Throttle()
    for number in range(ADDRESS_FREE * 2):
        guard.begin(f"user{number}", "10.0.0.1")
        guard.succeeded(f"user{number}", "10.0.0.1")
    assert _wait(guard) == 0
