"""`omni2 usage`: proves that the books are right."""

from dataclasses import asdict

import typer

from omni2.cli.accounts import print_json
from omni2.cli.context import DEFAULT_DATA, AsJson, Data, Office, run_in
from omni2.cli.output import fail, line, refusing
from omni2.usage.verify import Difference, verify_ledger

app = typer.Typer(help="Credits.", no_args_is_help=True)


@app.callback()
def usage() -> None:
    """Credits."""


@app.command("verify")
@refusing
def verify(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Compare every budget with its ledger; fails when one differs."""
    differences = run_in(data, _verify)
    if as_json:
        print_json({"reconciled": not differences, "differences": [asdict(row) for row in differences]})
    for row in () if as_json else differences:
        line(
            f"{row.window_id}: used {row.used_micros}, ledger {row.ledger_micros}, "
            f"reserved {row.reserved_micros}, held {row.held_micros}"
        )
    if differences:
        fail(f"{len(differences)} budgets differ from their ledger.")
    if not as_json:
        line("Reconciled: every budget equals its ledger.")


async def _verify(office: Office) -> list[Difference]:
    async with office.database.read() as session:
        return await verify_ledger(session)
