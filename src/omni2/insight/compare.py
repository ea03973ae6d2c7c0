"""What two accesses differ in: a set difference with the rule that decided on each side."""

from collections.abc import Iterable, Mapping

from omni2.access.schemas import SnapshotPrompt, SnapshotResource, SnapshotTool, SnapshotView
from omni2.insight.compare_schemas import AccessChange, AccessDifference, Standing, What

CHANGES = 500
Key = tuple[What, str, str | None]


def compare_access(a: SnapshotView, b: SnapshotView, names: tuple[str, str]) -> AccessDifference:
    """Return where two snapshots differ; `names` are those of the sides, as the start of a sentence."""
    ours, theirs = _standings(a), _standings(b)
    changes = [
        AccessChange(what=key[0], server=key[1], name=key[2], a=ours.get(key), b=theirs.get(key))
        for key in dict.fromkeys((*ours, *theirs))
        if ours.get(key) != theirs.get(key)
    ]
    changes.sort(key=_weight)
    may_a, may_b = _tools(ours), _tools(theirs)
    return AccessDifference(
        sentence=_sentence(changes, names),
        only_a=len(may_a - may_b),
        only_b=len(may_b - may_a),
        both=len(may_a & may_b),
        changes=changes[:CHANGES],
        total=len(changes),
    )


def _standings(view: SnapshotView) -> dict[Key, Standing]:
    found: dict[Key, Standing] = {
        ("server", server.server, None): Standing(decision=server.decision, rule=server.rule)
        for server in view.servers
    }
    for tool in view.tools:
        found["tool", tool.server, tool.tool] = _standing(tool)
    for prompt in view.prompts.listed:
        found["prompt", prompt.server, prompt.prompt] = _standing(prompt)
    for resource in view.resources.listed:
        found["resource", resource.server, resource.uri] = _standing(resource)
    return found


def _standing(decided: SnapshotTool | SnapshotPrompt | SnapshotResource) -> Standing:
    return Standing(decision="allowed" if decided.allowed else "denied", rule=decided.rule)


def _tools(standings: Mapping[Key, Standing]) -> set[Key]:
    return {key for key, standing in standings.items() if key[0] == "tool" and standing.decision == "allowed"}


def _may(standing: Standing | None) -> bool:
    return standing is not None and standing.decision == "allowed"


def _weight(change: AccessChange) -> tuple[bool, bool]:
    """Return the place of a change: who may and who may not comes before another rule, tools before all."""
    return _may(change.a) == _may(change.b), change.what != "tool"


def _sentence(changes: Iterable[AccessChange], names: tuple[str, str]) -> str:
    decided = [change for change in changes if _may(change.a) != _may(change.b)]
    if not decided:
        return f"{names[0]} and {names[1]} may use the same."
    sides = (
        _alone(names, [change for change in decided if _may(change.a)]),
        _alone((names[1], names[0]), [change for change in decided if _may(change.b)]),
    )
    return " ".join(side for side in sides if side)


def _alone(names: tuple[str, str], changes: list[AccessChange]) -> str:
    """Return "Bob alone may use shop.stock, by rule "x"; Eve may not, by rule "y"; and 2 more."."""
    if not changes:
        return ""
    first = changes[0]
    thing = first.server if first.name is None else f"{first.server}.{first.name}"
    mine, other = (first.a, first.b) if _may(first.a) else (first.b, first.a)
    by = f', by rule "{mine.rule}"' if mine else ""
    against = f', by rule "{other.rule}"' if other and other.rule else ""
    more = f"; and {len(changes) - 1} more" if len(changes) > 1 else ""
    return f"{names[0]} alone may use {thing}{by}; {names[1]} may not{against}{more}."
