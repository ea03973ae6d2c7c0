"""uvicorn's WebSocket protocol, with a way to cut off a peer that does not read."""

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

CLOSE_TIMEOUT_S = 1.0


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
