"""Anchors: signed ends of the chains in files outside the database, appended and synced, never rewritten."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import orjson

from omni2.flows.seal_keys import Signer, Witness
from omni2.kernel.errors import Problem
from omni2.kernel.private import make_private

FOLDER = "anchors"


@dataclass(frozen=True, slots=True)
class End:
    """The end of a chain: its last link, how many rows it has sealed, its value."""

    n: int
    total: int
    chain: bytes


@dataclass(frozen=True, slots=True)
class Anchor:
    """One line: where every chain ended at a time."""

    at: str
    ends: Mapping[str, End]
    signed: bool


class AnchorFile:
    """Appends to one file a month in a folder. Blocking: call it in a thread."""

    def __init__(self, folder: Path, signer: Signer) -> None:
        self.folder = folder
        self._signer = signer

    def append(self, at: datetime, ends: Mapping[str, End]) -> None:
        """Write one line and return once it is on the disk."""
        listed = {source: [end.n, end.total, end.chain.hex()] for source, end in sorted(ends.items())}
        stamp = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = {"at": stamp, "ends": listed, "signature": self._signer.sign(_words(stamp, listed))}
        make_private(self.folder)
        path = self.folder / f"{at:%Y-%m}.jsonl"
        is_new = not path.exists()
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.write(descriptor, orjson.dumps(line) + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if is_new:
            _sync_folder(self.folder)


def read_anchors(paths: Iterable[Path], witness: Witness) -> list[Anchor]:
    """Return the anchors in these files and folders; only the last of each file is checked by its signature.

    A line cut short at the end of a file, as a power cut leaves one, is passed over; any other fault raises.
    """
    found: list[Anchor] = []
    for path in paths:
        files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
        for file in files:
            try:
                lines = file.read_bytes().split(b"\n")
            except OSError as error:
                raise Problem("anchors_unreadable", 422, f"{file} cannot be read.") from error
            whole = lines[:-1]
            found += [
                _read(line, f"{file.name}, line {number}", witness if number == len(whole) else None)
                for number, line in enumerate(whole, 1)
            ]
    return found


def _read(line: bytes, where: str, witness: Witness | None) -> Anchor:
    try:
        given: dict[str, Any] = orjson.loads(line)
        listed = cast("dict[str, list[Any]]", given["ends"])
        ends = {
            source: End(int(n), int(total), bytes.fromhex(chain))
            for source, (n, total, chain) in listed.items()
        }
        at, signature = str(given["at"]), str(given["signature"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Problem("anchors_unreadable", 422, f"{where} is not an anchor.") from error
    signed = witness is None or witness.confirms(_words(at, listed), signature)
    return Anchor(at, ends, signed)


def _words(at: str, listed: Mapping[str, list[Any]]) -> bytes:
    return b"omni2 anchor\n" + orjson.dumps([at, listed], option=orjson.OPT_SORT_KEYS)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
