"""The snapshot of an access, to which flows point: what could be used, and the rule that decided."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from pydantic import JsonValue

from omni2.access.decide import Decision
from omni2.catalog.entries import (
    AWAY,
    CatalogSnapshot,
    PromptEntry,
    ResourceEntry,
    ServerEntry,
    TemplateEntry,
    ToolEntry,
)
from omni2.kernel.jsons import canonical

Offer = tuple[ToolEntry, ServerEntry, Decision]
PromptOffer = tuple[PromptEntry, ServerEntry, Decision]
ResourceOffer = tuple[ResourceEntry, ServerEntry, Decision]
TemplateOffer = tuple[TemplateEntry, ServerEntry, Decision]
LISTED = 500  # prompts and resources written out; all are in the count and the digest


def snapshot_of(
    catalog: CatalogSnapshot,
    servers: Mapping[str, Decision],
    tools: Sequence[Offer],
    prompts: Sequence[PromptOffer],
    resources: Sequence[ResourceOffer],
) -> JsonValue:
    """Return `{servers: [{server, decision, rule}], tools: [{server, tool, allowed, rule}]}`, and where there
    are any `prompts` and `resources` as `{listed: [...], total, sha256}`."""
    body: dict[str, JsonValue] = {
        "servers": [
            {
                "server": slug,
                "decision": _standing(decision, catalog.servers[slug]),
                "rule": decision.rule,
            }
            for slug, decision in servers.items()
        ],
        "tools": _rows("tool", ((tool.name, server, decision) for tool, server, decision in tools)),
    }
    if prompts:
        rows = _rows("prompt", ((prompt.name, server, decision) for prompt, server, decision in prompts))
        body["prompts"] = _bounded(rows)
    if resources:
        rows = _rows("uri", ((found.uri, server, decision) for found, server, decision in resources))
        body["resources"] = _bounded(rows)
    return body


def _rows(what: str, decided: Iterable[tuple[str, ServerEntry, Decision]]) -> list[JsonValue]:
    return [
        {"server": server.slug, what: name, "allowed": decision.allowed, "rule": decision.rule}
        for name, server, decision in decided
    ]


def _bounded(rows: list[JsonValue]) -> JsonValue:
    return {
        "listed": rows[:LISTED],
        "total": len(rows),
        "sha256": hashlib.sha256(canonical(rows)).hexdigest(),
    }


def _standing(decision: Decision, server: ServerEntry) -> str:
    if not decision.allowed:
        return "denied"
    return "unavailable" if not server.enabled or server.state in AWAY else "allowed"
