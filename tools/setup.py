"""Prepares what a target needs, on a fresh machine too, and does nothing when nothing changed.

`python tools/setup.py run` prepares to serve, `tools` to develop, `all` both. Standard library only.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
CACHE = ROOT / ".cache"
WEB = ROOT / "web"
CONFORMANCE = ROOT / "tools" / "conformance"
CLIENTS = ROOT / "tools" / "clients"
OLDER = CACHE / "older"
STATIC = ROOT / "src" / "omni2" / "app" / "static"
LOCKS = {"run": ROOT / "requirements.lock", "dev": ROOT / "requirements-dev.lock"}
OLDER_LOCK = ROOT / "requirements-older.lock"
KINDS = ("run", "tools", "all")
OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 20
UV = "uv>=0.9,<1"
STEPS = 4


class SetupFailed(Exception):
    """What went wrong, in one line, with the way out; `output` is what the failed program said."""

    def __init__(self, reason: str, output: str = "") -> None:
        super().__init__(reason)
        self.output = output


def main(arguments: list[str]) -> int:
    """Prepare for one of `KINDS`; return the exit code."""
    kind = arguments[0] if arguments else "all"
    if kind not in KINDS:
        print(f"usage: setup.py [{'|'.join(KINDS)}]", file=sys.stderr)
        return 2
    try:
        use_new_enough_python(arguments)
        with only_one():
            make_environment()
            install_python_packages("run" if kind == "run" else "dev")
            link_project()
            if kind != "run":
                install_node_packages()
                install_for_tests(CONFORMANCE, "Conformance suite")
                install_for_tests(CLIENTS, "MCP clients and servers")
                install_older_servers()
            if kind != "tools":
                build_interface()
    except SetupFailed as failure:
        if failure.output:
            print(failure.output, file=sys.stderr)
        print(f"setup: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nsetup: interrupted; the next run continues.", file=sys.stderr)
        return 130
    return 0


def use_new_enough_python(arguments: Sequence[str]) -> None:
    """Go on in a newer interpreter when this one is too old; raise `SetupFailed` when there is none."""
    if sys.version_info[:2] >= OLDEST_PYTHON:
        return
    for minor in range(14, OLDEST_PYTHON[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found:
            os.execv(found, [found, __file__, *arguments])  # noqa: S606
    raise SetupFailed(
        f"Python {OLDEST_PYTHON[0]}.{OLDEST_PYTHON[1]} or newer is needed, this is {sys.version.split()[0]}. "
        "Install one, or name it: make PYTHON=/path/to/python3.11 ..."
    )


@contextmanager
def only_one() -> Iterator[None]:
    """Let one setup run at a time; a second one says so and waits."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "setup.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            print("Another make prepares this directory; waiting for it to finish ...", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def step(number: int, name: str) -> Iterator[None]:
    """Show that a step runs, and how long it took."""
    print(f"[{number}/{STEPS}] {name} ... ", end="", flush=True)
    began = time.monotonic()
    try:
        yield
    except BaseException:
        print("failed", flush=True)
        raise
    print(f"{time.monotonic() - began:.0f} s", flush=True)


def make_environment() -> None:
    """Create `.venv`, anew when its interpreter is gone or the directory was moved."""
    stamp = VENV / ".home"
    if PYTHON.exists() and (not stamp.exists() or stamp.read_text() == str(VENV)):
        return
    with step(1, "Python environment"):
        make_venv(VENV)
        stamp.write_text(str(VENV))


def make_venv(home: Path) -> None:
    """Create an environment without packages, in the place of what was there."""
    shutil.rmtree(home, ignore_errors=True)
    run([sys.executable, "-m", "venv", "--without-pip", home], "The virtual environment cannot be made.")


def install_python_packages(kind: str) -> None:
    """Install exactly what the lock names, checked by hash."""
    stamp = VENV / ".synced"
    wanted = {name: digest([lock]) for name, lock in LOCKS.items()}
    synced = read_json(stamp)
    if synced.get(kind) == wanted[kind]:
        return
    with step(2, "Python packages"):
        stamp.unlink(missing_ok=True)
        sync(LOCKS[kind])
        stamp.write_text(json.dumps(wanted if kind == "dev" else {"run": wanted["run"]}))


def sync(lock: Path, python: Path = PYTHON) -> None:
    """Bring an environment to the lock: from uv's cache, else from the network, else with pip."""
    reason = (
        "The Python packages could not be installed. Without a network they must have been installed "
        "before, or UV_FIND_LINKS and PIP_FIND_LINKS must name a directory that holds them."
    )
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--retries", "1"]
    ways: list[list[str | Path]] = [[*pip, "--require-hashes", "-r", lock]]
    said: list[str] = []
    try:
        uv = [find_uv(), "pip", "sync", "--quiet", "--python", python, "--compile-bytecode"]
        uv += ["--require-hashes", lock]
        ways = [[*uv, "--offline"], uv, *ways]
    except SetupFailed as failure:
        said.append(failure.output)
    for way in ways:
        try:
            return run(way, reason)
        except SetupFailed as failure:
            said.append(failure.output)
    raise SetupFailed(reason, "\n".join(said[-2:]))


def find_uv() -> Path:
    """Return uv, which pip puts into `.cache`, where it outlives the environment."""
    home = CACHE / "uv"
    on_path = shutil.which("uv")
    for found in (home / "bin" / "uv", VENV / "bin" / "uv", *([Path(on_path)] if on_path else [])):
        if found.exists():
            return found
    if subprocess.run(
        [sys.executable, "-m", "pip", "--version"], capture_output=True, check=False
    ).returncode:
        raise SetupFailed("pip is missing. Install it, for example: apt-get install -y python3-pip")
    run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--retries", "1", "--target", home, UV],
        "uv could not be installed.",
    )
    return home / "bin" / "uv"


