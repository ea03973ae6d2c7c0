"""The checks in front of everything. What one returns is the checkpoint; the first denial ends the flow."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from omni2.engine.context import Run
from omni2.flows.checkpoints import AnyData, AuthCheck, BlockCheck, McpAccessCheck, Target, ToolFilter
from omni2.flows.phase import Entry
from omni2.identity.epochs import BLOCKED
from omni2.identity.principal import Principal
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
    principal = run.principal = await run.engine.authenticator.renew(run.principal)
    data = auth_data(principal)
    if run.door not in principal.scopes:
        detail = f"This token does not open {run.door}. Create one with scope {run.door}."
        return Checked(data, Problem("insufficient_scope", 403, detail))
    if run.door == "chat" and not principal.may("chat.use"):
        return Checked(data, Problem("forbidden", 403, f"Your role ({principal.role}) may not use chat."))
    return Checked(data)


def auth_data(principal: Principal) -> AuthCheck:
    """Return by what a principal is known."""
    return AuthCheck(
        method=principal.method,
        token_name=principal.token_name,
        client=principal.client,
        address=principal.address,
    )


async def block_check(run: Run, subject: Subject | None) -> Checked:
    """Whether the door is open to the user, by a fresh view."""
    del subject
    mirror, user_id = run.engine.mirror, run.principal.user_id
    await mirror.require_fresh()
    standing = mirror.standing(user_id, run.door)
    epoch = mirror.version("block", user_id)
    if standing is None:
        return Checked(BlockCheck(scope=run.door, epoch=epoch))
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
        data = McpAccessCheck(access_id=access.access_id, servers_allowed=allowed, servers_total=total)
        return Checked(data)
    decision = access.servers.get(subject.server)
    data = McpAccessCheck(
        access_id=access.access_id,
        servers_allowed=allowed,
        servers_total=total,
        server=subject.server,
        allowed=decision is not None and decision.allowed,
        rule=decision.rule if decision is not None else "unknown_server",
    )
    return Checked(data, denies=not data.allowed)


async def tool_filter(run: Run, subject: Subject | None) -> Checked:
    """Which tools are offered."""
    del subject
    access = run.access or await run.engine.access.of(run.principal)
    counts = access.counts
    return Checked(
        ToolFilter(
            access_id=access.access_id,
            offered=counts.offered,
            removed=counts.removed,
            rules=list(counts.rules),
        )
    )


CHECKS: tuple[Callable[[Run, Subject | None], Awaitable[Checked]], ...] = (
    auth_check,
    block_check,
    mcp_access_check,
    tool_filter,
)
