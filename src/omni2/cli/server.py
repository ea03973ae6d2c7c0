"""`omni2 server`: MCP servers, from the command line."""

import os
from collections.abc import Iterable
from typing import Annotated, Literal

import typer

from omni2.access.grants import create_grant
from omni2.access.schemas import GrantCreate
from omni2.cli.context import DEFAULT_DATA, AsJson, Data, Office, read_password, require_user, run_in
from omni2.cli.hub import find_server_id, open_hub
from omni2.cli.output import fail, line, refusing
from omni2.cli.server_sign_in import Word, mode_of, words_of
from omni2.cli.server_sign_in import sign_in as sign_in_command
from omni2.hub.schemas import Pair, ProbeView, ServerCreate, ServerView
from omni2.hub.servers import create_server, delete_server, probe_server
from omni2.hub.views import list_servers
from omni2.kernel.errors import Problem, invalid
from omni2.kernel.journal import CONSOLE
from omni2.kernel.page import MAX_LIMIT, Page

app = typer.Typer(help="MCP servers.", no_args_is_help=True)
REST = {"allow_extra_args": True, "ignore_unknown_options": True}
Url = Annotated[str | None, typer.Option(help="Address of a server over HTTP.")]
Wire = Annotated[Literal["http", "sse"], typer.Option("--transport", help="What the address speaks.")]
Env = Annotated[
    list[str] | None, typer.Option("--env", help="NAME=VALUE for a program, or NAME to pass on its own.")
]
Command = Annotated[str | None, typer.Option(help="Program of a local server; its arguments follow.")]
Private = Annotated[
    bool, typer.Option("--private", help="It runs in your own network: allow its private address.")
]
Bearer = Annotated[bool, typer.Option("--bearer-stdin", help="Read a bearer token from standard input.")]


@app.command("add", context_settings=REST)
@refusing
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Short name: a-z, 0-9 and -.")],
    url: Url = None,
    command: Command = None,
    transport: Wire = "http",
    env: Env = None,
    bearer_stdin: Bearer = False,
    private: Private = False,
    sign_in: Annotated[Word, typer.Option(help="Who signs in to it, in a browser.")] = "none",
    grant: Annotated[list[str] | None, typer.Option(help="everyone, role:ROLE or user:EMAIL.")] = None,
    no_probe: Annotated[
        bool, typer.Option("--no-probe", help="Save it although it does not answer.")
    ] = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Ask a server for its tools, then save it; nobody may use it without a grant."""
    way = url, [command, *context.args] if command else []
    body = _body(name, way, transport, env or (), bearer_stdin=bearer_stdin)
    body = body.model_copy(update={"sign_in": mode_of(sign_in), "allow_private": private or None})
    view, where = run_in(data, lambda office: _add(office, body, grant or [], force=no_probe))
    reason = f" ({view.reason})" if view.reason else ""
    line(view.model_dump_json() if as_json else f"{view.slug}: {view.state}{reason}, {view.tool_count} tools")
    if where and not as_json:
        line(where)


@app.command("list")
@refusing
def list_command(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """List the servers with state and reason."""
    page = run_in(data, _list)
    if as_json:
        line(page.model_dump_json())
        return
    for view in page.items:
        line(f"{view.slug:<24} {view.state:<12} {view.tool_count:>4} tools  {view.reason or ''}".rstrip())


@app.command("probe", context_settings=REST)
@refusing
def probe(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A saved server's short name, or any with --url or --command.")],
    url: Url = None,
    command: Command = None,
    transport: Wire = "http",
    env: Env = None,
    bearer_stdin: Bearer = False,
    private: Private = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Ask a server for its tools, and say what it answered."""
    if url is None and command is None:
        view = run_in(data, lambda office: _refresh(office, name))
        well, words = view.state == "connected", f"{view.slug}: {view.state} {view.reason or ''}".rstrip()
        line(view.model_dump_json() if as_json else words)
    else:
        way = url, [command, *context.args] if command else []
        body = _body(name, way, transport, env or (), bearer_stdin=bearer_stdin)
        body = body.model_copy(update={"allow_private": private or None})
        found = run_in(data, lambda office: _probe(office, body))
        well, words = found.ok, f"{found.code}: {_with_way_out(found.detail or '')}"
        if found.ok:
            words = f"{found.server_name}, revision {found.revision}, {len(found.tools)} tools"
        line(found.model_dump_json() if as_json else words)
    if not well:
        fail("The server does not answer as an MCP server.")


