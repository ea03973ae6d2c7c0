"""The project's own Python files, parsed once for the guard tests."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("src", "tests", "tools", "bench")
NOT_OURS = {
    *(".git", ".venv", ".cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".import_linter_cache"),
    *("__pycache__", "node_modules", "dist", "static", "data"),
}


@dataclass(frozen=True)
class Source:
    """One Python file."""

    path: Path
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """The path within the project."""
        return str(self.path.relative_to(ROOT))

    def at(self, node: ast.AST) -> str:
        """Return where a node stands, as editors take it."""
        return f"{self.name}:{getattr(node, 'lineno', 1)}"


def files(top: Path = ROOT) -> Iterator[Path]:
    """Yield every file of the project that is not made by a tool."""
    for path in sorted(top.iterdir()):
        if path.name in NOT_OURS or path.is_symlink():
            continue
        if path.is_dir():
            yield from files(path)
        else:
            yield path


def sources(*folders: str) -> tuple[Source, ...]:
    """Return the Python files of some folders (all by default), parsed."""
    return tuple(source for folder in folders or FOLDERS for source in _parsed(folder))


@cache
def _parsed(folder: str) -> tuple[Source, ...]:
    texts = ((path, path.read_text()) for path in files(ROOT / folder) if path.suffix == ".py")
    return tuple(Source(path, text, ast.parse(text, str(path))) for path, text in texts)


def imported(tree: ast.AST) -> Iterator[tuple[ast.Import | ast.ImportFrom, str]]:
    """Yield each import below a node with the dotted name of what it brings in."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node, alias.name
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield node, f"{node.module or ''}.{alias.name}"
