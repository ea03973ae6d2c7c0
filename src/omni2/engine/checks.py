"""The checks in front of everything. What one returns is the checkpoint; the first denial ends the flow."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from omni2.access.compiled import Access
from omni2.engine.context import Run
from omni2.engine.views import View
from omni2.flows.checkpoints import AnyData, AuthCheck, BlockCheck, McpAccessCheck, Target, ToolFilter
from omni2.flows.phase import Entry, json_of
from omni2.identity.epochs import BLOCKED
from omni2.identity.principal import Door, Method, Principal
from omni2.kernel.db import unavailable
from omni2.kernel.errors import Problem
from omni2.kernel.ids import uptime

LOOKS = 3


@dataclass(slots=True)
class Checked:
    """The output of a check, and why it refuses, if it does; `denies` what was asked, which is an answer.

    `json` is the output as it is recorded, for what is the same for most requests of a person.
    """

    data: AnyData
    refusal: Problem | None = None
    denies: bool = False
    json: str | None = None


@dataclass(slots=True)
class Subject:
    """What a request asks for: the slug of a server, and the own name or uri of what is there."""

    target: Target
    server: str
    name: str


async def look(run: Run) -> View:
    """Let `run` know who asks and what they may use now, by one fresh view: nothing is awaited behind it.

    Raises `Problem` when the credential does not hold any more, or when that cannot be known.
    """
    engine = run.engine
    for _ in range(LOOKS):
        view = engine.views.of(run.principal, run.client)
        if view is not None:
            run.principal, run.access = view.principal, view.access
            return view
        run.principal = await engine.authenticator.renew(run.principal, run.client)
        await engine.access.of(run.principal)
    raise unavailable()


async def run_checks(run: Run, subject: Subject | None = None) -> None:
    """Note one checkpoint a check; raise the first refusal, with the flow marked as denied.

    A request for a `subject` that is denied is not refused here: that is its call's own answer.
    """
    started = uptime()
    view = await look(run)
    run.snapshot = view.access
    looked = uptime()
    run.spans.auth_ms = (looked - started) * 1000
    key = "checks", run.door, subject.server if subject is not None else None
    passed: list[Checked] | None = view.notes.get(key)
    if passed is not None and run.traceparent is None and _is_open(run):
        run.spans.checks_ms += (uptime() - looked) * 1000
        run.flow.note(*_again(run, passed))
        return
    passed = _run_each(run, subject, started)
    if passed is not None and run.traceparent is None:
        view.notes[key] = passed


def _is_open(run: Run) -> bool:
    """Whether no block closes the door: it may be marked before anything else has moved."""
    return run.engine.mirror.standing(run.principal.user_id, run.door) is None


def _again(run: Run, passed: list[Checked]) -> list[Entry]:
    """Return the checkpoints of checks that hold as they did: all of them in the time that it took to see."""
    took = [round(run.spans.auth_ms, 3), round(run.spans.checks_ms, 3), 0.0, 0.0]
    return [
        Entry(checked.data, "passed", lasted, json=checked.json)
        for checked, lasted in zip(passed, took, strict=True)
    ]


def _run_each(run: Run, subject: Subject | None, started: float) -> list[Checked] | None:
    """Note what each check finds; return that when all of them passed."""
    found: list[Checked] = []
    for check in CHECKS:
        checked = check(run, subject)
        verdict = "denied" if checked.refusal or checked.denies else "passed"
        ended = uptime()
        duration_ms = (ended - started) * 1000
        if check is auth_check:
            run.spans.auth_ms = duration_ms
        else:
            run.spans.checks_ms += duration_ms
        started = ended
        run.flow.note(Entry(checked.data, verdict, round(duration_ms, 3), json=checked.json))
        if checked.refusal is not None:
            run.flow.deny(checked.refusal)
            raise checked.refusal
        if verdict == "passed":
            found.append(checked)
    return found if len(found) == len(CHECKS) else None


def auth_check(run: Run, subject: Subject | None) -> Checked:
    """Whether the credential, which holds, opens this door."""
    del subject
    principal = run.principal
    checked = _auth(principal.method, principal.token_name, principal.client, principal.address)
    if run.traceparent is not None:
        checked = Checked(checked.data.model_copy(update={"traceparent": run.traceparent}))
    if run.door not in principal.scopes:
        detail = f"This token does not open {run.door}. Create one with scope {run.door}."
        return Checked(checked.data, Problem("insufficient_scope", 403, detail))
    if run.door == "chat" and not principal.may("chat.use"):
        return Checked(
            checked.data, Problem("forbidden", 403, f"Your role ({principal.role}) may not use chat.")
        )
    return checked


def auth_data(principal: Principal) -> AnyData:
    """Return by what a principal is known."""
    return _auth(principal.method, principal.token_name, principal.client, principal.address).data


def block_check(run: Run, subject: Subject | None) -> Checked:
    """Whether the door is open to the user."""
    del subject
    mirror, user_id = run.engine.mirror, run.principal.user_id
    standing = mirror.standing(user_id, run.door)
    epoch = mirror.version("block", user_id)
    if standing is None:
        return _unblocked(run.door, epoch)
    words = standing.message or BLOCKED
    return Checked(
        BlockCheck(scope=run.door, epoch=epoch, message=words, since=standing.since, by=standing.by),
        Problem("blocked", 403, words, message=words),
    )


def mcp_access_check(run: Run, subject: Subject | None) -> Checked:
    """What the user may reach; an empty set is not a refusal, since a chat needs no tool."""
    access = seen_by(run)
    allowed, total = access.counts.servers_allowed, len(access.servers)
    if subject is None:
        return _access(access.access_id, allowed, total)
    decision = access.servers.get(subject.server)
    if decision is None:
        return _access(access.access_id, allowed, total, (subject.server, False, "unknown_server"))
    return _access(access.access_id, allowed, total, (subject.server, decision.allowed, decision.rule))


def tool_filter(run: Run, subject: Subject | None) -> Checked:
    """Which tools are offered."""
    del subject
    access = seen_by(run)
    counts = access.counts
    return _filtered(access.access_id, counts.offered, counts.removed, counts.rules)


def seen_by(run: Run) -> Access:
    """Return what `look` found."""
    assert run.access is not None  # noqa: S101
    return run.access


# What checks find is the same for most requests of a person: it is made once.


@lru_cache(maxsize=1024)
def _auth(method: Method, token_name: str | None, client: str | None, address: str | None) -> Checked:
    return _found(AuthCheck(method=method, token_name=token_name, client=client, address=address))


@lru_cache(maxsize=1024)
def _unblocked(door: Door, epoch: int) -> Checked:
    return _found(BlockCheck(scope=door, epoch=epoch))


@lru_cache(maxsize=1024)
def _access(
    access_id: str, allowed: int, total: int, asked: tuple[str, bool, str | None] | None = None
) -> Checked:
    server, may, rule = asked or (None, None, None)
    data = McpAccessCheck(
        access_id=access_id,
        servers_allowed=allowed,
        servers_total=total,
        server=server,
        allowed=may,
        rule=rule,
    )
    return _found(data, denies=may is False)


@lru_cache(maxsize=1024)
def _filtered(access_id: str, offered: int, removed: int, rules: tuple[str, ...]) -> Checked:
    return _found(ToolFilter(access_id=access_id, offered=offered, removed=removed, rules=list(rules)))


def _found(data: AnyData, *, denies: bool = False) -> Checked:
    return Checked(data, denies=denies, json=json_of(data))


CHECKS: tuple[Callable[[Run, Subject | None], Checked], ...] = (
    auth_check,
    block_check,
    mcp_access_check,
    tool_filter,
)
