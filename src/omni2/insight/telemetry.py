"""Sends flows out as OpenTelemetry, behind their seal: by position, again after a failure, none lost.

What is over is known by the chain of flows: each of its links names the flows that ended. The protocol is
OTLP over HTTP in its JSON form, for which nothing but an HTTP client is needed.
"""

import asyncio
from collections.abc import Mapping, Sequence

import httpx2
import orjson
import structlog
from sqlalchemy import select, text

from omni2.flows.checkpoints import CHECKPOINTS
from omni2.flows.models import FlowHead
from omni2.flows.queries import Sight
from omni2.flows.schemas import FlowQuery
from omni2.flows.seal_models import FollowerMark
from omni2.flows.seal_store import fetch_ends, fetch_links_from
from omni2.insight import telemetry_names as name
from omni2.insight.export import Wanted, export_flows
from omni2.insight.telemetry_spans import Span, attributes, spans_of
from omni2.kernel.db import Database
from omni2.kernel.duty import Duty
from omni2.kernel.scan import Scan

log = structlog.get_logger(__name__)

MARK = "telemetry"
FLOWS_AT_ONCE = 50
PAUSE_S = 1.0
AGAIN_S = 10.0
TIMEOUT_S = 10.0
EVERYTHING = Sight("", all_flows=True, content=True)


class Sender:
    """Follows the chain of flows. `endpoint` is that of a collector, such as http://collector:4318."""

    def __init__(
        self, database: Database, endpoint: str, headers: Mapping[str, str], version: str, *, content: bool
    ) -> None:
        self.scan = Scan(database)
        self._database = database
        self._url = endpoint.rstrip("/") + ("" if endpoint.endswith("/v1/traces") else "/v1/traces")
        self._headers = dict(headers)
        self._resource = attributes({name.SERVICE: name.AGENT, name.SERVICE_VERSION: version})
        self._content = content

    async def follow(self, duty: Duty) -> None:
        """Send what has ended since, then pause; a collector that does not take it is asked again later."""
        if not await duty.held():
            await asyncio.sleep(PAUSE_S)
            return
        try:
            sent = await self.send_next()
        except httpx2.HTTPError as error:
            log.warning("telemetry_not_sent", error=type(error).__name__)
            await asyncio.sleep(AGAIN_S)
            return
        if not sent:
            await asyncio.sleep(PAUSE_S)

    async def send_next(self) -> int:
        """Send the flows of the next link; return how many. Raises `httpx2.HTTPError`, and skips none.

        The first time of all it begins at the end of the chain: what was before stays where it is.
        """
        async with self._database.read() as session:
            position = await session.scalar(select(FollowerMark.key).where(FollowerMark.name == MARK))
        if position is None:
            await self._move((await fetch_ends(self.scan))["flows"].n)
            return 0
        links = await fetch_links_from(self.scan, "flows", position, 1)
        if not links:
            return 0
        if links[0].kind == "seal":
            for start in range(0, len(links[0].keys), FLOWS_AT_ONCE):
                spans = await self._spans(links[0].keys[start : start + FLOWS_AT_ONCE])
                if spans:
                    await self._post(spans)
        await self._move(links[0].n)
        return len(links[0].keys)

    async def _spans(self, keys: Sequence[int]) -> list[Span]:
        async with self._database.read() as session:
            found = await session.scalars(select(FlowHead.flow_id).where(FlowHead.key.in_(keys)))
            flow_ids = found.all()
        wanted = Wanted(FlowQuery(), flow_ids)
        spans: list[Span] = []
        if flow_ids:
            async for flow in export_flows(self._database, EVERYTHING, wanted):
                steps = CHECKPOINTS.validate_json(flow.checkpoints)
                spans += spans_of(flow.row, steps, content=self._content)
        return spans

    async def _post(self, spans: Sequence[Span]) -> None:
        scope = {"scope": {"name": name.SCOPE}, "spans": list(spans)}
        body = {"resourceSpans": [{"resource": {"attributes": self._resource}, "scopeSpans": [scope]}]}
        headers = {**self._headers, "content-type": "application/json"}
        async with httpx2.AsyncClient(timeout=TIMEOUT_S, trust_env=False) as client:
            answer = await client.post(self._url, content=orjson.dumps(body), headers=headers)
            answer.raise_for_status()

    async def _move(self, position: int) -> None:
        sql = (
            "INSERT INTO follower_marks (name, key) VALUES (:name, :key)"
            " ON CONFLICT (name) DO UPDATE SET key = excluded.key"
        )
        async with self._database.work() as work:
            await work.session.execute(text(sql), {"name": MARK, "key": position})


def headers_of(given: str) -> dict[str, str]:
    """Return the headers in `name=value,name=value`, as OpenTelemetry writes them."""
    pairs = [part.partition("=") for part in given.split(",") if "=" in part]
    return {key.strip(): value.strip() for key, _, value in pairs}
