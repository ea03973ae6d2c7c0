"""Guards: edges hold no SQL, logic knows no FastAPI, a table has one owner; by the names of files."""

import ast
from fnmatch import fnmatch

from tests.support.source import Source, imported, sources

FASTAPI_ALLOWED = ("*/routes*.py", "*/*_routes.py", "*/deps.py", "*/auth.py", "src/omni2/app/*")
NO_SQL = ("*/routes*.py", "*/*_routes.py", "*/socket*.py", "src/omni2/upstream/*")
LOADS_BY_NAME = {
    "src/omni2/upstream/models.py",  # provider SDKs, each when the first model of it is used
    "src/omni2/upstream/lazy_pool.py",  # the MCP SDK, while the server already answers
    "src/omni2/cli/main.py",  # the one command that was asked for
    "src/omni2/app/process.py",  # migrations and the bus client, when they are wanted
    "src/omni2/migrations/__init__.py",  # Alembic, when there is something to migrate
    "src/omni2/migrations/tables.py",  # every table, whichever package it is in
}
READS_EVERY_TABLE = {"insight", "migrations", "cli"}  # the read side, and what composes
SHARES = {
    (
        "live",
        "identity",
    ),  # the block command writes the block row, its epoch and the journal in one transaction
    ("hub", "catalog"),  # the hub is what keeps the rows of the catalogue up to date
    ("access", "identity"),  # grants name users and roles
    ("access", "catalog"),  # and servers and tools
    ("flows", "identity"),  # a list of flows is searched by the user's name
    ("engine", "flows"),  # recovery closes the flows of an owner that is gone
}


LATER = {"alembic", "anthropic", "mcp", "mcp_types", "openai", "pydantic_ai", "redis"}


def _matches(source: Source, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch(source.name, pattern) for pattern in patterns)


def _top(name: str) -> str:
    return name.partition(".")[0]


def test_nothing_is_imported_relatively() -> None:
    wrong = [
        f"{source.at(node)}: write the import with its full name"
        for source in sources()
        for node, _ in imported(source.tree)
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert not wrong, "\n".join(wrong)


def test_nothing_is_imported_inside_a_function() -> None:
    wrong = [
        f"{source.at(node)}: move the import to the top of the file; a circle is mended by moving code"
        for source in sources()
        for function in ast.walk(source.tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for node, _ in imported(function)
    ]
    assert not wrong, "\n".join(wrong)


def test_modules_are_loaded_by_name_only_where_a_start_must_not_pay_for_them() -> None:
    users = {
        source.name
        for source in sources("src")
        for _, name in imported(source.tree)
        if name.startswith("importlib") and not name.startswith(("importlib.metadata", "importlib.resources"))
    }
    wrong = sorted(users - LOADS_BY_NAME)
    assert not wrong, f"importlib in {wrong}: import what is needed at the top of the file"


def test_the_start_of_the_server_loads_no_sdk() -> None:
    trees = {source.name: source.tree for source in sources("src")}
    seen: set[str] = set()
    todo = ["omni2.cli.serve"]
    wrong: list[str] = []
    while todo:
        module = todo.pop()
        file = next((name for name in _files_of(module) if name in trees), None)
        if file is None or file in seen:
            continue
        seen.add(file)
        for node in trees[file].body:  # what stands under `if TYPE_CHECKING` is not loaded
            for _, name in imported(node) if isinstance(node, ast.Import | ast.ImportFrom) else ():
                todo += [name, name.rpartition(".")[0]]
                if _top(name) in LATER:
                    wrong.append(f"{file} imports {name}: move what does not need it out of the way")
    assert len(seen) > 100
    assert wrong == []


def _files_of(module: str) -> tuple[str, str]:
    """Return the files that a module may be."""
    path = "src/" + module.replace(".", "/")
    return f"{path}.py", f"{path}/__init__.py"


def test_fastapi_is_known_at_the_edges_only() -> None:
    wrong = [
        f"{source.at(node)}: only routes, deps, auth and app know FastAPI"
        for source in sources("src")
        if not _matches(source, FASTAPI_ALLOWED)
        for node, name in imported(source.tree)
        if _top(name) == "fastapi"
    ]
    assert not wrong, "\n".join(wrong)


def test_edges_hold_no_sql() -> None:
    wrong = [
        f"{source.at(node)}: {name} at an edge; put the statement into service or queries"
        for source in sources("src")
        if _matches(source, NO_SQL)
        for node, name in imported(source.tree)
        if _top(name) in {"sqlalchemy", "alembic", "aiosqlite", "asyncpg", "sqlite3"}
    ]
    assert not wrong, "\n".join(wrong)


def _tables() -> dict[str, set[str]]:
    """Return the names of the table classes of each package."""
    found: dict[str, set[str]] = {}
    for source in sources("src"):
        for node in ast.walk(source.tree):
            if isinstance(node, ast.ClassDef) and "__tablename__" in ast.unparse(node):
                found.setdefault(source.name.split("/")[2], set()).add(node.name)
    return found


def test_a_table_is_touched_by_its_own_package_and_by_the_read_side() -> None:
    tables = _tables()
    wrong: list[str] = []
    for source in sources("src"):
        package = source.name.split("/")[2]
        for node, name in imported(source.tree):
            parts = name.split(".")
            if parts[0] != "omni2" or len(parts) < 3 or parts[1] in {package, "kernel"}:
                continue
            touched = parts[-1] in tables.get(parts[1], set())
            if touched and package not in READS_EVERY_TABLE and (package, parts[1]) not in SHARES:
                wrong.append(f"{source.at(node)}: {parts[-1]} belongs to {parts[1]}; call its functions")
    assert not wrong, "\n".join(wrong)
