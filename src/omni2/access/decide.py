"""May they: pure functions. Default deny, deny wins, and every answer carries the rule that decided."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from omni2.catalog.templates import literal_start

Matcher = Callable[[str], object]
Kind = Literal["tool", "prompt", "resource"]
_WILDCARD = re.compile(r"[*?]")
DEFAULT_DENY = "default deny"
PREFIXES: dict[Kind, str] = {"tool": "", "prompt": "prompt:", "resource": "resource:"}
Code = Literal[
    "allowed",
    "not_granted",
    "denied_by_rule",
    "unknown_server",
    "unknown_tool",
    "unknown_prompt",
    "unknown_resource",
    "server_disabled",
    "tool_disabled",
    "definition_changed",
]


@dataclass(frozen=True, slots=True)
class Rule:
    """One grant as it applies to a person.

    `server` and the tools are patterns: `*` stands for any run, `?` for one character. `subject` says in
    words whom the grant names, such as `role engineer`.
    """

    grant_id: str
    name: str
    server: str
    allow: tuple[str, ...]
    deny: tuple[str, ...]
    subject: str = ""

    @property
    def words(self) -> str:
        """Whom the rule names, as the start of a sentence."""
        return self.subject or f"rule {self.name}"


@dataclass(frozen=True, slots=True)
class Decision:
    """Yes or no, the name of the rule that decided, and the reason as what follows *because*."""

    allowed: bool
    rule: str
    reason: str
    code: Code


@dataclass(frozen=True, slots=True)
class Ruleset:
    """The rules that concern one server, each pattern ready to match and with the decision it makes.

    A tool is matched by its own name, a prompt as `prompt:NAME`, a resource as `resource:URI`. Denials are
    matched as they are written; an allowing pattern such as `p*` is meant for tools and reaches nothing else.
    """

    server_slug: str
    denying: tuple[tuple[Matcher, Decision], ...]
    allowing: Mapping[Kind, tuple[tuple[Matcher, Decision], ...]]
    server: Decision
    patterns: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())

    def decide(self, name: str, kind: Kind = "tool") -> Decision:
        """Return whether something may be used: any matching deny wins, else any allow, else no."""
        subject = PREFIXES[kind] + name
        for matcher, decision in self.denying:
            if matcher(subject):
                return decision
        for matcher, decision in self.allowing[kind]:
            if matcher(subject):
                return decision
        return not_granted(self.server_slug, subject)

    def decide_template(self, template: str) -> Decision:
        """Return whether any URI of a template may be readable: none other is allowed by `decide`."""
        start = PREFIXES["resource"] + literal_start(template)
        denied, allowed = self.patterns
        for pattern, (_, decision) in zip(denied, self.denying, strict=True):
            head = pattern.rstrip("*")
            if head != pattern and not _has_wildcard(head) and start.startswith(head):
                return decision
        for pattern, (_, decision) in zip(allowed, self.allowing["resource"], strict=True):
            head = _WILDCARD.split(pattern, maxsplit=1)[0]
            if start.startswith(head) or head.startswith(start):
                return decision
        return not_granted(self.server_slug, PREFIXES["resource"] + template)


def ruleset(rules: Iterable[Rule], server_slug: str) -> Ruleset:
    """Return those of `rules` that concern a server, made ready for many decisions."""
    relevant = [rule for rule in rules if matches(rule.server, server_slug)]
    denials = [(pattern, denied_by(rule, server_slug, pattern)) for rule in relevant for pattern in rule.deny]
    grants = [
        (pattern, allowed_by(rule, server_slug, pattern)) for rule in relevant for pattern in rule.allow
    ]
    everything = next((decision for pattern, decision in denials if pattern and not pattern.strip("*")), None)
    granted = grants[0][1] if grants else not_granted(server_slug)
    allowing: dict[Kind, list[tuple[str, Decision]]] = {
        kind: [grant for grant in grants if reaches(grant[0], kind)] for kind in PREFIXES
    }
    return Ruleset(
        server_slug,
        _ready(denials),
        {kind: _ready(found) for kind, found in allowing.items()},
        everything or granted,
        (tuple(pattern for pattern, _ in denials), tuple(pattern for pattern, _ in allowing["resource"])),
    )


def reaches(pattern: str, kind: Kind) -> bool:
    """Whether an allowing pattern is meant for tools, prompts or resources: `*` in front is for all."""
    if pattern.startswith("*"):
        return True
    meant = next((kind for kind, prefix in PREFIXES.items() if prefix and pattern.startswith(prefix)), "tool")
    return meant == kind


def decide(rules: Iterable[Rule], server_slug: str, tool_name: str) -> Decision:
    """Return whether `rules` let a person call a tool."""
    return ruleset(rules, server_slug).decide(tool_name)


def decide_server(rules: Iterable[Rule], server_slug: str) -> Decision:
    """Return whether `rules` let a person use anything of a server. No tool is allowed where this says no."""
    return ruleset(rules, server_slug).server


def matches(pattern: str, name: str) -> bool:
    """Whether `name` fits `pattern`: case counts, only `*` and `?` are special, the time taken is bounded."""
    return bool(_matcher(pattern)(name))


def allowed_by(rule: Rule, server_slug: str, pattern: str) -> Decision:
    """Return the decision of an allow pattern."""
    return Decision(
        allowed=True, rule=rule.name, reason=f"{rule.words} allows {server_slug}.{pattern}", code="allowed"
    )


def denied_by(rule: Rule, server_slug: str, pattern: str) -> Decision:
    """Return the decision of a deny pattern."""
    return Decision(
        allowed=False,
        rule=rule.name,
        reason=f"{rule.words} denies {server_slug}.{pattern}",
        code="denied_by_rule",
    )


def not_granted(server_slug: str, tool_name: str = "") -> Decision:
    """Return the decision where no rule allows."""
    what = f"{server_slug}.{tool_name}" if tool_name else server_slug
    return Decision(allowed=False, rule=DEFAULT_DENY, reason=f"no grant allows {what}", code="not_granted")


def _ready(patterns: Iterable[tuple[str, Decision]]) -> tuple[tuple[Matcher, Decision], ...]:
    return tuple((_matcher(pattern), decision) for pattern, decision in patterns)


def _has_wildcard(pattern: str) -> bool:
    return _WILDCARD.search(pattern) is not None


@lru_cache(maxsize=4096)
def _matcher(pattern: str) -> Matcher:
    """Return how to match `pattern`: the usual kinds need no regular expression."""
    head = pattern.rstrip("*")
    if "?" in head or "*" in head:
        return _compiled(pattern).fullmatch
    return pattern.__eq__ if head == pattern else lambda name: name.startswith(head)


def _compiled(pattern: str) -> re.Pattern[str]:
    """Each run before the last star is atomic, so that matching never goes back over it."""
    head, *runs = re.sub(r"\*+", "*", pattern).split("*")
    if not runs:
        return re.compile(_literal(head), re.DOTALL)
    middle = "".join(f"(?>.*?{_literal(run)})" for run in runs[:-1])
    return re.compile(f"{_literal(head)}{middle}.*{_literal(runs[-1])}", re.DOTALL)


def _literal(run: str) -> str:
    return "".join("." if character == "?" else re.escape(character) for character in run)