app.command("sign-in")(sign_in_command)


@app.command("remove")
@refusing
def remove(name: str, data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Remove a server with its tools and grants."""
    run_in(data, lambda office: _remove(office, name))
    line('{"removed": true}' if as_json else f"Removed {name}.")


def _body(
    name: str,
    way: tuple[str | None, list[str]],
    transport: Literal["http", "sse"],
    env: Iterable[str],
    *,
    bearer_stdin: bool,
) -> ServerCreate:
    url, command = way
    if (url is None) == (not command):
        raise invalid("url", "Give either --url or --command.")
    return ServerCreate(
        slug=name,
        title=name,
        transport="stdio" if url is None else transport,
        url=url,
        command=command or None,
        env=[_variable(words) for words in env],
        bearer=read_password() if bearer_stdin else None,
    )


def _variable(words: str) -> Pair:
    """Return NAME=VALUE as a pair; NAME alone has its value of here, which no list of programs shows."""
    name, given, value = words.partition("=")
    found = value if given else os.environ.get(name)
    if found is None:
        raise invalid("env", f"The variable {name} has no value here. Give {name}=VALUE.")
    return Pair(name=name, value=found)


async def _add(
    office: Office, body: ServerCreate, grants: list[str], *, force: bool
) -> tuple[ServerView, str | None]:
    wanted = [await _grant(office, body.slug or "", words) for words in grants]
    async with open_hub(office) as hub:
        try:
            view = await create_server(hub, CONSOLE, body, force=force)
        except Problem as problem:
            raise Problem(problem.code, problem.status, _with_way_out(problem.detail)) from problem
    for grant in wanted:
        await create_grant(office.database, office.mirror, CONSOLE, grant)
    _, where = words_of(office, view.sign_in, view.server_id, view.slug)
    return view, where


def _with_way_out(detail: str) -> str:
    """Return the words of a refusal, with the option that allows what was refused."""
    return f"{detail} With --private it is." if "private address" in detail else detail


async def _grant(office: Office, slug: str, words: str) -> GrantCreate:
    kind, _, who = words.partition(":")
    match kind:
        case "everyone":
            return GrantCreate(subject="everyone", server=slug, allow=["*"])
        case "role":
            return GrantCreate.model_validate(
                {"subject": "role", "role": who, "server": slug, "allow": ["*"]}
            )
        case "user":
            async with office.database.read() as session:
                user = await require_user(session, who)
            return GrantCreate(subject="user", user_id=user.user_id, server=slug, allow=["*"])
        case _:
            raise invalid("grant", "A grant is everyone, role:ROLE or user:EMAIL.")


async def _list(office: Office) -> Page[ServerView]:
    async with open_hub(office) as hub, office.database.read() as session:
        return await list_servers(hub, session, limit=MAX_LIMIT, after=None)


async def _probe(office: Office, body: ServerCreate) -> ProbeView:
    async with open_hub(office) as hub:
        return await probe_server(hub, body)


async def _refresh(office: Office, name: str) -> ServerView:
    server_id = await find_server_id(office, name)
    async with open_hub(office) as hub:
        await hub.refresh(server_id)
        async with office.database.read() as session:
            page = await list_servers(hub, session, limit=MAX_LIMIT, after=None)
    return next(view for view in page.items if view.server_id == server_id)


async def _remove(office: Office, name: str) -> None:
    server_id = await find_server_id(office, name)
    async with open_hub(office) as hub:
        await delete_server(hub, CONSOLE, server_id)
