"""The checks in front of everything. What one returns is the checkpoint; the first denial ends the flow."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import lru_cache

from omni2.engine.context import Run
from omni2.flows.checkpoints import AnyData, AuthCheck, BlockCheck, McpAccessCheck, Target, ToolFilter
from omni2.flows.phase import Entry
from omni2.identity.epochs import BLOCKED
from omni2.identity.principal import Door, Method, Principal
from omni2.kernel.errors import Problem
from omni2.kernel.ids import uptime


@dataclass(frozen=True, slots=True)
class Checked:
    """The output of a check, and why it refuses, if it does; `denies` what was asked, which is an answer."""

    data: AnyData
    refusal: Problem | None = None
    denies: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """What a request asks for: the slug of a server, and the own name or uri of what is there."""

    target: Target
    server: str
    name: str


async def run_checks(run: Run, subject: Subject | None = None) -> None:
    """Note one checkpoint a check; raise the first refusal, with the flow marked as denied.

    A request for a `subject` that is denied is not refused here: that is its call's own answer.
    """
    for check in CHECKS:
        started = uptime()
        checked = await check(run, subject)
        verdict = "denied" if checked.refusal or checked.denies else "passed"
        duration_ms = (uptime() - started) * 1000
        if check is auth_check:
            run.spans.auth_ms = duration_ms
        else:
            run.spans.checks_ms += duration_ms
        run.flow.note(Entry(checked.data, verdict, round(duration_ms, 3)))
        if checked.refusal is not None:
            run.flow.deny(checked.refusal)
            raise checked.refusal


async def auth_check(run: Run, subject: Subject | None) -> Checked:
    """Whether the credential still holds and opens this door."""
    del subject
    principal = run.principal = await run.engine.authenticator.renew(run.principal, run.client)
    data = auth_data(principal)
    if run.door not in principal.scopes:
        detail = f"This token does not open {run.door}. Create one with scope {run.door}."
        return Checked(data, Problem("insufficient_scope", 403, detail))
    if run.door == "chat" and not principal.may("chat.use"):
        return Checked(data, Problem("forbidden", 403, f"Your role ({principal.role}) may not use chat."))
    return Checked(data)


def auth_data(principal: Principal) -> AuthCheck:
    """Return by what a principal is known."""
    return _auth(principal.method, principal.token_name, principal.client, principal.address)


async def block_check(run: Run, subject: Subject | None) -> Checked:
    """Whether the door is open to the user, by a fresh view."""
    del subject
    mirror, user_id = run.engine.mirror, run.principal.user_id
    await mirror.require_fresh()
    standing = mirror.standing(user_id, run.door)
    epoch = mirror.version("block", user_id)
    if standing is None:
        return Checked(_unblocked(run.door, epoch))
    words = standing.message or BLOCKED
    return Checked(
        BlockCheck(scope=run.door, epoch=epoch, message=words, since=standing.since, by=standing.by),
        Problem("blocked", 403, words, message=words),
    )


async def mcp_access_check(run: Run, subject: Subject | None) -> Checked:
    """What the user may reach; an empty set is not a refusal, since a chat needs no tool."""
    access = run.access = run.snapshot = await run.engine.access.of(run.principal)
    allowed, total = access.counts.servers_allowed, len(access.servers)
    if subject is None:
        return Checked(_access(access.access_id, allowed, total))
    decision = access.servers.get(subject.server)
    may = decision is not None and decision.allowed
    rule = decision.rule if decision is not None else "unknown_server"
    data = _access(access.access_id, allowed, total, (subject.server, may, rule))
    return Checked(data, denies=not may)


async def tool_filter(run: Run, subject: Subject | None) -> Checked:
    """Which tools are offered."""
    del subject
    access = run.access or await run.engine.access.of(run.principal)
    counts = access.counts
    return Checked(_filtered(access.access_id, counts.offered, counts.removed, tuple(counts.rules)))


# What checks find is the same for most requests of a person: it is made once.


@lru_cache(maxsize=1024)
def _auth(method: Method, token_name: str | None, client: str | None, address: str | None) -> AuthCheck:
    return AuthCheck(method=method, token_name=token_name, client=client, address=address)


@lru_cache(maxsize=1024)
def _unblocked(door: Door, epoch: int) -> BlockCheck:
    return BlockCheck(scope=door, epoch=epoch)


@lru_cache(maxsize=1024)
def _access(
    access_id: str, allowed: int, total: int, asked: tuple[str, bool, str | None] | None = None
) -> McpAccessCheck:
    server, may, rule = asked or (None, None, None)
    return McpAccessCheck(
        access_id=access_id,
        servers_allowed=allowed,
        servers_total=total,
        server=server,
        allowed=may,
        rule=rule,
    )


@lru_cache(maxsize=1024)
def _filtered(access_id: str, offered: int, removed: int, rules: tuple[str, ...]) -> ToolFilter:
    return ToolFilter(access_id=access_id, offered=offered, removed=removed, rules=list(rules))


CHECKS: tuple[Callable[[Run, Subject | None], Awaitable[Checked]], ...] = (
    auth_check,
    block_check,
    mcp_access_check,
    tool_filter,
)
