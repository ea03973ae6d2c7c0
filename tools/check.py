"""Everything that must hold before a change is done: `test`, and of that `lint`; `fmt` and `types` mend."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"
SCHEMA = WEB / "src" / "api" / "schema.d.ts"
REPORT = ROOT / ".cache" / "checks.json"
TESTS_LIMIT_S = 3_600
SUMMARY_S = 120
WORKERS = "3"  # on two cores: tests wait as much as they work
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ENVIRONMENT = {**os.environ, "NO_COLOR": "1", "PYTHONPATH": str(ROOT / "src")}


@dataclass(frozen=True, slots=True)
class Check:
    """One program that must end with 0, and how to mend what it finds."""

    name: str
    command: tuple[str, ...]
    mend: str
    folder: Path = ROOT


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a check; `output` is what to read when it failed."""

    name: str
    passed: bool
    output: str
    mend: str


def python(name: str, *words: str, mend: str = "mend what it says") -> Check:
    """Return a check that is a Python module of the environment."""
    return Check(name, (sys.executable, "-m", *words), mend)


def script(name: str, word: str, mend: str = "mend what it says") -> Check:
    """Return a check that is a script of the UI's package.json."""
    return Check(name, (shutil.which("npm") or "npm", "run", "--silent", word), mend, WEB)


LINT = (
    python("types (basedpyright)", "basedpyright"),
    python("ruff", "ruff", "check", ".", mend="make fmt, then mend the rest"),
    python("format (ruff)", "ruff", "format", "--check", ".", mend="make fmt"),
    Check(
        "imports (import-linter)",
        (sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"),
        "move the import, or what it needs, down a layer",
    ),
    script("ui types (tsc)", "typecheck"),
    script("ui lint (biome)", "lint", "make fmt, then mend the rest"),
    script("ui imports (dependency-cruiser)", "deps"),
)
TEST = (
    script("ui tests (vitest)", "test"),
    Check(
        "ui build",
        (sys.executable, "-c", "import setup; setup.build_interface()"),
        "make setup, and mend what it says",
        ROOT / "tools",
    ),
    Check("api types in step", (sys.executable, __file__, "types-in-step"), "make types"),
)


def main(arguments: list[str]) -> int:
    """Run one command; return the exit code."""
    match arguments:
        case ["lint"]:
            return 0 if all(result.passed for result in run_all(LINT)) else 1
        case ["test", *rest]:
            return test(rest)
        case ["fmt"]:
            return fmt()
        case ["types"]:
            SCHEMA.write_text(make_schema())
            return 0
        case ["types-in-step"]:
            return types_in_step()
        case _:
            print("usage: check.py test|lint|fmt|types", file=sys.stderr)
            return 2


def test(arguments: list[str]) -> int:
    """Run the checks, then pytest, in whose summary (the last lines) each check is one test."""
    results = run_all((*LINT, *TEST))
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps([asdict(result) for result in results]))
    chromium = find_chromium()
    environment = {**ENVIRONMENT, "OMNI2_CHECKS": str(REPORT)}
    if chromium:
        environment["OMNI2_CHROMIUM"] = chromium
    words = [sys.executable, "-m", "pytest", "-q", "-n", WORKERS, *arguments]
    return bounded(subprocess.Popen(words, cwd=ROOT, env=environment))


def bounded(tests: "subprocess.Popen[bytes]") -> int:
    """Return the code of the tests' run; one that does not end is told to sum up, then ended."""
    for limit, signal_sent in ((TESTS_LIMIT_S, signal.SIGINT), (SUMMARY_S, signal.SIGKILL)):
        try:
            return tests.wait(limit)
        except subprocess.TimeoutExpired:
            print(f"FAILED: the tests did not end within {limit // 60} minutes", flush=True)
            tests.send_signal(signal_sent)
    return tests.wait() or 1


def run_all(checks: tuple[Check, ...]) -> list[Result]:
    """Run checks two at a time, and say of each at once what came of it."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(run, checks))


def run(check: Check) -> Result:
    """Run one check and report it."""
    began = time.monotonic()
    try:
        done = subprocess.run(
            check.command, cwd=check.folder, env=ENVIRONMENT, capture_output=True, text=True, check=False
        )
        passed, output = done.returncode == 0, (done.stdout + done.stderr).strip()
    except OSError as error:
        passed, output = False, str(error)
    seconds = time.monotonic() - began
    print(f"{'ok    ' if passed else 'FAILED'} {check.name} ({seconds:.0f} s)", flush=True)
    if not passed:
        print(f"{output[-8_000:]}\n       to mend: {check.mend}", flush=True)
    return Result(check.name, passed, output[-8_000:], check.mend)


def fmt() -> int:
    """Format both languages and mend what can be mended by a tool."""
    commands = (
        python("", "ruff", "check", "--fix", "--quiet", "."),
        python("", "ruff", "format", "."),
        script("", "fmt"),
    )
    codes = [
        subprocess.run(c.command, cwd=c.folder, env=ENVIRONMENT, check=False).returncode for c in commands
    ]
    return max(codes)


def make_schema() -> str:
    """Return the UI's types of the API, generated from the server's OpenAPI document."""
    with tempfile.TemporaryDirectory() as folder:
        document, types = Path(folder) / "openapi.json", Path(folder) / "schema.d.ts"
        words = [sys.executable, "-m", "omni2", "openapi"]
        made = subprocess.run(words, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False)
        if made.returncode:
            raise SystemExit(f"omni2 openapi failed:\n{made.stderr[-4_000:]}")
        document.write_text(made.stdout)
        tool = WEB / "node_modules" / ".bin" / "openapi-typescript"
        made = subprocess.run(
            [tool, document, "-o", types],
            cwd=WEB,
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            raise SystemExit(f"openapi-typescript failed:\n{made.stderr[-4_000:]}")
        return types.read_text()


def types_in_step() -> int:
    """Whether the committed types are those of the server as it is."""
    if SCHEMA.exists() and SCHEMA.read_text() == make_schema():
        return 0
    print(f"{SCHEMA.relative_to(ROOT)} is not what `omni2 openapi` gives now. Run: make types")
    return 1


def find_chromium() -> str | None:
    """Return Chromium, installed through apt-get where that is possible, or None."""
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found or os.geteuid() != 0 or not shutil.which("apt-get"):
        return found
    print("Chromium is missing; installing it with apt-get ...", flush=True)
    for words in (["apt-get", "update", "-q"], ["apt-get", "install", "-y", "-q", "chromium"]):
        subprocess.run(words, capture_output=True, check=False)
    return shutil.which("chromium")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
