"""`omni2 flows`: takes flows out of an installation, whether it is served or not."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import typer

from omni2.cli.accounts import print_json
from omni2.cli.context import DEFAULT_DATA, AsJson, Data, Office, require_user, run_in
from omni2.cli.output import fail, line, refusing, sink
from omni2.flows.bundle import Announced, begin_bundle, go_on_proving, take_part
from omni2.flows.bundle_queries import get_bundle, remove_bundle
from omni2.flows.queries import Sight
from omni2.flows.schemas import FlowQuery
from omni2.flows.seal_keys import PUBLIC_FILE
from omni2.insight.export import Exported, Wanted, export_flows
from omni2.insight.export_formats import MEDIA, Flows, write_csv, write_html, write_json, write_jsonl
from omni2.insight.export_proof import Prover
from omni2.kernel.errors import Problem
from omni2.kernel.ids import now
from omni2.kernel.journal import CONSOLE, write_journal
from omni2.kernel.scan import Scan

app = typer.Typer(help="Flows.", no_args_is_help=True)
EVERYTHING = Sight("", all_flows=True, content=True)
TELL_EVERY = 1_000
PART_BYTES = 1024 * 1024


@app.callback()
def flows() -> None:
    """Flows."""


@app.command("export")
@refusing
def export(
    query: Annotated[str, typer.Option("--query", help="As in the query bar; all flows without it.")] = "",
    form: Annotated[str, typer.Option("--format", help="jsonl, json, csv or html.")] = "jsonl",
    user: Annotated[str | None, typer.Option("--user", help="E-mail address of whose flows.")] = None,
    flow: Annotated[list[str] | None, typer.Option("--flow", help="Id of a flow; may be repeated.")] = None,
    after: Annotated[
        str | None,
        typer.Option("--after", help="Id of the last flow in a file that was cut off; writes its rest."),
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File; else standard output.")] = None,
    data: Data = DEFAULT_DATA,
) -> None:
    """Write flows, newest first: one a line with its checkpoints, or in another form."""
    if form not in MEDIA:
        fail(f"There is no format {form}; there are {', '.join(MEDIA)}.")

    async def run(office: Office) -> None:
        user_id = None
        if user is not None:
            async with office.database.read() as session:
                user_id = (await require_user(session, user)).user_id
        asked = FlowQuery(q=query, user=user_id, zone=office.settings.time_zone)
        with sink(output) as file:
            scan = Scan(office.database)
            try:
                async for part in _written(office, scan, form, Wanted(asked, flow or (), after)):
                    file.write(part)
            finally:
                await scan.aclose()
        async with office.database.work() as work:
            what = f"the flows found by '{query}'" if query else "flows"
            write_journal(work, CONSOLE, "flows.exported", f"The command line exported {what} as {form}.")

    run_in(data, run)


def _written(office: Office, scan: Scan, form: str, wanted: Wanted) -> AsyncIterator[bytes]:
    flows = _counted(export_flows(office.database, EVERYTHING, wanted))
    goes_on = wanted.after is not None
    match form:
        case "csv":
            return write_csv(flows, goes_on=goes_on)
        case "html":
            return write_html(flows, goes_on=goes_on)
        case "json":
            public = office.settings.data / PUBLIC_FILE
            keys = public.read_text().split() if public.exists() else []
            facts = {"origin": office.origin, "exported_at": now().isoformat().replace("+00:00", "Z")}
            before = export_flows(office.database, EVERYTHING, wanted.before) if goes_on else None
            return write_json(flows, facts, Prover(scan, keys), before)
        case _:
            return write_jsonl(flows)


async def _counted(flows: Flows) -> AsyncIterator[Exported]:
    """Yield what comes; say now and then on standard error how many flows that were."""
    count, last = 0, ""
    async for flow in flows:
        yield flow
        count, last = count + 1, flow.row.flow_id
        if count % TELL_EVERY == 0:
            sys.stderr.write(f"{count} flows; go on behind {last}\n")


@app.command("import")
@refusing
def import_flows(
    file: Annotated[Path, typer.Argument(help="A bundle (format json) or JSON lines.")],
    name: Annotated[str | None, typer.Option("--name", help="What to call it; else the file's name.")] = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Take in flows from elsewhere, to be read here; they never become part of the record."""
    size = file.stat().st_size

    async def run(office: Office) -> dict[str, object]:
        async with office.database.work() as work:
            begun = await begin_bundle(work, CONSOLE, Announced(name or file.name, size))
        bundle = begun
        try:
            with file.open("rb") as source:
                while part := source.read(PART_BYTES):
                    async with office.database.work() as work:
                        bundle = await get_bundle(work.session, begun.bundle_id)
                        await take_part(work.session, bundle, bundle.received, part)
        except Problem:
            async with office.database.work() as work:
                await remove_bundle(work.session, await get_bundle(work.session, begun.bundle_id))
            raise
        while bundle.state != "whole":
            async with office.database.work() as work:
                await go_on_proving(work, CONSOLE, await get_bundle(work.session, begun.bundle_id))
                bundle = await get_bundle(work.session, begun.bundle_id)
        told = {"bundle_id": bundle.bundle_id, "flows": bundle.flows}
        return {**told, "proof": bundle.proof, "words": bundle.words}

    told = run_in(data, run)
    if as_json:
        print_json(told)
    else:
        line(f"Imported {told['flows']} flows. {told['words']}")
