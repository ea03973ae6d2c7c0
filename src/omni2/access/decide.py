"""May they: pure functions. Default deny, deny wins, and every answer carries the rule that decided."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Matcher = Callable[[str], object]
DEFAULT_DENY = "default deny"
Code = Literal[
    "allowed",
    "not_granted",
    "denied_by_rule",
    "unknown_server",
    "unknown_tool",
    "server_disabled",
    "tool_disabled",
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
    """The rules that concern one server, each pattern ready to match and with the decision it makes."""

    server_slug: str
    denying: tuple[tuple[Matcher, Decision], ...]
    allowing: tuple[tuple[Matcher, Decision], ...]
    server: Decision

    def decide(self, tool_name: str) -> Decision:
        """Return whether a tool may be called: any matching deny wins, else any allow, else no."""
        for matcher, decision in self.denying:
            if matcher(tool_name):
                return decision
        for matcher, decision in self.allowing:
            if matcher(tool_name):
                return decision
        return not_granted(self.server_slug, tool_name)


def ruleset(rules: Iterable[Rule], server_slug: str) -> Ruleset:
    """Return those of `rules` that concern a server, made ready for many decisions."""
    relevant = [rule for rule in rules if matches(rule.server, server_slug)]
    denials = [(pattern, denied_by(rule, server_slug, pattern)) for rule in relevant for pattern in rule.deny]
    grants = [
        (pattern, allowed_by(rule, server_slug, pattern)) for rule in relevant for pattern in rule.allow
    ]
    everything = next((decision for pattern, decision in denials if pattern and not pattern.strip("*")), None)
    granted = grants[0][1] if grants else not_granted(server_slug)
    return Ruleset(
        server_slug,
        tuple((_matcher(pattern), decision) for pattern, decision in denials),
        tuple((_matcher(pattern), decision) for pattern, decision in grants),
        everything or granted,
    )


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
