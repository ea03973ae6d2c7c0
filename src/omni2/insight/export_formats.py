"""The forms in which flows leave: JSON lines, JSON, a table, a page that replays them.

In each a flow is a line of its own, and what `goes_on` is the rest of the same file: behind whichever flow
a file was cut off, the rest makes it whole.
"""

import csv
import io
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from hashlib import sha256
from importlib.resources import files
from typing import Literal

import orjson

from omni2.flows.schemas import FlowRow
from omni2.insight.export import Exported
from omni2.insight.export_proof import Prover

Format = Literal["jsonl", "json", "csv", "html"]
MEDIA: dict[Format, str] = {
    "jsonl": "application/x-ndjson",
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "html": "text/html; charset=utf-8",
}
COLUMNS = tuple(FlowRow.model_fields)
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_FLOW = b'<script type="application/json" class="flow">'

Flows = AsyncIterator[Exported]


class Counted:
    """Flows that are counted on their way, for a last line that tells how many came."""

    def __init__(self, flows: Flows) -> None:
        self._flows = flows
        self._count = 0

    async def flows(self) -> Flows:
        """Yield them."""
        async for flow in self._flows:
            self._count += 1
            yield flow

    async def told(self, file: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Yield the file that was made of them, and that line."""
        async for part in file:
            yield part
        yield b"#flows %d\n" % self._count


def as_line(flow: Exported) -> bytes:
    """Return a flow as one JSON object: its row, and its `checkpoints` in order."""
    row = flow.row.model_dump(mode="json")
    return orjson.dumps({**row, "checkpoints": orjson.Fragment(flow.checkpoints)})


async def write_jsonl(flows: Flows) -> AsyncIterator[bytes]:
    """Yield one flow a line."""
    async for flow in flows:
        yield as_line(flow) + b"\n"


async def write_json(
    flows: Flows, facts: Mapping[str, object], prover: Prover, before: Flows | None = None
) -> AsyncIterator[bytes]:
    """Yield a bundle: its facts, the flows and where their rows stand in the chains, those links, the keys.

    The links are those of the flows `before` as well, when this goes on behind them.
    """
    comma = b","
    if before is None:
        yield orjson.dumps({"omni2_bundle": 1, **facts})[:-1] + b',"flows":[\n'
        comma = b""
    async for flow in flows:
        proof = await prover.places(flow)
        yield comma + as_line(flow)[:-1] + b',"proof":' + orjson.dumps(proof) + b"}\n"
        comma = b","
    if before is not None:
        async for flow in before:
            await prover.places(flow)
    yield b'],"links":['
    comma = b""
    async for link in prover.links():
        yield comma + orjson.dumps(link)
        comma = b",\n"
    yield b'],"public_keys":' + orjson.dumps(prover.public_keys) + b"}\n"


async def write_csv(flows: Flows, *, goes_on: bool) -> AsyncIterator[bytes]:
    """Yield a table with one flow a row; no cell is taken for a formula by a program for tables."""
    if not goes_on:
        yield _row(COLUMNS)
    async for flow in flows:
        values = flow.row.model_dump(mode="json")
        yield _row([_cell(values[column]) for column in COLUMNS])


async def write_html(flows: Flows, *, goes_on: bool) -> AsyncIterator[bytes]:
    """Yield one page that needs nothing else: its player, and flows as data that no browser runs."""
    before, _, after = replay_page().partition(b"<!-- flows -->\n")
    if not goes_on:
        yield before
    async for flow in flows:
        yield _FLOW + inert(as_line(flow)) + b"</script>\n"
    yield after


def replay_page() -> bytes:
    """Return the page, with a mark where the flows go; only its own script may run in it."""
    folder = files("omni2.insight")
    script = folder.joinpath("replay.js").read_bytes()
    page = folder.joinpath("replay.html").read_bytes()
    digest = b64encode(sha256(script).digest())
    return page.replace(b"@digest@", digest).replace(b"@script@", script)


def inert(json: bytes) -> bytes:
    """Return JSON that means the same and cannot end the element it stands in."""
    return json.replace(b"<", b"\\u003c").replace(b">", b"\\u003e").replace(b"&", b"\\u0026")


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, int | float):
        return str(value)
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    return f"'{text}" if text.lstrip(" ").startswith(RISKY) or text.startswith(RISKY) else text


def _row(cells: object) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(cells)  # pyright: ignore[reportArgumentType]
    return line.getvalue().encode()
