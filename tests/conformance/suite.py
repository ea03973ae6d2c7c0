"""Runs the MCP conformance suite and reads what it found."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tests.support.source import ROOT

HOME = ROOT / "tools" / "conformance"
PROGRAM = HOME / "node_modules" / "@modelcontextprotocol" / "conformance" / "dist" / "index.js"
OLDEST_NODE = 22
LIMIT_S = 300

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


def run_client(command: str, scenario: str, revision: str, out: Path) -> Verdict:
    """Run one scenario against a client, which `command` starts."""
    words = ["client", "--command", command, "--scenario", scenario, "--spec-version", revision]
    run([*words, "-o", str(out), "--timeout", "20000"])
    faults = list(_faults(out, scenario))
    found = any(True for _ in _checks(out, scenario))
    note = faults[0] if faults else "" if found else "nothing was checked"
    return Verdict("client", scenario, revision, found and not faults, note)


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


def _faults(out: Path, scenario: str) -> Iterator[str]:
    for check in _checks(out, scenario):
        if check["status"] == "FAILURE":
            yield f"{check['id']}: {check.get('errorMessage') or check.get('description', '')}"


def _checks(out: Path, scenario: str) -> Iterator[dict[str, Any]]:
    for path in out.glob(f"**/*{Path(scenario).name}-20*T*/checks.json"):
        name = re.sub(r"-20\d\d-\d\d-\d\dT.*", "", path.parent.relative_to(out).as_posix())
        if name in {scenario, f"server-{scenario}"}:
            yield from json.loads(path.read_text())
