"""`omni2 doctor`: looks at an installation from outside, and drills the block on the running one."""

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import func, select

from omni2.cli.accounts import print_json
from omni2.cli.context import DEFAULT_DATA, AsJson, Data, Office, run_in
from omni2.cli.drill import Drill, drill_block
from omni2.cli.output import fail, line, refusing
from omni2.flows.models import FlowHead
from omni2.identity.models import User
from omni2.kernel.lease import is_served, list_live_replicas
from omni2.usage.verify import verify_ledger


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    name: str
    well: bool
    words: str


@refusing
def doctor_command(
    block_drill: Annotated[
        bool,
        typer.Option("--block-drill", help="Block a throwaway user on the running server and measure it."),
    ] = False,
    url: Annotated[str | None, typer.Option(help="Where the server answers; for the drill.")] = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Look at database, key, ledger and replicas; fails when something is not well."""
    findings = run_in(data, lambda office: _look(office, data))
    if block_drill:
        findings.append(_of_drill(run_in(data, lambda office: drill_block(office, url or office.origin))))
    if as_json:
        print_json([asdict(finding) for finding in findings])
    for finding in () if as_json else findings:
        line(f"{'ok  ' if finding.well else 'FAIL'}  {finding.name}: {finding.words}")
    if not all(finding.well for finding in findings):
        fail("Something is not well; see above.")


async def _look(office: Office, data: Path) -> list[Finding]:
    async with office.database.read() as session:
        people = await session.scalar(select(func.count()).select_from(User)) or 0
        admins = await session.scalar(
            select(func.count()).select_from(User).where(User.role == "admin", User.status == "active")
        )
        replicas = await list_live_replicas(session)
        stuck = await session.scalar(
            select(func.count())
            .select_from(FlowHead)
            .where(FlowHead.status == "running", FlowHead.owner.not_in(replicas))
        )
        differences = await verify_ledger(session)
    served = is_served(office.database.path) if office.database.is_sqlite else bool(replicas)
    return [
        _key(data, configured=office.settings.secret_key is not None),
        Finding("database", well=True, words=f"answers; {people} people"),
        Finding("administrators", well=bool(admins), words=f"{admins or 0} active"),
        Finding("server", well=True, words="is running" if served else "is not running"),
        Finding("flows", well=not (served and stuck), words=f"{stuck or 0} left open by a dead process"),
        Finding("ledger", well=not differences, words=f"{len(differences)} budgets differ from their ledger"),
    ]


def _key(data: Path, *, configured: bool) -> Finding:
    path = data / "secret.key"
    if configured:
        return Finding("key", well=True, words="taken from OMNI2_SECRET_KEY")
    if not path.exists():
        return Finding("key", well=False, words=f"{path} is missing; stored credentials cannot be opened")
    private = os.stat(path).st_mode & 0o077 == 0
    return Finding(
        "key", well=private, words="private" if private else f"{path} is readable by others: chmod 600"
    )


def _of_drill(drill: Drill) -> Finding:
    return Finding("block drill", well=drill.well, words=drill.words)
