"""`omni2 server sign-in`: who signs in to a server, as which client, and where that is done."""

from typing import Annotated, Literal, cast

import typer

from omni2.cli.context import DEFAULT_DATA, AsJson, Data, Office, read_password, run_in
from omni2.cli.hub import find_server_id, open_hub
from omni2.cli.output import line, refusing
from omni2.hub.connecting import CALLBACK
from omni2.hub.disconnecting import put_sign_in
from omni2.hub.schemas_sign_in import SignInMode, SignInPut
from omni2.hub.sign_ins import page_of
from omni2.kernel.journal import CONSOLE
from omni2.kernel.jsons import dumps

Word = Literal["none", "shared", "per-user"]
Secret = Annotated[bool, typer.Option("--client-secret-stdin", help="Read the secret from standard input.")]


@refusing
def sign_in(
    name: Annotated[str, typer.Argument(help="The server's short name.")],
    mode: Annotated[Word, typer.Argument(help="An account for all, or each person's own.")],
    client_id: Annotated[str | None, typer.Option(help="What omni2 is called at the sign-in server.")] = None,
    client_secret_stdin: Secret = False,
    scopes: Annotated[
        str | None, typer.Option(help="Permissions to ask for, instead of the server's.")
    ] = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Choose who signs in to a server, and say where: signing in itself takes a browser."""
    secret = read_password() if client_secret_stdin else None
    body = SignInPut(mode=mode_of(mode), client_id=client_id, client_secret=secret, scopes=scopes)
    found = run_in(data, lambda office: _change(office, name, body))
    line(dumps(found) if as_json else found["words"] or f"{name} takes no sign-in.")


def mode_of(word: Word) -> SignInMode:
    """Return a mode as it is stored."""
    return cast("SignInMode", word.replace("-", "_"))


def words_of(office: Office, mode: SignInMode, server_id: str, slug: str) -> tuple[str | None, str | None]:
    """Return where people sign in to a server, alone and in words; nothing where they do not."""
    if mode == "none":
        return None, None
    url = page_of(office.origin, server_id, slug, shared=mode == "shared")
    who = "An administrator signs in" if mode == "shared" else "People connect their accounts"
    return url, f"{who} at {url}"


async def _change(office: Office, name: str, body: SignInPut) -> dict[str, str | None]:
    server_id = await find_server_id(office, name)
    async with open_hub(office) as hub:
        await put_sign_in(hub, CONSOLE, server_id, body)
    url, words = words_of(office, body.mode, server_id, name)
    return {
        "slug": name,
        "mode": body.mode,
        "client_id": body.client_id,
        "scopes": body.scopes,
        "redirect_uri": office.origin + CALLBACK,
        "sign_in_url": url,
        "words": words,
    }
