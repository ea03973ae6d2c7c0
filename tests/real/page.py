"""The page of the clients and servers that are tried, `docs/clients.md`, written from what the tests do.

`python -m tests.real.page` writes it; a test compares.
"""

import json
import re
from dataclasses import dataclass
from itertools import groupby

from tests.real.known import KNOWN, Known
from tests.real.programs import CLIENTS
from tests.support.source import ROOT

DOCUMENT = ROOT / "docs" / "clients.md"
PYTHON_LOCKS = ("requirements-dev.lock", "requirements-older.lock")
FEATURES = (
    *("lists", "calls", "prompts", "resources", "completion"),
    *("sampling", "elicitation", "progress", "cancelled", "subscribing", "OAuth"),
)
_CORE = frozenset(("lists", "calls", "prompts", "resources"))


@dataclass(frozen=True)
class Tried:
    """A client, the package that it is of, by which revisions, and what it does not try."""

    name: str
    package: str
    lock: str
    revisions: str
    without: frozenset[str] = frozenset()


def _over_stdio(package: str, lock: str, revisions: str) -> Tried:
    return Tried("the same over `omni2 mcp`", package, lock, revisions, frozenset({"OAuth"}))


CLIENTS_TRIED = (
    Tried("Python SDK, `Client`", "mcp", "requirements-dev.lock", "2026-07-28, 2025-11-25"),
    _over_stdio("mcp", "requirements-dev.lock", "2026-07-28, 2025-11-25"),
    Tried(
        "Python SDK before 2, `ClientSession`",
        "mcp",
        "requirements-older.lock",
        "2025-11-25",
        frozenset({"cancelled", "OAuth"}),
    ),
    Tried(
        "FastMCP, `Client`",
        "fastmcp-slim",
        "requirements-dev.lock",
        "2026-07-28, 2025-11-25",
        frozenset({"subscribing", "OAuth"}),
    ),
    Tried("TypeScript SDK before 2", "@modelcontextprotocol/sdk", "npm", "2025-11-25"),
    _over_stdio("@modelcontextprotocol/sdk", "npm", "2025-11-25"),
    Tried("TypeScript SDK", "@modelcontextprotocol/client", "npm", "2026-07-28"),
    _over_stdio("@modelcontextprotocol/client", "npm", "2026-07-28"),
    Tried(
        "Inspector, command line",
        "@modelcontextprotocol/inspector",
        "npm",
        "as it chooses",
        frozenset(FEATURES) - _CORE,
    ),
)

_HEAD = """# Clients and servers that are tried

`make test` starts omni2 and the servers below as processes of their own, adds the servers as an admin does,
and lets the clients work through it with an access token. `python -m tests.real.page` writes this page from
what those tests do; it says no more than they measure.

## Clients

Each client works at `/mcp`, where names have their server before them, and at `/mcp/{server}`; the SDKs also
with servers of the other revision than theirs. *Calls* get text, images and structured content; what is
*cancelled* is found so in the record; *OAuth* is signing in with registration and PKCE, and the renewal of a
worn-out token. What has no mark was not tried.

"""
_SERVERS = """
## Servers

*Listed*: how many tools. Tools are called, prompts got and resources read, as far as a server has some.
Servers of 2026-07-28 need no handshake. The last column is the transport that omni2 reaches them by.

"""
_END = """
`@modelcontextprotocol/server` and `mcp` are servers of our own on those SDKs (`newest.js` and
`older_server.py` in `tools/clients`); the first refuses the handshake. `simulate-research-query` of
server-everything works as a task only, which omni2 does not offer: it is listed, and a call says so. A server
that keeps what it knows of a client for a whole session, as server-everything keeps its roots, is tried with
a session for each person (`isolation: per_user`).
"""


def written() -> str:
    """Return the page."""
    head = "| client | version | revision | " + " | ".join(FEATURES) + " |"
    rows = [head, "|---" * (len(FEATURES) + 3) + "|"]
    for one in CLIENTS_TRIED:
        marks = ["" if feature in one.without else "yes" for feature in FEATURES]
        rows.append(
            "| " + " | ".join((one.name, version(one.package, one.lock), one.revisions, *marks)) + " |"
        )
    table = [
        "| server | version | revision | listed | prompts | resources | transports |",
        "|---|---|---|---|---|---|---|",
    ]
    ordered = sorted(KNOWN, key=lambda known: (known.package, known.tools, known.revision))
    for _, group in groupby(ordered, key=lambda known: known.package):
        table.append(_row(list(group)))
    return _HEAD + "\n".join(rows) + "\n" + _SERVERS + "\n".join(table) + "\n" + _END


def version(package: str, lock: str = "") -> str:
    """Return the version of a package that is installed; raise `LookupError` for one that is in no lock."""
    if package.startswith("@"):
        packages = json.loads((CLIENTS / "package-lock.json").read_text())["packages"]
        return str(packages[f"node_modules/{package}"]["version"])
    for name in (lock,) if lock else PYTHON_LOCKS:
        found = re.search(rf"^{re.escape(package)}==(\S+)", (ROOT / name).read_text(), re.MULTILINE)
        if found is not None:
            return found[1]
    raise LookupError(package)


def _row(group: list[Known]) -> str:
    first = group[0]
    cells = (
        f"`{first.package}`",
        version(first.package, first.lock),
        first.revision,
        str(first.tools),
        "yes" if first.prompts else "",
        "yes" if first.resources else "",
        ", ".join(sorted({one.transport for one in group})),
    )
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    DOCUMENT.write_text(written())
