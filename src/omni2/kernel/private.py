"""What holds secrets is its owner's alone: the data directory, the key, the embedded database."""

import os
from contextlib import suppress
from pathlib import Path

import structlog

_OTHERS = 0o077

log = structlog.get_logger(__name__)


def make_private(directory: Path) -> None:
    """Make a directory that only its owner enters; one that exists stays as it is."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)


def begin_private(file: Path) -> None:
    """Make an empty file that only its owner reads; one that exists is not even opened.

    Whoever opens and closes a file gives up the locks that its process has on it: SQLite's among them, so
    that another process would take the log of a running server for nobody's and throw it away.
    """
    with suppress(FileExistsError):
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def warn_of_others(directory: Path) -> None:
    """Say in one line that others may enter a directory with secrets."""
    mode = directory.stat().st_mode & 0o777
    if mode & _OTHERS:
        log.warning("data_open_to_others", path=str(directory), mode=f"{mode:o}", remedy="chmod 700")
