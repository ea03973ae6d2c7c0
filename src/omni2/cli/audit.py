"""`omni2 audit`: proves from outside that the record is whole and unchanged."""

import asyncio
from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer

from omni2.cli.accounts import print_json
from omni2.cli.context import DEFAULT_DATA, AsJson, Data, Office, run_in
from omni2.cli.output import fail, line, refusing
from omni2.cli.sealing import is_running, seal_now
from omni2.flows.seal_anchor import FOLDER, read_anchors
from omni2.flows.seal_keys import PUBLIC_FILE, load_witness
from omni2.flows.verify import Report, Walk, verify
from omni2.flows.verify_chain import NAMES
from omni2.kernel.errors import Problem
from omni2.kernel.ids import from_micros
from omni2.kernel.scan import Scan

AGAIN_S = 2.0
app = typer.Typer(help="The record and its proof.", no_args_is_help=True)

Anchors = Annotated[
    list[Path] | None,
    typer.Option("--anchors", help="Anchor file or folder kept elsewhere; DIR/anchors by default."),
]
Keys = Annotated[
    list[Path] | None, typer.Option("--key", help="File of public keys; DIR/seal.pub by default.")
]


@app.callback()
def audit() -> None:
    """The record and its proof."""


@app.command("verify")
@refusing
def verify_command(
    anchors: Anchors = None,
    key: Keys = None,
    allow_unsealed: Annotated[
        bool, typer.Option("--allow-unsealed", help="Accept rows newer than the last seal.")
    ] = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Compare every row with its seal, the chains with their signatures and the anchors; fails at a fault."""
    witness = load_witness(*(key or [data / PUBLIC_FILE]))
    told = read_anchors(anchors or [path for path in [data / FOLDER] if path.exists()], witness)

    async def run(office: Office) -> Report:
        scan = Scan(office.database)
        try:
            report = await verify(Walk(scan, witness, told, allow_unsealed=allow_unsealed))
            if not report.well and await is_running(office.database):
                await asyncio.sleep(AGAIN_S)  # rows may have moved under the walk
                report = await verify(Walk(scan, witness, told, allow_unsealed=allow_unsealed))
            return report
        finally:
            await scan.aclose()

    report = run_in(data, run)
    if as_json:
        print_json(_as_json(report))
    if report.fault is not None:
        fail(report.fault)
    if not as_json:
        _say(report)


@app.command("seal")
@refusing
def seal_command(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Seal what commands wrote while no server ran; a server that runs seals by itself."""
    sealed = run_in(data, _seal)
    if as_json:
        print_json({"sealed": sealed})
    else:
        line("Sealed." if sealed else "Everything is sealed already.")


async def _seal(office: Office) -> bool:
    if await is_running(office.database):
        raise Problem("served", 409, "The server that runs seals by itself, within about a second.")
    return await seal_now(office.settings, office.database)


def _say(report: Report) -> None:
    rows = sum(report.rows.values())
    up_to = f"{report.sealed_at:%Y-%m-%d %H:%M:%S} UTC" if report.sealed_at else "the beginning"
    line(f"Verified: {rows} rows in {report.links} links are what was sealed, up to {up_to}.")
    line(f"Anchored: {report.anchored_at}." if report.anchored_at else "No anchors were given.")
    for words, cuts in groupby(report.cuts, key=lambda stump: NAMES[stump.source]):
        gone = list(cuts)
        told = sum(stump.rows for stump in gone)
        line(f"Cut by retention, signed: {told:,} seals of {words}, the latest since {gone[-1].policy}.")
    if report.unsealed:
        line(f"Not sealed yet: {report.unsealed} rows.")
    line(f"{rows / max(report.duration_s, 1e-9):,.0f} rows a second.")


def _as_json(report: Report) -> dict[str, object]:
    return {
        "verified": report.well,
        "fault": report.fault,
        "rows": dict(report.rows),
        "links": report.links,
        "unsealed": report.unsealed,
        "sealed_at": report.sealed_at and report.sealed_at.isoformat().replace("+00:00", "Z"),
        "anchored_at": report.anchored_at,
        "cuts": [
            {
                "chain": stump.source,
                "links": [stump.from_n, stump.n],
                "rows": stump.rows,
                "policy": stump.policy,
                "at": from_micros(stump.at).isoformat().replace("+00:00", "Z"),
            }
            for stump in report.cuts
        ],
        "duration_s": round(report.duration_s, 3),
    }
