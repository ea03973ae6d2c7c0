"""Serves the built web app: hashed assets for ever, the page itself never cached."""

import gzip
import mimetypes
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from omni2.app.rendering import render
from omni2.kernel.errors import Problem

STATIC = Path(__file__).parent / "static"
_COMPRESS = {".js", ".css", ".html", ".svg", ".json", ".map", ".webmanifest"}
_MISSING = "The web app is not built. Run `make setup`, then start omni2 again.\n"


class WebApp:
    """Answers with a file of the build, or with the page, which routes by itself."""

    def __init__(self, root: Path = STATIC) -> None:
        self._root = root.resolve()
        self._files: dict[Path, tuple[bytes, bytes | None, str]] = {}

    async def answer(self, request: Request) -> Response:
        """Return the file behind the path."""
        path = request.url.path.lstrip("/")
        if path.startswith(("api/", "ws/", "mcp", "oauth/", ".well-known/")):
            return render(Problem("not_found", 404, "There is nothing at this address."))
        found = self._load(path) if path else None
        if found is None and path.startswith("assets/"):
            return render(Problem("not_found", 404, "There is nothing at this address."))
        page = found is None
        found = found or self._load("index.html")
        if found is None:
            return PlainTextResponse(_MISSING, 503)
        body, packed, kind = found
        headers = {
            "cache-control": "no-cache"
            if page or not path.startswith("assets/")
            else "public, max-age=31536000, immutable"
        }
        if packed is not None:
            headers["vary"] = "accept-encoding"
            if "gzip" in request.headers.get("accept-encoding", ""):
                headers["content-encoding"] = "gzip"
                body = packed
        return Response(body, media_type=kind, headers=headers)

    def _load(self, path: str) -> tuple[bytes, bytes | None, str] | None:
        file = self._find(path)
        if file is None or file in self._files:
            return self._files[file] if file else None
        body = file.read_bytes()
        packed = gzip.compress(body, 6) if file.suffix in _COMPRESS else None
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        self._files[file] = (body, packed, kind)
        return self._files[file]

    def _find(self, path: str) -> Path | None:
        """Return the file of the build that a path names, however it is spelled, or None."""
        try:
            file = (self._root / path).resolve()
            return file if file.is_relative_to(self._root) and file.is_file() else None
        except (OSError, ValueError):  # a name that no file can have
            return None
