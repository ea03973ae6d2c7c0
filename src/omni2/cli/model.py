"""`omni2 model`: model providers, from the command line. Keys come from standard input only."""

from typing import Annotated

import typer

from omni2.cli.context import DEFAULT_DATA, AsJson, Data, Office, read_password, run_in
from omni2.cli.hub import find_model_id, open_hub
from omni2.cli.output import fail, line, refusing
from omni2.hub.model_rows import model_views
from omni2.hub.model_service import create_model, try_stored_model
from omni2.hub.schemas_models import ModelCreate, ModelTestView, ModelView
from omni2.kernel.journal import CONSOLE

app = typer.Typer(help="Models.", no_args_is_help=True)


@app.command("add")
@refusing
def add(
    name: Annotated[str, typer.Argument(help="The model's name as its provider knows it.")],
    base_url: Annotated[str | None, typer.Option(help="URL of an OpenAI-compatible server.")] = None,
    provider: Annotated[
        str | None, typer.Option(help="openai, anthropic, google or openai_compatible.")
    ] = None,
    key_stdin: Annotated[bool, typer.Option("--key-stdin", help="Read the key from standard input.")] = False,
    default: Annotated[
        bool, typer.Option("--default", help="Let it answer where nothing else is chosen.")
    ] = False,
    no_test: Annotated[bool, typer.Option("--no-test", help="Save it although it does not answer.")] = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Ask a model for one word, then save it."""
    kind = provider or ("openai_compatible" if base_url else "openai")
    body = ModelCreate.model_validate(
        {
            "provider": kind,
            "name": name,
            "base_url": base_url,
            "key": read_password() or None if key_stdin else None,
            "default": default or None,
        }
    )
    view = run_in(data, lambda office: _add(office, body, force=no_test))
    line(
        view.model_dump_json() if as_json else f"{view.title}: added{', default' if view.is_default else ''}"
    )


@app.command("list")
@refusing
def list_command(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """List the models."""
    page = run_in(data, _list)
    for view in page:
        mark = "default" if view.is_default else ""
        line(view.model_dump_json() if as_json else f"{view.name:<40} {view.provider:<18} {mark}".rstrip())


@app.command("test")
@refusing
def try_model(name: str, data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Ask a saved model for one word."""
    found = run_in(data, lambda office: _test(office, name))
    line(found.model_dump_json() if as_json else f"{found.latency_ms} ms" if found.ok else f"{found.code}")
    if not found.ok:
        fail(found.detail or "The model does not answer.")


async def _add(office: Office, body: ModelCreate, *, force: bool) -> ModelView:
    async with open_hub(office) as hub:
        return await create_model(hub, CONSOLE, body, force=force)


async def _list(office: Office) -> list[ModelView]:
    async with office.database.read() as session:
        return await model_views(session, in_full=True)


async def _test(office: Office, name: str) -> ModelTestView:
    model_id = await find_model_id(office, name)
    async with open_hub(office) as hub:
        return await try_stored_model(hub, model_id)
