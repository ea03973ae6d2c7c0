"""Runs the MCP conformance suite and reads what it found."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from tests.support.source import ROOT

HOME = ROOT / "tools" / "conformance"
PROGRAM = HOME / "node_modules" / "@modelcontextprotocol" / "conformance" / "dist" / "index.js"
OLDEST_NODE = 22
LIMIT_S = 300
CLIENT_LIMIT_MS = 60_000
NOT_SCORED = ("extension", "pending", "added-after-release")

# Scenarios that are passed by giving up.
MAY_END = frozenset(
    {
        "auth/iss-normalized",
        "auth/iss-supported-missing",
        "auth/iss-unexpected",
        "auth/iss-wrong-issuer",
        "auth/metadata-issuer-mismatch",
        "auth/resource-mismatch",
        "auth/scope-retry-limit",
        "http-invalid-tool-headers",
    }
)

Role = Literal["server", "client", "authorization"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one scenario at one revision; `note` says why it failed, or why it does not count."""

    role: Role
    scenario: str
    revision: str
    passed: bool
    note: str = ""


class SuiteMissing(Exception):
    """The suite is not installed, or no Node runs it; the words say what to do."""


def node() -> str:
    """Return a Node that is new enough. Raises `SuiteMissing`."""
    if not PROGRAM.exists():
        raise SuiteMissing("The conformance suite is not installed. Run: make setup")
    own = next(HOME.glob("node_modules/node-*/bin/node"), None)
    if own is not None:
        return str(own)
    found = shutil.which("node")
    if found is not None:
        said = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout
        if int(said.strip().lstrip("v").partition(".")[0] or 0) >= OLDEST_NODE:
            return found
    raise SuiteMissing(f"The conformance suite needs Node {OLDEST_NODE} or newer. Run: make setup")


def run_server(url: str, revision: str, out: Path) -> list[Verdict]:
    """Run what a revision requires of a server against `url`."""
    said = run(["server", "--url", url, "--requirements", revision, "-o", str(out)])
    return list(_verdicts("server", revision, said, out))


def run_client(command: str, revision: str, out: Path) -> list[Verdict]:
    """Run what a revision requires of a client, which `command` starts for each scenario, all at once."""
    words = ["client", "--command", command, "--requirements", revision, "--timeout", str(CLIENT_LIMIT_MS)]
    said = run([*words, "-o", str(out)])
    return [_of_client(one, out) for one in _verdicts("client", revision, said, out)]


def run(words: Sequence[str]) -> str:
    """Run the suite; return what it said."""
    command = [node(), str(PROGRAM), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LIMIT_S, cwd=HOME)
    return done.stdout + done.stderr


def _verdicts(role: Role, revision: str, said: str, out: Path) -> Iterator[Verdict]:
    summary, _, unscored = said.rpartition("SUMMARY ===")[2].partition("Not scored for")
    reasons = dict(re.findall(r"^\s+\S (\S+) \(([\w-]+)\)$", unscored, re.MULTILINE))
    for mark, scenario in re.findall(r"^(\S) (\S+): \d+ passed, \d+ failed", summary, re.MULTILINE):
        passed = mark == "\u2713"
        why = "; ".join([*([reasons[scenario]] if scenario in reasons else []), *_faults(out, scenario)])
        yield Verdict(role, scenario, revision, passed, why if not passed else reasons.get(scenario, ""))


def _of_client(found: Verdict, out: Path) -> Verdict:
    """Return the verdict on a client: what it ought to do is noted, what it must do decides.

    The suite also lets those pass who did nothing, and those who failed behind the last thing that it checks.
    """
    statuses = [check["status"] for check in _checks(out, found.scenario)]
    ended = any(_ended_badly(path) for path in _places(out, found.scenario))
    reason = found.note.split("; ")[0] if found.note.split("; ")[0] in NOT_SCORED else ""
    faults = [*_faults(out, found.scenario)]
    if not statuses:
        faults.append("nothing was checked")
    elif ended and found.scenario not in MAY_END:
        faults.append("the client ended with an error")
    ought = [f"should: {words}" for words in _faults(out, found.scenario, "WARNING")]
    passed = not faults and "SUCCESS" in statuses
    return replace(found, passed=passed, note="; ".join(filter(None, [reason, *faults, *ought])))


def _ended_badly(place: Path) -> bool:
    return (place / "stdout.txt").read_text().startswith("Traceback")


def _faults(out: Path, scenario: str, status: str = "FAILURE") -> Iterator[str]:
    for check in _checks(out, scenario):
        if check["status"] == status:
            yield f"{check['id']}: {check.get('errorMessage') or check.get('description', '')}"


def _checks(out: Path, scenario: str) -> Iterator[dict[str, Any]]:
    for place in _places(out, scenario):
        yield from json.loads((place / "checks.json").read_text())


def _places(out: Path, scenario: str) -> Iterator[Path]:
    for path in out.glob(f"**/*{Path(scenario).name}-20*T*/checks.json"):
        name = re.sub(r"-20\d\d-\d\d-\d\dT.*", "", path.parent.relative_to(out).as_posix())
        if name in {scenario, f"server-{scenario}"}:
            yield path.parent
