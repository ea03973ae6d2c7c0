"""Access compiled: what one person may use, decided once for every server and tool."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol, cast

from pydantic import JsonValue

from omni2.access.decide import Code, Decision, Rule, ruleset
from omni2.catalog.entries import CatalogSnapshot, ServerEntry, ToolEntry
from omni2.kernel.jsons import canonical, loads

Offer = tuple[ToolEntry, ServerEntry, Decision]
PEOPLE_LIMIT = 20_000


class Person(Protocol):
    """Whom access is asked for: a principal, a user."""

    @property
    def user_id(self) -> str:
        """The id that grants to one user name."""
        ...

    @property
    def role(self) -> str:
        """The role that grants to a role name."""
        ...


@dataclass(frozen=True, slots=True)
class Access:
    """Everything a person may and may not use, each with the rule that decided.

    `access_id` is the SHA-256 of `body`, the canonical JSON of the snapshot. `offered` holds exactly
    the tools for which `allows` says yes.
    """

    access_id: str
    servers: Mapping[str, Decision]
    tools: tuple[Offer, ...] = field(repr=False)
    offered: tuple[Offer, ...] = field(repr=False)
    body: bytes = field(repr=False)
    _decisions: Mapping[tuple[str, str], Decision] = field(repr=False)

    def allows(self, slug: str, tool: str) -> Decision:
        """Return whether a tool may be called now; what does not exist or is disabled may not."""
        decision = self._decisions.get((slug, tool))
        if decision is not None:
            return decision
        server = self.servers.get(slug)
        if server is None:
            return Decision(
                allowed=False, rule="", reason=f"no server is called {slug}", code="unknown_server"
            )
        return (
            server
            if not server.allowed
            else Decision(allowed=False, rule="", reason=f"{slug} has no tool {tool}", code="unknown_tool")
        )

    def uses(self, slug: str) -> bool:
        """Whether anything of a server may be called; where not, it is answered as if it did not exist."""
        return any(server.slug == slug for _, server, _ in self.offered)

    def snapshot_json(self) -> JsonValue:
        """Return `{servers: [{server, decision, rule}], tools: [{server, tool, allowed, rule}]}`."""
        return loads(self.body)


@dataclass(frozen=True, slots=True)
class GrantEntry:
    """A grant, frozen: its rule, and whom it names."""

    rule: Rule
    role: str | None
    user_id: str | None
    everyone: bool

    def names(self, person: Person) -> bool:
        """Whether it applies to `person`."""
        return self.everyone or person.user_id == self.user_id or person.role == self.role


class Compiled:
    """Grants and catalogue at one pair of epochs; people whom the same rules name share one access."""

    def __init__(
        self, version: tuple[int, int], grants: Sequence[GrantEntry], catalog: CatalogSnapshot
    ) -> None:
        self.version = version
        self.grants = grants
        self.catalog = catalog
        self._by_person: dict[tuple[str, str], Access] = {}
        self._by_rules: dict[tuple[str, ...], Access] = {}

    def access(self, person: Person) -> Access:
        """Return what `person` may use."""
        key = (person.user_id, person.role)
        found = self._by_person.get(key)
        if found is None:
            if len(self._by_person) >= PEOPLE_LIMIT:
                self._by_person.clear()
                self._by_rules.clear()
            found = self._by_person[key] = self._shared(self.rules(person))
        return found

    def rules(self, person: Person) -> tuple[Rule, ...]:
        """Return the rules that name `person`, oldest first."""
        return tuple(grant.rule for grant in self.grants if grant.names(person))

    def _shared(self, rules: tuple[Rule, ...]) -> Access:
        key = tuple(rule.grant_id for rule in rules)
        found = self._by_rules.get(key)
        if found is None:
            found = self._by_rules[key] = compile_access(rules, self.catalog)
        return found


def compile_access(rules: Sequence[Rule], catalog: CatalogSnapshot) -> Access:
    """Decide everything once."""
    servers: dict[str, Decision] = {}
    tools: list[Offer] = []
    for slug, server in catalog.servers.items():
        applying = ruleset(rules, slug)
        servers[slug] = applying.server
        tools.extend(
            (tool, server, _effective(applying.decide(tool.name), server, tool))
            for tool in server.tools.values()
        )
    body = canonical(_snapshot(servers, tools, catalog))
    return Access(
        access_id=hashlib.sha256(body).hexdigest(),
        servers=MappingProxyType(servers),
        tools=tuple(tools),
        offered=tuple(offer for offer in tools if offer[2].allowed),
        body=body,
        _decisions=MappingProxyType({(server.slug, tool.name): decision for tool, server, decision in tools}),
    )


def _effective(decision: Decision, server: ServerEntry, tool: ToolEntry) -> Decision:
    if decision.allowed and not server.enabled:
        return _disabled("server", "server_disabled")
    if decision.allowed and not tool.enabled:
        return _disabled("tool", "tool_disabled")
    return decision


def _disabled(what: str, code: Code) -> Decision:
    return Decision(allowed=False, rule=f"disabled {what}", reason=f"the {what} is disabled", code=code)


def _snapshot(servers: Mapping[str, Decision], tools: Sequence[Offer], catalog: CatalogSnapshot) -> JsonValue:
    return cast(
        "JsonValue",
        {
            "servers": [
                {
                    "server": slug,
                    "decision": _standing(decision, catalog.servers[slug]),
                    "rule": decision.rule,
                }
                for slug, decision in servers.items()
            ],
            "tools": [
                {"server": server.slug, "tool": tool.name, "allowed": decision.allowed, "rule": decision.rule}
                for tool, server, decision in tools
            ],
        },
    )


def _standing(decision: Decision, server: ServerEntry) -> str:
    if not decision.allowed:
        return "denied"
    return "unavailable" if not server.enabled or server.state == "down" else "allowed"
