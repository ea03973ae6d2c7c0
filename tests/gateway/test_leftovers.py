"""A request takes with it all that it was made of: what only a collection frees costs every other one."""

import gc

from tests.gateway.test_kept_connection import Wire
from tests.support.house import House

CALLS = 40


async def test_a_call_leaves_nothing_behind_that_refers_to_itself(house: House) -> None:
    async with Wire.open(house) as wire:
        for number in range(10):  # what is kept of a connection, a person and a server is there then
            assert await wire.ask(house.ann, f"before {number}") == (200, f"echo: before {number}")
        gc.disable()
        gc.freeze()  # only what comes from here on is looked through: that takes no time
        gc.set_debug(gc.DEBUG_SAVEALL)
        try:
            for number in range(CALLS):
                assert await wire.ask(house.ann, f"word {number}") == (200, f"echo: word {number}")
            gc.collect()
            left = [type(item).__qualname__ for item in gc.garbage]
        finally:
            gc.set_debug(0)
            gc.enable()
            gc.garbage.clear()
    ours = {"WholeRequest", "Outlet", "Ask", "Attending", "Run", "Flow", "Exchange", "Answer", "Unit"}
    assert not ours.intersection(left), left
