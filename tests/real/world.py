"""omni2 as a person starts it, with real MCP servers behind it, added as an admin adds them."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

from tests.real.programs import BIN, everything, newest, old, older, ours, package, serving
from tests.support.product import Product
from tests.support.source import ROOT

EMAIL, PASSWORD = "ann@example.com", "a-Long-enough-1!"
STDIO = ("node", "mcp-server-time", "mcp-server-git", "mcp-server-fetch")
FLOWS = 50


@dataclass(frozen=True)
class World:
    """What a test holds on to. `page` is a URL to fetch; `folder` has files and a repository.

    `shell` runs a command of omni2: its words, what is `given` to it, variables of the environment.
    """

    product: Product
    token: str
    folder: Path
    page: str
    shell: Callable[..., str]

    def url(self, slug: str = "") -> str:
        """Return the endpoint, of all servers or of one."""
        return f"{self.product.origin}/mcp{'/' + slug if slug else ''}"

    @property
    def headers(self) -> dict[str, str]:
        """What shows who asks."""
        return {"Authorization": f"Bearer {self.token}"}

    def servers(self) -> dict[str, dict[str, Any]]:
        """Return what the list of servers shows, by slug."""
        return {item["slug"]: item for item in self._get("/api/servers")}

    def flows(self, title: str) -> list[str]:
        """Return how the latest flows of one title ended, the latest first."""
        return [item["status"] for item in self._get(f"/api/flows?limit={FLOWS}") if item["title"] == title]

    def add(self, slug: str, **given: Any) -> None:
        """Add a server for everybody, as the page does."""
        body = {"slug": slug, "title": slug.title(), "grant": "everyone", **given}
        added = httpx.post(f"{self.product.origin}/api/servers", json=body, headers=self.headers, timeout=60)
        assert added.status_code == 201, added.text

    @contextmanager
    def browser(self) -> Iterator[httpx.Client]:
        """Open a browser in which Ann has signed in."""
        own = {"X-Omni2": "1", "Origin": self.product.origin}
        with httpx.Client(base_url=self.product.origin, headers=own, timeout=20) as browser:
            signed_in = browser.post("/api/auth/login", json={"email": EMAIL, "password": PASSWORD})
            assert signed_in.status_code == 200, signed_in.text
            yield browser

    def _get(self, path: str) -> list[dict[str, Any]]:
        answer = httpx.get(f"{self.product.origin}{path}", headers=self.headers, timeout=20)
        assert answer.status_code == 200, answer.text
        return answer.json()["items"]


@contextmanager
def open_world(place: Path) -> Iterator[World]:
    """Start everything once; two servers come by the command line, the others as the page adds them."""
    with ExitStack() as stack:
        ports = {
            "http": stack.enter_context(serving(lambda _: everything("streamableHttp"), place / "http.log")),
            "sse": stack.enter_context(serving(lambda _: everything("sse"), place / "sse.log")),
            "newest": stack.enter_context(serving(lambda port: newest(str(port)), place / "newest.log")),
        }
        for name, transport in (("old-http", "streamable-http"), ("old-sse", "sse")):
            command = partial(_old_at, transport)
            ports[name] = stack.enter_context(serving(command, place / f"{name}.log"))
        page = stack.enter_context(_serving_page())
        commands = ",".join((*STDIO, older("mcp-server-sqlite"), older("mcp-server-calculator")))
        settings = {"OMNI2_DEMO": "false", "OMNI2_STDIO_ENABLED": "true", "OMNI2_STDIO_COMMANDS": commands}
        settings["OMNI2_OAUTH_REGISTRATION"] = "true"
        settings["PATH"] = f"{BIN}{os.pathsep}{os.environ['PATH']}"
        product = Product(place / "data", environment=settings)
        stack.callback(product.stop)
        product.start()
        shell = partial(run_command, product.data, settings)
        shell("admin", "create", EMAIL, "--password-stdin", given=PASSWORD)
        token = shell("token", "create", "--user", EMAIL, "--scopes", "mcp,api").strip()
        world = World(product, token, _folder(place), page, shell)
        _add_servers(world, ports)
        yield world


def _old_at(transport: str, port: int) -> list[str]:
    return old(transport, str(port))


def _add_servers(world: World, ports: Mapping[str, int]) -> None:
    files = package("@modelcontextprotocol/server-filesystem/dist/index.js")
    memory = package("@modelcontextprotocol/server-memory/dist/index.js")
    kept = [{"name": "MEMORY_FILE_PATH", "value": str(world.folder / "memory.jsonl")}]
    old = ("--url", f"http://127.0.0.1:{ports['sse']}/sse", "--transport", "sse", "--grant", "everyone")
    database = str(world.folder / "sales.db")
    run, remote = partial(world.add, transport="stdio"), partial(world.add, transport="http")
    local: dict[str, list[str]] = {
        "everything": everything("stdio"),
        "newest": newest(),
        "files": ["node", files, str(world.folder)],
        "clock": [Path(ours("mcp-server-time")).name],
        "git": [Path(ours("mcp-server-git")).name, "--repository", str(world.folder / "repository")],
        "fetch": [Path(ours("mcp-server-fetch")).name, "--allow-private-ips"],
        "sqlite": [older("mcp-server-sqlite"), "--db-path", database],
        "calculator": [older("mcp-server-calculator")],
    }
    with ThreadPoolExecutor(4) as pool:
        adding = [pool.submit(run, slug, command=words) for slug, words in local.items()]
        adding += [
            pool.submit(run, "everything-own", command=everything("stdio"), isolation="per_user"),
            pool.submit(run, "memory", command=["node", memory], env=kept),
            pool.submit(remote, "everything-http", url=f"http://127.0.0.1:{ports['http']}/mcp"),
            pool.submit(remote, "old-http", url=f"http://127.0.0.1:{ports['old-http']}/mcp"),
            pool.submit(
                world.add, "old-sse", transport="sse", url=f"http://127.0.0.1:{ports['old-sse']}/sse"
            ),
            pool.submit(remote, "newest-http", url=f"http://127.0.0.1:{ports['newest']}/mcp"),
            pool.submit(world.shell, *("server", "add", "everything-sse", *old)),
        ]
        for one in adding:
            one.result()


def run_command(data: Path, settings: Mapping[str, str], *words: str, given: str = "", **more: str) -> str:
    """Run one command of omni2 with these settings; return what it printed. Raises `CalledProcessError`."""
    command = [sys.executable, "-m", "omni2", *words]
    paths = {"PYTHONPATH": str(ROOT / "src"), "OMNI2_DATA": str(data)}
    done = subprocess.run(
        command, env={**settings, **paths, **more}, input=given, capture_output=True, text=True, check=True
    )
    return done.stdout


def _folder(place: Path) -> Path:
    """Make a folder with a file and a repository of one commit."""
    folder = place / "folder"
    repository = folder / "repository"
    repository.mkdir(parents=True)
    (folder / "note.txt").write_text("The key is under the mat.\n")
    (repository / "one.txt").write_text("one\n")
    who = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com")
    for words in (("init", "-q"), ("add", "."), (*who, "commit", "-q", "-m", "Begin with one")):
        subprocess.run(["git", *words], cwd=repository, check=True)
    return folder


@contextmanager
def _serving_page() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/page"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Page(BaseHTTPRequestHandler):
    """One page; robots may go everywhere."""

    def do_GET(self) -> None:
        """Answer."""
        known = self.path == "/page"
        words = "<html><body><h1>Tide table</h1><p>High water at noon.</p></body></html>" if known else ""
        self.send_response(200 if known else 404)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(words.encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Be silent."""
