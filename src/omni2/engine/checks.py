"""The checks in front of everything. What one returns is the checkpoint; the first denial ends the flow."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from omni2.engine.context import Run
from omni2.flows.checkpoints import AnyData, AuthCheck, BlockCheck, McpAccessCheck, ToolFilter
from omni2.flows.phase import Entry
from omni2.identity.epochs import BLOCKED
from omni2.kernel.errors import Problem
from omni2.kernel.ids import uptime


@dataclass(frozen=True, slots=True)
class Checked:
    """The output of a check, and why it refuses, if it does."""

    data: AnyData
    refusal: Problem | None = None


async def run_checks(run: Run) -> None:
    """Note one checkpoint a check; raise the first refusal, with the flow marked as denied."""
    for check in CHECKS:
        started = uptime()
        checked = await check(run)
        verdict = "denied" if checked.refusal else "passed"
        run.flow.note(Entry(checked.data, verdict, round((uptime() - started) * 1000, 3)))
        if checked.refusal is not None:
            run.flow.deny(checked.refusal)
            raise checked.refusal


async def auth_check(run: Run) -> Checked:
    """Whether the credential still holds and opens this door."""
    principal = run.principal = await run.engine.authenticator.renew(run.principal)
    data = AuthCheck(
        method=principal.method,
        token_name=principal.token_name,
        client=principal.client,
        address=principal.address,
    )
    if run.door not in principal.scopes:
        detail = f"This token does not open {run.door}. Create one with scope {run.door}."
        return Checked(data, Problem("insufficient_scope", 403, detail))
    if run.door == "chat" and not principal.may("chat.use"):
        return Checked(data, Problem("forbidden", 403, f"Your role ({principal.role}) may not use chat."))
    return Checked(data)


async def block_check(run: Run) -> Checked:
    """Whether the door is open to the user, by a fresh view."""
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


async def mcp_access_check(run: Run) -> Checked:
    """What the user may reach; an empty set is not a refusal, since a chat needs no tool."""
    access = run.access = await run.engine.access.of(run.principal)
    allowed = sum(decision.allowed for decision in access.servers.values())
    return Checked(
        McpAccessCheck(access_id=access.access_id, servers_allowed=allowed, servers_total=len(access.servers))
    )


async def tool_filter(run: Run) -> Checked:
    """Which tools are offered."""
    access = run.access or await run.engine.access.of(run.principal)
    removed = [decision for _, _, decision in access.tools if not decision.allowed]
    rules = sorted({decision.rule for decision in removed if decision.rule})[:20]
    return Checked(
        ToolFilter(access_id=access.access_id, offered=len(access.offered), removed=len(removed), rules=rules)
    )


CHECKS: tuple[Callable[[Run], Awaitable[Checked]], ...] = (
    auth_check,
    block_check,
    mcp_access_check,
    tool_filter,
)
