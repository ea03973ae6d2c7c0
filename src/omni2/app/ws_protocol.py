"""uvicorn's WebSocket protocol, with ways to be rid of a peer that does not read or that sends no text."""

from typing import Any

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

CLOSE_TIMEOUT_S = 1.0
NOT_UTF8 = 1007


class AbortableProtocol(WebSocketsSansIOProtocol):
    """Puts `omni2.abort` into the scope's extensions: drop the connection and what it has not read yet."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.close_timeout = CLOSE_TIMEOUT_S

    def handle_connect(self, event: Request) -> None:
        """Add the extension before the application's task runs."""
        super().handle_connect(event)
        scope: Any = getattr(self, "scope", None)
        if scope is not None:
            scope["extensions"]["omni2.abort"] = self.transport.abort

    async def send(self, message: Any) -> None:
        """Send nothing into a connection that is lost already, also before its end was told."""
        if message["type"] == "websocket.send" and self.transport.is_closing():
            raise ClientDisconnected
        await super().send(message)

    def send_receive_event_to_app(self) -> None:
        """Refuse text that is not UTF-8, without a traceback: what a peer sends is no fault of ours."""
        if self.curr_msg_data_type == "text" and not _is_utf8(b"".join(self.frames)):
            self.frames = []
            self.conn.send_close(NOT_UTF8)
            self.handle_parser_exception()
            return
        super().send_receive_event_to_app()

    def shutdown(self) -> None:
        """Close, and do not wait longer than a moment for a peer that does not read."""
        super().shutdown()
        self.loop.call_later(CLOSE_TIMEOUT_S, self.transport.abort)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
