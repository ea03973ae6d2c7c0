"""`omni2 user`: people, from the command line; a running server notices at once."""

from pathlib import Path
from typing import Annotated

import typer

from omni2.cli.accounts import create_account, print_json
from omni2.cli.context import DEFAULT_DATA, AsJson, Data, Office, PasswordStdin, require_user, run_in
from omni2.cli.flows import EVERYTHING
from omni2.cli.output import fail, line, refusing, sink
from omni2.identity.blocks import standing_blocks
from omni2.identity.people import change_user, list_users
from omni2.identity.schemas import UserCreate, UserPatch, UserView, user_view
from omni2.insight.export_person import export_person
from omni2.kernel.journal import CONSOLE, write_journal
from omni2.live.block import Blocking
from omni2.live.registry import Registry
from omni2.live.schemas import BlockCreate, BlockReceipt, receipt_view

app = typer.Typer(help="People.", no_args_is_help=True)


@app.command("create")
@refusing
def create(
    email: str,
    role: Annotated[str, typer.Option(help="admin, member or auditor.")] = "member",
    name: Annotated[str | None, typer.Option(help="The person's name.")] = None,
    password_stdin: PasswordStdin = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Create a person; prints a one-time link unless the password comes from standard input."""
    body = UserCreate.model_validate({"email": email, "name": name, "role": role})
    create_account(data, body, password_stdin=password_stdin, as_json=as_json)


@app.command("list")
@refusing
def list_command(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """List everybody."""
    people = run_in(data, _list)
    if as_json:
        print_json([person.model_dump(mode="json") for person in people])
        return
    for person in people:
        blocked = f"blocked ({person.blocked.scope})" if person.blocked else ""
        line(f"{person.email:<40} {person.role:<8} {person.status:<12} {blocked}".rstrip())


@app.command("role")
@refusing
def role_command(email: str, role: str, data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Give a person another role."""
    patch = UserPatch.model_validate({"role": role})

    async def change(office: Office) -> UserView:
        async with office.database.read() as session:
            user = await require_user(session, email)
        return user_view(
            await change_user(office.database, office.mirror, user.user_id, patch, CONSOLE), None
        )

    changed = run_in(data, change)
    line(changed.model_dump_json() if as_json else f"{changed.email} is {changed.role} now.")


@app.command("block")
@refusing
def block(
    email: str,
    scope: Annotated[str, typer.Option(help="everywhere, chat or mcp.")] = "everywhere",
    reason: Annotated[str, typer.Option(help="For administrators.")] = "",
    message: Annotated[str, typer.Option(help="What the person is told.")] = "",
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Block a person on every replica, and print the receipt once that is true."""
    body = BlockCreate.model_validate({"scope": scope, "reason": reason, "message": message})
    receipt = _block(data, email, body)
    line(receipt.model_dump_json() if as_json else _sentence(email, receipt))
    silent = [replica.replica_id for replica in receipt.replicas if not replica.confirmed]
    if silent:
        fail(f"The block is stored, but these replicas did not confirm it in time: {', '.join(silent)}.")


@app.command("unblock")
@refusing
def unblock(email: str, data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Lift the block of a person."""

    async def lift(office: Office) -> UserView:
        async with office.database.read() as session:
            user = await require_user(session, email)
        return user_view(await _blocking(office).unblock(user.user_id, CONSOLE), None)

    lifted = run_in(data, lift)
    line(lifted.model_dump_json() if as_json else f"{lifted.email} is not blocked any more.")


async def _list(office: Office) -> list[UserView]:
    async with office.database.read() as session:
        users = await list_users(session)
        blocks = await standing_blocks(session, [user.user_id for user in users])
    return [user_view(user, blocks.get(user.user_id)) for user in users]


def _block(data: Path, email: str, body: BlockCreate) -> BlockReceipt:
    async def order(office: Office) -> BlockReceipt:
        async with office.database.read() as session:
            user = await require_user(session, email)
        return receipt_view(await _blocking(office).block(user.user_id, body.order(), CONSOLE))

    return run_in(data, order)


def _blocking(office: Office) -> Blocking:
    return Blocking(office.database, office.mirror, Registry(office.mirror), None)


def _sentence(email: str, receipt: BlockReceipt) -> str:
    confirmed = sum(replica.confirmed for replica in receipt.replicas)
    return (
        f"Blocked {email} ({receipt.block.scope}): {receipt.sockets_closed} sockets closed, "
        f"{receipt.streams_cancelled} streams, {receipt.turns_cancelled} turns and "
        f"{receipt.calls_cancelled} calls cancelled, {receipt.sessions_ended} sessions ended, "
        f"{receipt.tokens_suspended} tokens suspended; {confirmed} of {len(receipt.replicas)} replicas "
        f"confirmed, slowest {receipt.slowest_ms:.1f} ms."
    )


@app.command("export")
@refusing
def export(
    email: str,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File; else standard output.")] = None,
    data: Data = DEFAULT_DATA,
) -> None:
    """Write all that is kept of what a person did and said, as JSON lines."""

    async def run(office: Office) -> None:
        async with office.database.work() as work:
            user = await require_user(work.session, email)
            sentence = f"The command line exported all that {user.email} did and said."
            write_journal(work, CONSOLE, "user.exported", sentence, subject_id=user.user_id)
        with sink(output) as file:
            async for part in export_person(office.database, EVERYTHING, user):
                file.write(part)

    run_in(data, run)
