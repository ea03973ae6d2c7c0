"""The watch: what a session or token held open ends with it, on every replica."""

import asyncio

from sqlalchemy import select

from omni2.identity.credentials import create_token, end_session, revoke_token
from omni2.identity.models import AccessToken, User, UserSession
from omni2.identity.people import change_user, get_user
from omni2.identity.schemas import TokenCreate, UserPatch
from omni2.kernel.journal import CONSOLE
from omni2.kernel.secrets import digest
from omni2.live.registry import Ending, Handle
from tests.live.replicas import Recorded, replica
from tests.support.front import Front

BOB = "bob@example.org"


class Waited(Recorded):
    """A live thing whose end can be waited for."""

    def __init__(self, user_id: str, credential: str) -> None:
        super().__init__(user_id, credential=credential)
        self.ended = asyncio.Event()
        self.handle = Handle("socket", user_id, "chat", credential, self._finish)

    async def _finish(self, ending: Ending) -> None:
        self.endings.append(ending)
        self.ended.set()

    async def codes(self) -> list[tuple[int, str]]:
        """Wait for the end; return close codes and codes."""
        async with asyncio.timeout(10):
            await self.ended.wait()
        return [(ending.close_code, ending.code) for ending in self.endings]


async def _user(front: Front, user_id: str) -> User:
    async with front.database.read() as session:
        return await get_user(session, user_id)


async def test_a_session_that_ends_takes_its_socket_with_it_and_no_other(
    front: Front, database_url: str
) -> None:
    bob = await front.person(BOB)
    async with front.signed_in(BOB), front.signed_in(BOB), replica(database_url) as elsewhere:
        async with front.database.read() as session:
            one, two = (await session.scalars(select(UserSession))).all()
        gone, stays = Waited(bob, one.session_hash), Waited(bob, two.session_hash)
        with elsewhere.registry.hold(gone.handle), elsewhere.registry.hold(stays.handle):
            await end_session(front.database, front.mirror, bob, one.session_id)
            assert await gone.codes() == [(4401, "not_signed_in")]
            assert stays.endings == []


async def test_a_revoked_token_takes_its_stream_with_it(front: Front, database_url: str) -> None:
    bob = await front.person(BOB)
    body = TokenCreate(name="ide", scopes=["mcp"])
    _, secret = await create_token(front.database, await _user(front, bob), body, CONSOLE)
    async with front.database.read() as session:
        token = (await session.scalars(select(AccessToken))).one()
    async with replica(database_url) as elsewhere:
        stream = Waited(bob, digest(secret))
        with elsewhere.registry.hold(stream.handle):
            await revoke_token(front.database, front.mirror, bob, token.token_id, CONSOLE)
            assert await stream.codes() == [(4401, "not_signed_in")]


async def test_another_name_closes_nothing_and_a_deactivation_closes_everything(
    front: Front, database_url: str
) -> None:
    bob = await front.person(BOB)
    body = TokenCreate(name="ide", scopes=["mcp"])
    _, secret = await create_token(front.database, await _user(front, bob), body, CONSOLE)
    async with replica(database_url) as elsewhere:
        socket, turn = Waited(bob, digest(secret)), Recorded(bob, "turn", credential="ended long ago")
        with elsewhere.registry.hold(socket.handle), elsewhere.registry.hold(turn.handle):
            await change_user(front.database, front.mirror, bob, UserPatch(name="Robert"), CONSOLE)
            await elsewhere.mirror.refresh()
            assert socket.endings == []
            await change_user(front.database, front.mirror, bob, UserPatch(status="deactivated"), CONSOLE)
            assert await socket.codes() == [(4403, "deactivated")]
            assert [ending.code for ending in turn.endings] == ["deactivated"]
