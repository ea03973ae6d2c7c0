"""Access compiled: what one person may use, decided once for every server and tool."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from types import MappingProxyType
from typing import Protocol

from pydantic import JsonValue

from omni2.access.decide import PREFIXES, Code, Decision, Kind, Rule, Ruleset, ruleset
from omni2.access.snapshot import Offer, PromptOffer, ResourceOffer, TemplateOffer, snapshot_of
from omni2.catalog.entries import CatalogSnapshot, ServerEntry, ToolEntry, VirtualServer
from omni2.catalog.templates import could_be
from omni2.kernel.jsons import canonical, loads

Asked = tuple[Kind, str, str]
PEOPLE_LIMIT = 20_000
TOKEN_LIMIT = "the limit of this token"  # noqa: S105 a name for people
CHANGED = "definition changed"
NO_TOOLS = tuple(f"{prefix}*" for prefix in PREFIXES.values() if prefix)
_UNKNOWN: dict[Kind, Code] = {
    "tool": "unknown_tool",
    "prompt": "unknown_prompt",
    "resource": "unknown_resource",
}


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
class Counts:
    """What an access adds up to: servers allowed, tools offered and removed, the rules that removed."""

    servers_allowed: int
    offered: int
    removed: int
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Access:
    """Everything a person may and may not use, each with the rule that decided.

    `access_id` is the SHA-256 of `body`, the canonical JSON of the snapshot. What is `offered` holds exactly
    that for which `allows`, `allows_prompt` and `allows_resource` say yes; a template is offered where any
    of its URIs may be allowed.
    """

    access_id: str
    servers: Mapping[str, Decision]
    tools: tuple[Offer, ...] = field(repr=False)
    offered: tuple[Offer, ...] = field(repr=False)
    prompts: tuple[PromptOffer, ...] = field(repr=False)
    offered_prompts: tuple[PromptOffer, ...] = field(repr=False)
    resources: tuple[ResourceOffer, ...] = field(repr=False)
    offered_resources: tuple[ResourceOffer, ...] = field(repr=False)
    offered_templates: tuple[TemplateOffer, ...] = field(repr=False)
    body: bytes = field(repr=False)
    counts: Counts
    catalog: CatalogSnapshot = field(repr=False)
    _used: frozenset[str] = field(repr=False)
    _decisions: Mapping[Asked, Decision] = field(repr=False)
    _rulesets: Mapping[str, Ruleset] = field(repr=False)

    def allows(self, slug: str, tool: str) -> Decision:
        """Return whether a tool may be called now; what does not exist or is disabled may not."""
        return self._decisions.get(("tool", slug, tool)) or self._unknown("tool", slug, tool)

    def allows_prompt(self, slug: str, name: str) -> Decision:
        """Return whether a prompt may be got now."""
        return self._decisions.get(("prompt", slug, name)) or self._unknown("prompt", slug, name)

    def allows_resource(self, slug: str, uri: str) -> Decision:
        """Return whether a resource may be read now: a listed one, or one that a template stands for."""
        listed = self._decisions.get(("resource", slug, uri))
        if listed is not None:
            return listed
        server = self.catalog.servers.get(slug)
        if server is not None and any(could_be(template, uri) for template in server.templates):
            return _effective(self._rulesets[slug].decide(uri, "resource"), server)
        return self._unknown("resource", slug, uri)

    def find_resource(self, uri: str) -> tuple[str, Decision] | None:
        """Return the server to which a URI belongs and whether it may be read there, or None for nobody's.

        Who lists it goes before whose template fits it, a server where it is allowed before one where not.
        """
        listed = [slug for slug, server in self.catalog.servers.items() if uri in server.resources]
        fitting = [
            slug
            for slug, server in self.catalog.servers.items()
            if any(could_be(template, uri) for template in server.templates)
        ]
        for owners in (listed, fitting):
            found = [(slug, self.allows_resource(slug, uri)) for slug in owners]
            if found:
                return next((owner for owner in found if owner[1].allowed), found[0])
        return None

    def uses(self, slug: str) -> bool:
        """Whether anything of a server may be used; where not, it is answered as if it did not exist."""
        return slug in self._used

    def snapshot_json(self) -> JsonValue:
        """Return the snapshot; see `access.snapshot`."""
        return loads(self.body)

    def _unknown(self, kind: Kind, slug: str, name: str) -> Decision:
        server = self.servers.get(slug)
        if server is None:
            return _no(f"no server is called {slug}", "unknown_server")
        return server if not server.allowed else _no(f"{slug} has no {kind} {name}", _UNKNOWN[kind])


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
        self._by_person: dict[tuple[str, str, frozenset[str] | None, str | None], Access] = {}
        self._by_rules: dict[tuple[str, ...], Access] = {}

    def access(self, person: Person) -> Access:
        """Return what `person` may use; a principal whose token is limited to servers has no other.

        A virtual server that the token names lends it its tools, at its own address (`at`) alone.
        """
        limit: frozenset[str] | None = getattr(person, "servers", None)
        at: str | None = getattr(person, "at", None) if limit else None
        lender = self.catalog.virtual.get(at) if at and limit and at in limit else None
        key = (person.user_id, person.role, limit, lender.slug if lender else None)
        found = self._by_person.get(key)
        if found is None:
            if len(self._by_person) >= PEOPLE_LIMIT:
                self._by_person.clear()
                self._by_rules.clear()
            rules = (*self.rules(person), *self._beyond(limit, lender))
            found = self._by_person[key] = self._shared(rules)
        return found

    def rules(self, person: Person) -> tuple[Rule, ...]:
        """Return the rules that name `person`, oldest first."""
        return tuple(grant.rule for grant in self.grants if grant.names(person))

    def _beyond(self, limit: frozenset[str] | None, lender: VirtualServer | None) -> Iterator[Rule]:
        """Yield the denials that a token's limit makes: of every server that it does not name.

        Of what `lender` lends, a tool whose name another one's happens to match as a pattern is lost.
        """
        lent: dict[str, set[str]] = {}
        for tool in lender.tools if lender else ():
            lent.setdefault(tool.slug, set()).add(tool.tool)
        for slug in sorted(set(self.catalog.servers) - limit) if limit is not None else ():
            denied: tuple[str, ...] = ("*",)
            if lender is not None and slug in lent:
                denied = (*sorted(set(self.catalog.servers[slug].tools) - lent[slug]), *NO_TOOLS)
            rule_id = f"token {slug} {lender.slug}" if lender else f"token {slug}"
            yield Rule(rule_id, TOKEN_LIMIT, slug, (), denied, TOKEN_LIMIT)

    def _shared(self, rules: tuple[Rule, ...]) -> Access:
        key = tuple(rule.grant_id for rule in rules)
        found = self._by_rules.get(key)
        if found is None:
            found = self._by_rules[key] = compile_access(rules, self.catalog)
        return found


def compile_access(rules: Sequence[Rule], catalog: CatalogSnapshot) -> Access:
    """Decide everything once."""
    rulesets = {slug: ruleset(rules, slug) for slug in catalog.servers}
    servers = {slug: applying.server for slug, applying in rulesets.items()}
    tools: list[Offer] = []
    prompts: list[PromptOffer] = []
    resources: list[ResourceOffer] = []
    templates: list[TemplateOffer] = []
    for slug, server in catalog.servers.items():
        decide, decide_template = rulesets[slug].decide, rulesets[slug].decide_template
        tools.extend((e, server, _effective(decide(e.name), server, e)) for e in server.tools.values())
        prompts.extend(
            (e, server, _effective(decide(e.name, "prompt"), server)) for e in server.prompts.values()
        )
        resources.extend(
            (e, server, _effective(decide(e.uri, "resource"), server)) for e in server.resources.values()
        )
        templates.extend(
            (e, server, _effective(decide_template(e.uri_template), server))
            for e in server.templates.values()
        )
    body = canonical(snapshot_of(catalog, servers, tools, prompts, resources))
    return Access(
        access_id=hashlib.sha256(body).hexdigest(),
        servers=MappingProxyType(servers),
        tools=tuple(tools),
        offered=tuple(offer for offer in tools if offer[2].allowed),
        prompts=tuple(prompts),
        offered_prompts=tuple(offer for offer in prompts if offer[2].allowed),
        resources=tuple(resources),
        offered_resources=tuple(offer for offer in resources if offer[2].allowed),
        offered_templates=tuple(offer for offer in templates if offer[2].allowed),
        body=body,
        counts=_counts(servers, tools),
        catalog=catalog,
        _used=frozenset(
            server.slug
            for _, server, decision in chain(tools, prompts, resources, templates)
            if decision.allowed
        ),
        _decisions=MappingProxyType(_decisions(tools, prompts, resources)),
        _rulesets=MappingProxyType(rulesets),
    )


def _decisions(
    tools: Sequence[Offer], prompts: Sequence[PromptOffer], resources: Sequence[ResourceOffer]
) -> dict[Asked, Decision]:
    return {
        **{("tool", server.slug, tool.name): decision for tool, server, decision in tools},
        **{("prompt", server.slug, prompt.name): decision for prompt, server, decision in prompts},
        **{("resource", server.slug, found.uri): decision for found, server, decision in resources},
    }


def _counts(servers: Mapping[str, Decision], tools: Sequence[Offer]) -> Counts:
    removed = [decision for _, _, decision in tools if not decision.allowed]
    rules = sorted({decision.rule for decision in removed if decision.rule})[:20]
    allowed = sum(decision.allowed for decision in servers.values())
    return Counts(allowed, len(tools) - len(removed), len(removed), tuple(rules))


def _effective(decision: Decision, server: ServerEntry, tool: ToolEntry | None = None) -> Decision:
    if decision.allowed and not server.enabled:
        return _disabled("server", "server_disabled")
    if tool is None or not decision.allowed:
        return decision
    if not tool.enabled:
        return _disabled("tool", "tool_disabled")
    if tool.held:
        reason = "its server changed the definition, which waits for an administrator's approval"
        return Decision(allowed=False, rule=CHANGED, reason=reason, code="definition_changed")
    return decision


def _disabled(what: str, code: Code) -> Decision:
    return Decision(allowed=False, rule=f"disabled {what}", reason=f"the {what} is disabled", code=code)


def _no(reason: str, code: Code) -> Decision:
    return Decision(allowed=False, rule="", reason=reason, code=code)
