"""The tool list of a hostile server: bounded in every direction, and one bad tool spoils nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from omni2.kernel.errors import Problem
from omni2.upstream.definitions import MAX_TITLE_CHARS
from omni2.upstream.pool import SessionPool
from omni2.upstream.ports import Catalogue
from tests.support.mcp_servers.raw_http import RawHttp, Send, answer, serving
from tests.upstream.targets import over_http

Tool = dict[str, Any]
Tells = Callable[[int], tuple[list[Tool], str | None]]
PLAIN = {"type": "object"}


@dataclass
class Teller(RawHttp):
    """Answers the page number `n` with `pages_of(n)`: tools, and the cursor of the next."""

    tells: Tells = lambda number: ([], None)
    told: int = 0

    async def _list(self, send: Send, message: dict[str, Any]) -> None:
        tools, cursor = self.tells(self.told)
        self.told += 1
        await answer(send, message["id"], {"tools": tools, **({"nextCursor": cursor} if cursor else {})})


def tool(name: str = "good", **more: Any) -> Tool:
    return {"name": name, "description": "d", "inputSchema": PLAIN, **more}


async def listed(pool: SessionPool, tells: Tells) -> Catalogue:
    async with serving(Teller(tells=tells)) as url:
        try:
            return await pool.list_tools(over_http(url))
        finally:
            await pool.aclose()


LISTS: dict[str, Tells] = {
    "bytes": lambda n: ([tool(f"t{n}-{m}", description="x" * 15_000) for m in range(100)], str(n)),
    "bytes of one tool": lambda n: ([tool("same", description="x" * 15_000)] * 100, str(n)),
    "tools of one page": lambda n: ([tool(f"t{m}") for m in range(5_001)], None),
    "tools of many pages": lambda n: ([tool(f"t{n}-{m}") for m in range(1_000)], str(n)),
}


@pytest.mark.parametrize("tells", LISTS.values(), ids=LISTS)
async def test_a_list_that_is_too_large_is_refused_by_name(pool: SessionPool, tells: Tells) -> None:
    with pytest.raises(Problem) as caught:
        await listed(pool, tells)
    assert (caught.value.code, caught.value.status) == ("server_list_too_large", 502)


async def test_a_cursor_that_is_a_book_ends_the_list(pool: SessionPool) -> None:
    with pytest.raises(Problem) as caught:
        await listed(pool, lambda n: ([tool(f"t{n}")], f"{n}" + "x" * 5_000))
    assert caught.value.code == "server_invalid"


@pytest.mark.parametrize(
    "bad",
    [
        tool("huge", inputSchema={"type": "object", "x": "y" * 300_000}),
        tool("no schema", inputSchema=7),
        tool("n" * 300),
        tool(""),
    ],
    ids=["huge schema", "no schema", "long name", "no name"],
)
async def test_a_tool_that_cannot_be_kept_is_left_out_and_the_others_stay(
    pool: SessionPool, bad: Tool
) -> None:
    catalogue = await listed(pool, lambda n: ([tool(), bad], None))
    assert [found.name for found in catalogue.tools] == ["good"]


@dataclass
class Newest(Teller):
    """The same, for the revision without sessions."""

    modern_only: bool = True

    async def _modern(self, message: dict[str, Any], send: Send) -> None:
        if message["method"] == "tools/list":
            await self._list(send, message)
        else:
            await super()._modern(message, send)


@pytest.mark.parametrize(("app", "names"), [(Newest, ["good"]), (Teller, ["good", "bad"])])
async def test_a_tool_that_wants_impossible_headers_is_left_out_where_calls_carry_them(
    pool: SessionPool, app: type[Teller], names: list[str]
) -> None:
    schema = {"type": "object", "properties": {"value": {"type": "string", "x-mcp-header": "My Region"}}}
    async with serving(app(tells=lambda n: ([tool(), tool("bad", inputSchema=schema)], None))) as url:
        catalogue = await pool.list_tools(over_http(url))
        await pool.aclose()
    assert [found.name for found in catalogue.tools] == names


async def test_a_title_is_no_book(pool: SessionPool) -> None:
    catalogue = await listed(pool, lambda n: ([tool(title="x" * 10_000)], None))
    assert len(catalogue.tools[0].title or "") == MAX_TITLE_CHARS
