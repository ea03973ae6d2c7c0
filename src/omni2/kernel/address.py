"""Where this installation is served: a server leaves its origin in the data directory, commands read it."""

import os
import re
from pathlib import Path

_FILE = "address"
_ORIGIN = re.compile(r"https?://[^\s/?#@]{1,300}")


def leave_origin(data: Path, origin: str) -> None:
    """Write down the origin that browsers use, whole or not at all."""
    fresh = data / f".{_FILE}-{os.getpid()}"
    fresh.write_text(f"{origin}\n", encoding="utf-8")
    fresh.replace(data / _FILE)


def find_origin(data: Path) -> str | None:
    """Return the origin at which this data directory is served, or was last; None when nobody knows."""
    try:
        origin = (data / _FILE).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return origin if _ORIGIN.fullmatch(origin) else None
