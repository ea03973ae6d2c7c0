"""The requests that one session is working on, and which of them a message without an address belongs to.

Over pipes a server's question names no request. It is put to the caller of the only one in flight; when there
are several it is refused, since a guess could show one person's question to another.
"""

from typing import Any

import mcp_types as types
from mcp.client.session import ClientRequestContext
from mcp_types import INVALID_REQUEST
from pydantic import BaseModel, JsonValue, TypeAdapter, ValidationError

from omni2.kernel.errors import Problem
from omni2.upstream.direct import hand_on
from omni2.upstream.envelope import Object
from omni2.upstream.exchange import Exchange
from omni2.upstream.questions import ANSWER_KEY, MAX_QUESTIONS, ask

_SAMPLED: TypeAdapter[types.CreateMessageResult | types.CreateMessageResultWithTools] = TypeAdapter(
    types.CreateMessageResult | types.CreateMessageResultWithTools
)
_ELICITED: TypeAdapter[types.ElicitResult] = TypeAdapter(types.ElicitResult)
_ROOTS: TypeAdapter[types.ListRootsResult] = TypeAdapter(types.ListRootsResult)


class InFlight:
    """Holds exchanges while they run; its methods are the callbacks of the MCP client."""

    def __init__(self) -> None:
        self._exchanges: list[Exchange] = []

    def __len__(self) -> int:
        return len(self._exchanges)

    def hold(self, exchange: Exchange) -> "_Held":
        """Count `exchange` as running while the context lasts."""
        return _Held(self._exchanges, exchange)

    def the_only(self) -> Exchange | None:
        """Return the one request in flight, or None when it is not the only one."""
        return self._exchanges[0] if len(self._exchanges) == 1 else None

    async def log(self, params: types.LoggingMessageNotificationParams) -> None:
        """Hand a log message to the caller whom it can only concern."""
        exchange = self.the_only()
        if exchange is not None:
            await hand_on("notifications/message", _dumped(params), "", exchange)

    async def sample(
        self, context: ClientRequestContext, params: types.CreateMessageRequestParams
    ) -> types.CreateMessageResult | types.CreateMessageResultWithTools | types.ErrorData:
        """Put a `sampling/createMessage` to the caller."""
        del context
        return await self._ask("sampling/createMessage", _dumped(params), _SAMPLED)

    async def elicit(
        self, context: ClientRequestContext, params: types.ElicitRequestParams
    ) -> types.ElicitResult | types.ErrorData:
        """Put an `elicitation/create` to the caller."""
        del context
        return await self._ask("elicitation/create", _dumped(params), _ELICITED)

    async def roots(self, context: ClientRequestContext) -> types.ListRootsResult | types.ErrorData:
        """Put a `roots/list` to the caller."""
        del context
        return await self._ask("roots/list", {}, _ROOTS)

    async def _ask(self, method: str, params: Object, shape: TypeAdapter[Any]) -> Any:
        exchange = self.the_only()
        if exchange is None:
            return _refused("It is not clear which request this belongs to.")
        exchange.questions += 1
        if exchange.questions > MAX_QUESTIONS:
            return _refused("That is more than omni2 asks a caller within one request.")
        request: Object = {"method": method, "params": params}
        try:
            with exchange.paused():
                answers = await ask(exchange, {ANSWER_KEY: request})
            return shape.validate_python(answers[ANSWER_KEY], by_name=False)
        except Problem as problem:
            return _refused(problem.detail)
        except ValidationError:
            return _refused("The caller's answer does not follow the protocol.")


class _Held:
    """An exchange in the list of those that run."""

    __slots__ = ("_all", "_exchange")

    def __init__(self, running: list[Exchange], exchange: Exchange) -> None:
        self._all = running
        self._exchange = exchange

    def __enter__(self) -> None:
        self._all.append(self._exchange)

    def __exit__(self, *_: object) -> None:
        self._all.remove(self._exchange)


def _refused(words: str) -> types.ErrorData:
    return types.ErrorData(code=INVALID_REQUEST, message=words)


def _dumped(params: BaseModel) -> dict[str, JsonValue]:
    return params.model_dump(by_alias=True, mode="json", exclude_none=True)
