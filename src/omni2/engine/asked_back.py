"""What a server asks of the caller while its request runs: passed on, and each on record."""

import asyncio
from collections.abc import Mapping

from pydantic import JsonValue

from omni2.engine.context import Run
from omni2.flows.checkpoints import UpstreamRequest, Verdict
from omni2.flows.phase import Entry
from omni2.kernel.errors import Problem
from omni2.kernel.ids import uptime
from omni2.upstream.ports import CallerLink, Resumed

_SHORT = {"sampling/createMessage": "sampling", "elicitation/create": "elicitation", "roots/list": "roots"}


class AskedBack:
    """A `CallerLink` that leaves an `upstream_request` for everything that is asked through it."""

    def __init__(self, run: Run, server: str, inner: CallerLink) -> None:
        self._run = run
        self._server = server
        self._inner = inner

    def supports(self, method: str) -> bool:
        """See `CallerLink`."""
        return self._inner.supports(method)

    async def progress(self, params: dict[str, JsonValue]) -> None:
        """See `CallerLink`."""
        await self._inner.progress(params)

    async def log(self, params: dict[str, JsonValue]) -> None:
        """See `CallerLink`."""
        await self._inner.log(params)

    @property
    def resumed(self) -> Resumed | None:
        """See `CallerLink`."""
        return self._inner.resumed

    async def ask(
        self, requests: Mapping[str, dict[str, JsonValue]], state: JsonValue = None
    ) -> Mapping[str, JsonValue]:
        """See `CallerLink`; nothing is asked of who was blocked meanwhile."""
        started = uptime()
        try:
            await self._run.engine.mirror.require_open(self._run.principal.user_id, self._run.door)
            answers = await self._inner.ask(requests, state)
        except Problem as problem:
            self._note(requests, ("failed", problem.code), started)
            raise
        except asyncio.CancelledError:
            self._note(requests, ("info", "cancelled"), started)
            raise
        for key, request in requests.items():
            outcome = _outcome(answers.get(key))
            verdict: Verdict = "passed" if outcome in {"answered", "accept"} else "info"
            self._note({key: request}, (verdict, outcome), started)
        return answers

    def _note(
        self,
        requests: Mapping[str, dict[str, JsonValue]],
        came: tuple[Verdict, str],
        started: float,
    ) -> None:
        verdict, outcome = came
        duration_ms = round((uptime() - started) * 1000, 3)
        for request in requests.values():
            method = str(request.get("method", ""))
            data = UpstreamRequest(server=self._server, method=_SHORT.get(method, method), outcome=outcome)
            self._run.flow.note(Entry(data, verdict, duration_ms))


def _outcome(answer: JsonValue) -> str:
    """Return the word for an answer: an elicitation says itself what became of it."""
    match answer:
        case {"action": "accept" | "decline" | "cancel" as action}:
            return action
        case None:
            return "unanswered"
        case _:
            return "answered"
