"""The block drill: a throwaway user connects to the running server, is blocked, and must hear it at once."""

import asyncio
import secrets
from dataclasses import dataclass

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from omni2.cli.context import Office
from omni2.identity.credentials import create_token
from omni2.identity.people import change_user, create_active_user
from omni2.identity.schemas import TokenCreate, UserPatch
from omni2.kernel.errors import Problem
from omni2.kernel.ids import uptime
from omni2.kernel.journal import CONSOLE
from omni2.kernel.jsons import loads
from omni2.live.block import Blocking, BlockOrder
from omni2.live.registry import Registry

WORDS = "This is a drill of the block."
SOCKETS = 5
WAIT_S = 5.0


@dataclass(frozen=True, slots=True)
class Drill:
    """What the drill showed."""

    well: bool
    words: str


async def drill_block(office: Office, origin: str) -> Drill:
    """Run the drill against the server at `origin`; the throwaway user is deactivated afterwards."""
    email = f"block-drill-{secrets.token_hex(4)}@example.invalid"
    stored = await office.passwords.hash(secrets.token_urlsafe(32))
    user = await create_active_user(office.database, email, "Block drill", "member", stored, CONSOLE)
    body = TokenCreate(name="block drill", scopes=["chat"], expires_in_days=1)
    _, token = await create_token(office.database, user, body, CONSOLE)
    try:
        return await _drill(office, user.user_id, _socket_url(origin), token)
    except (OSError, WebSocketException, TimeoutError) as error:
        raise Problem(
            "server_unreachable",
            503,
            f"No chat socket answers at {origin} ({type(error).__name__}). Use --url.",
        ) from error
    finally:
        await change_user(
            office.database, office.mirror, user.user_id, UserPatch(status="deactivated"), CONSOLE
        )


async def _drill(office: Office, user_id: str, url: str, token: str) -> Drill:
    sockets = [await _connect(url, token) for _ in range(SOCKETS)]
    hearing = [asyncio.create_task(_hear(socket)) for socket in sockets]
    blocking = Blocking(office.database, office.mirror, Registry(office.mirror), None)
    started = uptime()
    order = BlockOrder("everywhere", "block drill", WORDS)
    receipt = await blocking.block(user_id, order, CONSOLE)
    acknowledged_ms = (uptime() - started) * 1000
    heard = await asyncio.gather(*hearing)
    again = await _hear(await _connect(url, token))
    slowest_ms = (max(at for _, _, at in heard) - started) * 1000
    well = all(words == WORDS and code == 4403 for words, code, _ in [*heard, again])
    well = well and all(replica.confirmed for replica in receipt.replicas)
    said = "heard the words and were closed" if well else "did NOT all hear the words and close"
    return Drill(
        well,
        f"{SOCKETS} sockets {said}, slowest {slowest_ms:.0f} ms, acknowledged in {acknowledged_ms:.0f} ms",
    )


async def _connect(url: str, token: str) -> ClientConnection:
    async with asyncio.timeout(WAIT_S):
        return await connect(url, additional_headers={"Authorization": f"Bearer {token}"}, compression=None)


async def _hear(socket: ClientConnection) -> tuple[str, int | None, float]:
    """Return the words of the block, the close code, and when they came."""
    words, at = "", 0.0
    try:
        async with asyncio.timeout(WAIT_S):
            while True:
                frame = loads(await socket.recv())
                if isinstance(frame, dict) and frame.get("type") == "blocked":
                    words, at = str(frame.get("message")), uptime()
    except (ConnectionClosed, TimeoutError):
        await socket.close()
        return words, socket.close_code, at or uptime()


def _socket_url(origin: str) -> str:
    return f"ws{origin.removeprefix('http')}/ws/chat"
