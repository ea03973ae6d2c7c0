"""Text that is made to cost time, or to break a store: it is looked at quickly, or refused in words."""

import subprocess
import sys
from collections.abc import Sequence

import pytest

from omni2.kernel.lane import Row, Step, UnitInvalid, Value
from omni2.kernel.redact import MASK, redact_text
from tests.support.lanes import insert, keys, opened

GIVE_UP_S = 15

REDACT = """
from omni2.kernel.redact import redact_text
for text in ("eyJ" * 400_000, "eyJ" + "a.eyJ" * 200_000, "bearer " * 100_000, "Bearer" + " " * 500_000):
    redact_text(text)
"""
DEMO = """
from omni2.upstream.demo_model import reply_to
from omni2.upstream.ports import ModelRequest, ToolSpec, UserMessage
kinds = {"email": "string", "limit": "integer", "order_id": "integer", "days": "integer", "name": "string"}
schema = {"type": "object", "properties": {k: {"type": v} for k, v in kinds.items()}, "required": ["email"]}
names = ("list_orders", "get_order", "search_products")
tools = tuple(ToolSpec(f"shop__{name}", name, "Find orders by e-mail and limit", schema) for name in names)
n = 32_000
gaps = ("limit" + " " * n + "x", "'" + " '" * (n // 2), " and" * (n // 4), "\\u201e" * n)
for text in ("a" * n, "1" * n + "a", *gaps):
    reply_to(ModelRequest((UserMessage("orders of " + text),), tools, None, 500))
"""


@pytest.mark.parametrize("program", [REDACT, DEMO], ids=["redaction", "demo model"])
def test_no_text_takes_more_time_than_its_length(program: str) -> None:
    """Each of these took minutes or hours, in which the process served nobody."""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=GIVE_UP_S)


@pytest.mark.parametrize("before", ["", "token=", "Authorization: Bearer ", '"', "/"])
def test_a_signed_token_is_still_masked(before: str) -> None:
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N"
    assert token not in redact_text(f"See {before}{token}.")
    assert MASK in redact_text(f"See {before}{token}.")


async def test_a_record_that_cannot_be_built_does_not_end_the_lane(database_url: str) -> None:
    def broken(rows: Sequence[Row | None]) -> tuple[Value, ...]:
        raise ValueError("surrogates not allowed")

    async with opened(database_url) as (database, lane):
        with pytest.raises(UnitInvalid):
            await lane.commit([Step(insert(1).sql, broken)])
        await lane.commit([insert(2)])
        assert await keys(database) == [2]
