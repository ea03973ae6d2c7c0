"""May this be called now? Decided by what holds at this moment; and the request that it allows."""

from pydantic import JsonValue

from omni2.access.decide import Decision
from omni2.catalog.entries import ServerEntry
from omni2.engine.context import Run
from omni2.flows.checkpoints import Target
from omni2.upstream.ports import UpstreamCall


async def decide(
    run: Run, target: Target, slug: str, name: str
) -> tuple[Decision, ServerEntry | None, int | None]:
    """Decide by what holds now: the block, the credential, the role, the grants; nothing is remembered.

    Returns the decision, the server, and what one call costs (micro-USD) or None.
    """
    engine = run.engine
    await engine.mirror.require_open(run.principal.user_id, run.door)
    run.principal = await engine.authenticator.renew(run.principal)
    access = run.access = await engine.access.of(run.principal)
    snapshot = await engine.catalog.snapshot()
    server = snapshot.servers.get(slug)
    if target != "tool":
        return _not_offered(slug, target), server, None
    tool = server.tools.get(name) if server else None
    return access.allows(slug, name), server if tool else None, tool.price_micros if tool else None


def upstream_call(
    target: Target, name: str, arguments: dict[str, JsonValue], meta: dict[str, JsonValue]
) -> UpstreamCall:
    """Return the request to the server for what was allowed."""
    match target:
        case "tool":
            return UpstreamCall("tools/call", {"name": name, "arguments": arguments}, meta)
        case "prompt":
            return UpstreamCall("prompts/get", {"name": name, "arguments": arguments}, meta)
        case "resource":
            return UpstreamCall("resources/read", {"uri": name}, meta)
        case "completion":
            return UpstreamCall("completion/complete", arguments, meta)


def _not_offered(slug: str, target: Target) -> Decision:
    return Decision(
        allowed=False, rule="", reason=f"{slug} offers no {target} through omni2", code="unknown_tool"
    )
