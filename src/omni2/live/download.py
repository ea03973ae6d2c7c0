"""A file that is streamed for as long as whoever takes it out may be here."""

import asyncio
from collections.abc import AsyncIterable

import structlog
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from omni2.identity.principal import Principal
from omni2.live.registry import Ending, Handle, Registry

log = structlog.get_logger(__name__)

DOOR = "api"


class Download(StreamingResponse):
    """Streams `body` as a file called `name`; a block, a sign-out or the end of the server cuts it off.

    Raises `Problem` before anything is sent where its reader is refused by now.
    """

    def __init__(
        self, registry: Registry, reader: Principal, body: AsyncIterable[bytes], name: str, media_type: str
    ) -> None:
        headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
        super().__init__(body, media_type=media_type, headers=headers)
        self._registry = registry
        self._reader = reader

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file, or as much of it as its reader may still have."""
        sending = asyncio.ensure_future(super().__call__(scope, receive, send))
        cut = False

        async def end(ending: Ending) -> None:
            nonlocal cut
            cut = True
            sending.cancel()
            await asyncio.wait({sending})
            log.info("download_cut", user_id=self._reader.user_id, code=ending.code)

        handle = Handle("stream", self._reader.user_id, DOOR, self._reader.credential_id, end)
        try:
            with self._registry.hold(handle):
                await sending
        except asyncio.CancelledError:
            if not cut:
                raise
        finally:
            sending.cancel()
