"""One timer rings for all who waited too long, in order, and for nobody else."""

import asyncio

from omni2.kernel.alarm import Alarm


async def test_bells_ring_in_the_order_in_which_they_were_set_but_for_those_that_are_off() -> None:
    alarm, rung, over = Alarm(0.02), list[str](), asyncio.Event()
    alarm.ring(lambda: rung.append("first"))
    silent = alarm.ring(lambda: rung.append("silent"))
    alarm.ring(lambda: rung.append("second"))
    alarm.ring(over.set)
    silent.off()
    await asyncio.wait_for(over.wait(), 10)
    assert rung == ["first", "second"]


async def test_an_alarm_that_has_rung_rings_again() -> None:
    alarm = Alarm(0.01)
    for _ in range(2):
        rung = asyncio.Event()
        alarm.ring(rung.set)
        await asyncio.wait_for(rung.wait(), 10)


async def test_a_bell_that_is_off_holds_up_none_behind_it() -> None:
    alarm, rung = Alarm(0.02), asyncio.Event()
    alarm.ring(lambda: None).off()
    await asyncio.sleep(0.01)
    alarm.ring(rung.set)
    await asyncio.wait_for(rung.wait(), 10)
