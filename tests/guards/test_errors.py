"""Guards: a broad `except` is legal in five places, each the outermost loop of something."""

import ast
from fnmatch import fnmatch

from tests.support.source import Source, sources

LEGAL = {
    "HTTP renderer": "src/omni2/app/*.py",
    "socket loop": "src/omni2/*/socket*.py",
    "stdio loop": "src/omni2/*/*stdio*.py",
    "supervised task": "src/omni2/kernel/tasks.py",
    "bus follower": "src/omni2/kernel/bus_redis.py",
}
BROAD = {"Exception", "BaseException"}


def _names(node: ast.expr | None) -> set[str]:
    if node is None:
        return {"BaseException"}
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _reraises(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def _broad(source: Source) -> list[str]:
    found: list[str] = []
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ExceptHandler) and _names(node.type) & BROAD and not _reraises(node):
            found.append(source.at(node))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("suppress"):
            found += [source.at(node) for argument in node.args if _names(argument) & BROAD]
    return found


def test_broad_excepts_stand_only_where_they_are_legal_and_once_in_each_place() -> None:
    used: dict[str, str] = {}
    wrong: list[str] = []
    for source in sources("src"):
        place = next((name for name, pattern in LEGAL.items() if fnmatch(source.name, pattern)), None)
        for where in _broad(source):
            if place is None:
                wrong.append(f"{where}: `except Exception` is not legal here; catch what can happen")
            elif place in used:
                wrong.append(f"{where}: the {place} has its `except Exception` at {used[place]} already")
            else:
                used[place] = where
    assert not wrong, "\n".join(wrong)


def test_tests_and_tools_catch_only_what_they_expect() -> None:
    wrong = [where for source in sources("tests", "tools", "bench") for where in _broad(source)]
    assert not wrong, "\n".join(wrong)
