"""Calls that wait for input of a 2026-07-28 client: parked here, resumed by its retry with a sealed state."""

import asyncio
import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from omni2.engine.requests import Answered
from omni2.gateway.link import ASK_WITHIN_S, BaseLink, Way, too_late
from omni2.gateway.outlet import Outlet
from omni2.gateway.wire import INVALID_PARAMS, Fault, Object
from omni2.kernel.errors import Problem
from omni2.kernel.jsons import canonical, dumps, loads
from omni2.kernel.secrets import Sealer

USER_LIMIT = 16
TOTAL_LIMIT = 1_000
ROUNDS = 10
UPSTREAM_BYTES = 16_384
_INPUT = ("inputResponses", "requestState", "_meta")


@dataclass(eq=False, slots=True)
class Parked:
    """A running call whose client looks for answers. `ticket`, sealed in `state`, is new in every round."""

    user_id: str
    task: "asyncio.Task[Answered]"
    link: "ParkingLink"
    context: str
    ticket: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    state: str = ""

    def again(self) -> "Parked":
        """Return the same call for its next round."""
        return Parked(self.user_id, self.task, self.link, self.context)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A call that another process, the `owner`, keeps: its state, and what that is bound to.

    `replica` is under whose lease. `upstream` is the state of a server that keeps nothing itself, else None.
    """

    owner: str
    state: str
    context: str
    replica: str
    upstream: JsonValue


class ParkingLink(BaseLink):
    """For 2026-07-28: a question ends the response as `input_required`; the retry brings the answers."""

    def __init__(self, outlet: Outlet | None, capabilities: Object, meta: Object, level: str | None) -> None:
        super().__init__(outlet, capabilities, meta, level)
        self.questions: asyncio.Future[Object] = asyncio.get_running_loop().create_future()
        self.upstream: JsonValue = None
        self._answers: asyncio.Future[Mapping[str, JsonValue]] | None = None

    async def ask(
        self, requests: Mapping[str, dict[str, JsonValue]], state: JsonValue = None
    ) -> Mapping[str, JsonValue]:
        """Put the requests to the client and wait for its retry; raise `Problem` when none comes.

        What a retry leaves out is asked again.
        """
        found: dict[str, JsonValue] = {}
        self.upstream = state
        for _ in range(ROUNDS):
            left = {key: dict(request) for key, request in requests.items() if key not in found}
            if not left:
                return found
            answers = await self._put(left)
            found |= {key: answers[key] for key in left if key in answers}
            self.upstream = None  # what was found so far is here alone
        raise Problem("input_declined", 422, "The client left a question of the server unanswered.")

    async def _put(self, requests: Mapping[str, Object]) -> Mapping[str, JsonValue]:
        self._answers = asyncio.get_running_loop().create_future()
        self.questions.set_result({**requests})
        try:
            async with asyncio.timeout(ASK_WITHIN_S):
                return await self._answers
        except TimeoutError as error:
            raise too_late() from error

    def resume(self, outlet: Way | None, answers: Mapping[str, JsonValue]) -> None:
        """Let the call go on, with a new way out."""
        self.outlet = outlet
        self.questions = asyncio.get_running_loop().create_future()
        if self._answers is not None and not self._answers.done():
            self._answers.set_result(answers)


class Parking:
    """Where calls wait, in this process (`owner`): bounded in number, and by the link in time.

    `replica` is the id of the lease under which it may go on.
    """

    def __init__(self, sealer: Sealer, replica: Callable[[], str]) -> None:
        self.owner = secrets.token_hex(8)
        self._replica = replica
        self._sealer = sealer
        self._parked: dict[str, Parked] = {}

    def park(self, parked: Parked) -> str:
        """Keep a call until its retry; return the sealed state. Raises `Problem` where too many wait."""
        theirs = sum(other.user_id == parked.user_id for other in self._parked.values())
        if theirs >= USER_LIMIT or len(self._parked) >= TOTAL_LIMIT:
            detail = "Too many calls wait for input already. Answer or leave one of them first."
            raise Problem("too_many_waiting", 429, detail)
        self._parked[parked.ticket] = parked
        parked.task.add_done_callback(lambda task: self._forget(parked.ticket, task))
        upstream = parked.link.upstream if len(dumps(parked.link.upstream)) <= UPSTREAM_BYTES else None
        kept = [self.owner, parked.ticket, self._replica(), upstream]
        parked.state = self._sealer.seal(dumps(kept), parked.context)
        return parked.state

    def take(self, state: str, context: str) -> Parked | Elsewhere:
        """Return the call of a state, once, or whose it is; raise `Fault` for any other state."""
        try:
            sealed = loads(self._sealer.open(state, context))
        except Problem as problem:
            raise unknown_state() from problem
        match sealed:
            case [str(owner), str(), str(replica), upstream] if owner != self.owner:
                return Elsewhere(owner, state, context, replica, upstream)
            case [str(), str(ticket), *_]:
                parked = self._parked.get(ticket)
            case _:
                parked = None
        if parked is None or parked.task.done() or parked.state != state:  # Base64 has more than one spelling
            raise unknown_state()
        return self._parked.pop(parked.ticket)

    @property
    def count(self) -> int:
        """How many calls wait."""
        return len(self._parked)

    def _forget(self, ticket: str, task: "asyncio.Task[Answered]") -> None:
        self._parked.pop(ticket, None)
        if not task.cancelled():
            task.exception()  # on record; there may be nobody left to hear of it


def context_of(who: tuple[str, str], where: str, method: str, params: Object) -> str:
    """Return what a state is bound to: user and credential, address, method, and all of the arguments."""
    asked = {name: value for name, value in params.items() if name not in _INPUT}
    whole = canonical([*who, where, method, asked])
    return f"mcp request state {hashlib.sha256(whole).hexdigest()}"


def input_of(params: Object) -> tuple[str, Object] | None:
    """Return state and answers of a retry, None for a first request; raise `Fault` for half of one."""
    state, answers = params.get("requestState"), params.get("inputResponses", {})
    if state is None and "inputResponses" not in params:
        return None
    if not isinstance(state, str) or not isinstance(answers, dict):
        raise Fault(INVALID_PARAMS, "A retry brings requestState, a string, and inputResponses, an object.")
    return state, answers


def unknown_state() -> Fault:
    """Return the fault of a state that was used, has ended, or never stood for anything."""
    words = "This requestState does not stand for a call that waits here. Send the request anew."
    return Fault(INVALID_PARAMS, words)