def link_project() -> None:
    """Let the environment import `src` in place, and offer the command `omni2`."""
    for site in (VENV / "lib").glob("python3*/site-packages"):
        write_if_new(site / "omni2-in-place.pth", f"{ROOT / 'src'}\n")
    script = VENV / "bin" / "omni2"
    write_if_new(script, f"#!{PYTHON}\nfrom omni2.cli.main import main\n\nmain()\n")
    script.chmod(0o755)
    compiled = [PYTHON, "-m", "compileall", "-q", ROOT / "src"]
    run(compiled, "The sources do not compile.")  # also where Python is told to write no bytecode of its own


def install_node_packages() -> None:
    """Install exactly what `package-lock.json` names."""
    if node_packages_match():
        return
    npm = find_npm()
    with step(3, "Node packages"):
        reason = "The Node packages could not be installed; without a network they must be in npm's cache."
        run([npm, "ci", "--prefer-offline", "--no-audit", "--no-fund"], reason, cwd=WEB)


def install_for_tests(folder: Path, name: str) -> None:
    """Install Node packages that only tests need, which fail and say so where these are missing."""
    if node_packages_match(folder):
        return
    with as_said(name), step(3, name):
        words = ["ci", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts"]
        run([find_npm(), *words], "npm did not install it.", cwd=folder)


def install_older_servers() -> None:
    """Install the MCP servers that need an older SDK than ours, in an environment of their own."""
    stamp = OLDER / ".synced"
    wanted = {"lock": digest([OLDER_LOCK]), "home": str(OLDER)}
    if read_json(stamp) == wanted:
        return
    with as_said("Older MCP servers"), step(2, "Older MCP servers"):
        make_venv(OLDER)
        sync(OLDER_LOCK, OLDER / "bin" / "python")
        stamp.write_text(json.dumps(wanted))


@contextmanager
def as_said(name: str) -> Iterator[None]:
    """Go on where something that only tests need cannot be had; say what that means."""
    try:
        yield
    except SetupFailed as failure:
        print(f"{failure.output}\n{name}: {failure} Its tests will fail.", file=sys.stderr, flush=True)


def build_interface() -> None:
    """Build the UI into the package when its sources changed; Node is needed for nothing else."""
    sources = digest(sorted(interface_sources()))
    stamp = CACHE / "interface"
    if (STATIC / "index.html").exists() and stamp.exists() and stamp.read_text() == sources:
        return
    install_node_packages()
    npm = find_npm()
    with step(4, "User interface"):
        run([npm, "run", "build"], "The user interface does not build.", cwd=WEB)
        publish_interface(WEB / "dist")
        CACHE.mkdir(exist_ok=True)
        stamp.write_text(sources)


def publish_interface(built: Path) -> None:
    """Put the built UI where the package serves it from, whole or not at all."""
    fresh = STATIC.with_name(".static-new")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(built, fresh)
    shutil.rmtree(STATIC, ignore_errors=True)
    fresh.rename(STATIC)


def interface_sources() -> Iterator[Path]:
    """Yield every file that the built UI depends on."""
    for top in sorted(WEB.iterdir()):
        if top.name in {"node_modules", "dist", ".gitignore"} or top.suffix == ".tsbuildinfo":
            continue
        for path in [top] if top.is_file() else top.rglob("*"):
            if path.is_file() and ".test." not in path.name:
                yield path


def node_packages_match(folder: Path = WEB) -> bool:
    """Whether `node_modules` holds what `package-lock.json` names; packages for other platforms may lack."""
    wanted: dict[str, Any] = read_json(folder / "package-lock.json").get("packages", {})
    found: dict[str, Any] = read_json(folder / "node_modules" / ".package-lock.json").get("packages", {})
    return bool(found) and all(
        package.get("version") == found[name].get("version")
        if name in found
        else package.get("optional") or not name
        for name, package in wanted.items()
    )


def find_npm() -> str:
    """Return npm; raise `SetupFailed` when Node is missing or too old."""
    way_out = (
        f"Install Node {OLDEST_NODE} or newer with npm (nodejs.org, or your package manager), then try again."
    )
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        raise SetupFailed(f"{'npm' if node else 'Node'} is missing. {way_out}")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    major = re.match(r"v(\d+)", version)
    if not major or int(major[1]) < OLDEST_NODE:
        raise SetupFailed(f"Node is too old ({version or 'it does not run'}). {way_out}")
    return npm


def run(command: Sequence[str | Path], reason: str, *, cwd: Path = ROOT) -> None:
    """Run a program; raise `SetupFailed` with `reason` and the end of its output when it fails."""
    words = [str(word) for word in command]
    try:
        plain = {**os.environ, "NO_COLOR": "1"}
        done = subprocess.run(words, cwd=cwd, env=plain, capture_output=True, text=True, check=False)
    except OSError as error:
        raise SetupFailed(f"{reason} ({error})") from error
    if done.returncode:
        lines = (done.stdout + done.stderr).strip().splitlines()
        said = [line for line in lines if not line.startswith(("WARNING", "npm warn"))]
        raise SetupFailed(reason, "\n".join(said[-20:]))


def digest(paths: Sequence[Path]) -> str:
    """Return a digest of the names and contents of files, and of the interpreter's version."""
    total = hashlib.sha256(repr(sys.version_info[:2]).encode())
    for path in paths:
        total.update(f"{path.relative_to(ROOT)}\0".encode())
        total.update(path.read_bytes() if path.exists() else b"")
    return total.hexdigest()


def read_json(path: Path) -> dict[str, Any]:
    """Return a JSON object from a file, empty when there is none."""
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return {}


def write_if_new(path: Path, text: str) -> None:
    """Write a file unless it holds `text` already."""
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
