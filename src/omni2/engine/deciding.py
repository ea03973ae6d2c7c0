"""May this be called now? Decided by what holds at this moment; and the request that it allows."""

from typing import cast

from pydantic import JsonValue

from omni2.access.compiled import Access
from omni2.access.decide import Decision
from omni2.catalog.entries import ServerEntry
from omni2.engine.checks import look
from omni2.engine.context import Run
from omni2.flows.checkpoints import Target
from omni2.upstream.ports import UpstreamCall

Arguments = dict[str, JsonValue]
Decided = tuple[Decision, ServerEntry | None, int | None]


async def decide(run: Run, target: Target, slug: str, name: str, arguments: Arguments) -> Decided:
    """Decide by what holds now: the block, the credential, the role, the grants; nothing is remembered.

    Returns the decision, the server, None where there is nothing to be called, and what one call costs
    (micro-USD) or None.
    """
    access = (await look(run)).access
    run.engine.mirror.require_allowed(run.principal.user_id, run.door)
    server = access.catalog.servers.get(slug)
    if (noted := _noted(run, access, slug)) is not None:
        return noted, server, None
    match target:
        case "tool":
            tool = server.tools.get(name) if server else None
            decision = access.allows(slug, name)
            return decision, server if tool else None, tool.price_micros if tool else None
        case "prompt":
            return access.allows_prompt(slug, name), server, None
        case "resource":
            return access.allows_resource(slug, name), server, None
        case "completion":
            return _allows_completion(access, slug, name, arguments), server, None


def upstream_call(
    server: ServerEntry, target: Target, name: str, arguments: Arguments, meta: Arguments
) -> UpstreamCall:
    """Return the request to the server for what was allowed, in the server's own names."""
    match target:
        case "tool":
            tool = server.tools[name]
            params: Arguments = {"name": name, "arguments": arguments}
            return UpstreamCall("tools/call", params, meta, (tool.sha256, tool.input_schema))
        case "prompt":
            return UpstreamCall("prompts/get", {"name": name, "arguments": arguments}, meta)
        case "resource":
            return UpstreamCall("resources/read", {"uri": name}, meta)
        case "completion":
            key = "name" if _is_prompt(arguments) else "uri"
            ref: Arguments = {"type": "ref/prompt" if key == "name" else "ref/resource", key: name}
            given = {part: arguments[part] for part in ("argument", "context") if part in arguments}
            return UpstreamCall("completion/complete", {"ref": ref, **given}, meta)


def _noted(run: Run, access: Access, slug: str) -> Decision | None:
    """Return the denial that the checks of a request put on record: no grant that came since undoes it."""
    if not run.single or run.snapshot is None or run.snapshot is access:
        return None
    decision = run.snapshot.servers.get(slug)
    if decision is None:
        return run.snapshot.allows(slug, "")
    return None if decision.allowed else decision


def _allows_completion(access: Access, slug: str, name: str, arguments: Arguments) -> Decision:
    """Words may be completed for what may be used: a prompt, or a template, which itself is no URI."""
    if _is_prompt(arguments):
        return access.allows_prompt(slug, name)
    for template, server, decision in access.offered_templates:
        if (server.slug, template.uri_template) == (slug, name):
            return decision
    return access.allows_resource(slug, name)


def _is_prompt(arguments: Arguments) -> bool:
    ref = arguments.get("ref")
    return isinstance(ref, dict) and cast("Arguments", ref).get("type") == "ref/prompt"
