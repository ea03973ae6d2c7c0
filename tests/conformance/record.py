"""`docs/conformance.md`: written by a run of the suite, read by the test that nothing is lost again.

`python -m tests.conformance.record` runs everything and writes it.
"""

import re
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.conformance.desk import SLUGS
from tests.conformance.house import House, serving_house
from tests.conformance.suite import NOT_SCORED, Role, Verdict, run_client, run_server
from tests.support.source import ROOT

DOCUMENT = ROOT / "docs" / "conformance.md"
REVISIONS = ("2025-11-25", "2026-07-28")
MAX_NOTE_CHARS = 160

_ROW = re.compile(r"^\| (?P<role>\w+) \| (?P<scenario>\S+) \| (?P<revision>\S+) \| (?P<result>\w+) \|")
_HEAD = f"""# Conformance

What the suite of the Model Context Protocol (`@modelcontextprotocol/conformance`, the version that
`tools/conformance/package.json` names) says of omni2. This page is written by `make conformance`, never by
hand; `make test` fails when a scenario that passed here does not pass any more.

As a server omni2 is asked at `/mcp/{{server}}`, once with a server behind it that has sessions and once with
one that has none ({", ".join(SLUGS.values())}); both have what the scenarios call by name. As a client it is
the pool that calls servers; where the server wants a sign-in (`auth/...`), it is the whole of omni2 with a
browser that follows where it is sent. Scenarios of the kind *extension* are optional by the protocol's own
word; *pending* and *added-after-release* do not count towards a revision.

"""


def run_all() -> list[Verdict]:
    """Run every scenario that there is for us."""
    with tempfile.TemporaryDirectory() as folder, serving_house(Path(folder)) as house:
        return [*run_servers(house, Path(folder)), *run_clients(house, Path(folder))]


def run_servers(house: House, place: Path) -> list[Verdict]:
    """Run the scenarios for servers against omni2, all revisions at once."""

    def of(revision: str) -> list[Verdict]:
        return run_server(house.urls[revision], revision, place / f"out-{revision}")

    with ThreadPoolExecutor() as threads:
        return [one for found in threads.map(of, REVISIONS) for one in found]


def run_clients(house: House, place: Path) -> list[Verdict]:
    """Run the scenarios for clients against the pool, or where people sign in, against omni2."""

    def of(revision: str) -> list[Verdict]:
        return run_client(house.client, revision, place / f"client-{revision}")

    with ThreadPoolExecutor() as threads:
        return [one for found in threads.map(of, REVISIONS) for one in found]


def write(verdicts: Iterable[Verdict]) -> None:
    """Write the document."""
    found = {(one.role, one.revision, one.scenario): one for one in verdicts}
    kept = [found[key] for key in sorted(found)]
    rows = [
        f"| {one.role} | {one.scenario} | {one.revision} | {'passed' if one.passed else 'failed'} "
        f"| {_cell(one.note)} |"
        for one in kept
    ]
    table = ["| role | scenario | revision | result | why |", "|---|---|---|---|---|", *rows]
    DOCUMENT.write_text(f"{_HEAD}{_sums(kept)}\n\n" + "\n".join(table) + "\n")


def passed_before() -> set[tuple[Role, str, str]]:
    """Return (role, scenario, revision) of everything that passed when the document was written."""
    rows = (_ROW.match(line) for line in DOCUMENT.read_text().splitlines())
    return {
        ("server" if row["role"] == "server" else "client", row["scenario"], row["revision"])
        for row in rows
        if row is not None and row["result"] == "passed"
    }


def _sums(verdicts: list[Verdict]) -> str:
    lines: list[str] = []
    for role, revision in sorted({(one.role, one.revision) for one in verdicts}):
        those = [one for one in verdicts if (one.role, one.revision) == (role, revision)]
        counted = [one for one in those if not one.note.startswith(NOT_SCORED)]
        beside = [one for one in those if one.note.startswith(NOT_SCORED)]
        words = f"- {role}, {revision}: {_share(counted)} of what the revision requires"
        lines.append(f"{words}, {_share(beside)} of what does not count" if beside else words)
    return "\n".join(lines)


def _share(verdicts: list[Verdict]) -> str:
    return f"{sum(one.passed for one in verdicts)} of {len(verdicts)}"


def _cell(note: str) -> str:
    line = re.sub(r"http://(?:127\.0\.0\.1|localhost):\d+", "<server>", " ".join(note.split()))
    line = line.replace("|", "/")
    return line if len(line) <= MAX_NOTE_CHARS else f"{line[:MAX_NOTE_CHARS]}..."


if __name__ == "__main__":
    write(run_all())
