"""What a server asks back while it works on a request: put to the caller, answered on the same wire."""

import asyncio
from collections.abc import Awaitable, Callable

from mcp_types import INVALID_REQUEST, METHOD_NOT_FOUND
from pydantic import JsonValue

from omni2.kernel.errors import Problem
from omni2.kernel.tasks import end
from omni2.upstream.envelope import Object, is_answered
from omni2.upstream.exchange import Exchange
from omni2.upstream.faults import words

MAX_OPEN = 8
MAX_QUESTIONS = 64
ANSWER_KEY = "1"

Reply = Callable[[Object], Awaitable[None]]


class Questions:
    """The questions of one request. Each runs by itself, so that the server is heard meanwhile."""

    def __init__(self, exchange: Exchange, reply: Reply) -> None:
        self._exchange = exchange
        self._reply = reply
        self._open: dict[str, asyncio.Task[None]] = {}

    async def take(self, method: str, their_id: JsonValue, params: JsonValue) -> None:
        """Answer a request of the server, now or when the caller has."""
        if method == "ping":
            await self._reply({"id": their_id, "result": {}})
            return
        request: Object = {"method": method, "params": params if isinstance(params, dict) else {}}
        self._exchange.questions += 1
        many = len(self._open) >= MAX_OPEN or self._exchange.questions > MAX_QUESTIONS
        crowded = many or str(their_id) in self._open
        if crowded or not is_answered(self._exchange.link, request):
            error: Object = {"code": METHOD_NOT_FOUND, "message": f"{words(method)} is not supported here"}
            await self._reply({"id": their_id, "error": error})
            return
        task = asyncio.create_task(self._ask(their_id, request), name="upstream-question")
        self._open[str(their_id)] = task
        task.add_done_callback(lambda _: self._open.pop(str(their_id), None))

    def withdraw(self, params: JsonValue) -> None:
        """The server does not want its answer any more."""
        if isinstance(params, dict) and (task := self._open.get(str(params.get("requestId")))) is not None:
            task.cancel()

    async def aclose(self) -> None:
        """The request is over: nobody is asked any more."""
        await end(*self._open.values())

    async def _ask(self, their_id: JsonValue, request: Object) -> None:
        try:
            with self._exchange.paused():
                answers = await ask(self._exchange, {ANSWER_KEY: request})
            message: Object = {"id": their_id, "result": answers[ANSWER_KEY]}
        except Problem as problem:
            message = {"id": their_id, "error": {"code": INVALID_REQUEST, "message": problem.detail}}
        await self._reply(message)


async def ask(exchange: Exchange, requests: dict[str, Object], state: JsonValue = None) -> Object:
    """Put questions, and the server's `state`, to the caller; raise `Problem` for none, or no full answer."""
    link = exchange.link
    if link is None or not all(is_answered(link, request) for request in requests.values()):
        raise Problem("client_cannot_answer", 422, "The caller does not answer what the server asks for.")
    answers = dict(await link.ask(requests, state))
    if any(not isinstance(answers.get(key), dict) for key in requests):
        raise Problem("client_cannot_answer", 422, "The caller left a question of the server unanswered.")
    return answers
