"""May they: pure functions. Default deny, deny wins, and every answer carries the rule that decided."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

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


def decide(rules: Iterable[Rule], server_slug: str, tool_name: str) -> Decision:
    """Return whether `rules` let a person call a tool: any matching deny wins, else any allow, else no."""
    granting: tuple[Rule, str] | None = None
    for rule in rules:
        if not matches(rule.server, server_slug):
            continue
        if (pattern := _first(rule.deny, tool_name)) is not None:
            return denied_by(rule, server_slug, pattern)
        if granting is None and (pattern := _first(rule.allow, tool_name)) is not None:
            granting = (rule, pattern)
    return (
        allowed_by(granting[0], server_slug, granting[1]) if granting else not_granted(server_slug, tool_name)
    )


def decide_server(rules: Iterable[Rule], server_slug: str) -> Decision:
    """Return whether `rules` let a person use anything of a server. No tool is allowed where this says no."""
    granting: tuple[Rule, str] | None = None
    for rule in rules:
        if not matches(rule.server, server_slug):
            continue
        everything = next((pattern for pattern in rule.deny if pattern and not pattern.strip("*")), None)
        if everything is not None:
            return denied_by(rule, server_slug, everything)
        if granting is None and rule.allow:
            granting = (rule, rule.allow[0])
    return allowed_by(granting[0], server_slug, granting[1]) if granting else not_granted(server_slug)


def matches(pattern: str, name: str) -> bool:
    """Whether `name` fits `pattern`: case counts, only `*` and `?` are special, the time taken is bounded."""
    return pattern == name or _compiled(pattern).fullmatch(name) is not None


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


def _first(patterns: tuple[str, ...], name: str) -> str | None:
    for pattern in patterns:
        if matches(pattern, name):
            return pattern
    return None


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    """Each run before the last star is atomic, so that matching never goes back over it."""
    head, *runs = re.sub(r"\*+", "*", pattern).split("*")
    if not runs:
        return re.compile(_literal(head), re.DOTALL)
    middle = "".join(f"(?>.*?{_literal(run)})" for run in runs[:-1])
    return re.compile(f"{_literal(head)}{middle}.*{_literal(runs[-1])}", re.DOTALL)


def _literal(run: str) -> str:
    return "".join("." if character == "?" else re.escape(character) for character in run)
