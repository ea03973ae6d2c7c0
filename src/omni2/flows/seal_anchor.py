"""Anchors: signed ends of the chains in files outside the database, appended and synced, never rewritten."""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
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
    """Appends to one file a month in a folder; `told` hears of each line. Blocking: call it in a thread."""

    def __init__(
        self, folder: Path, signer: Signer, told: Callable[[bytes], None] = lambda line: None
    ) -> None:
        self.folder = folder
        self._signer = signer
        self._told = told

    def append(self, at: datetime, ends: Mapping[str, End]) -> None:
        """Write one line and return once it is on the disk."""
        line = self.line(at, ends)
        make_private(self.folder)
        path = self.folder / f"{at:%Y-%m}.jsonl"
        is_new = not path.exists()
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.write(descriptor, line + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if is_new:
            _sync_folder(self.folder)
        self._told(line)

    def line(self, at: datetime, ends: Mapping[str, End]) -> bytes:
        """Return the signed line that says where the chains end."""
        listed = {source: [end.n, end.total, end.chain.hex()] for source, end in sorted(ends.items())}
        stamp = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return orjson.dumps(
            {"at": stamp, "ends": listed, "signature": self._signer.sign(_words(stamp, listed))}
        )


def read_anchors(paths: Iterable[Path], witness: Witness) -> list[Anchor]:
    """Return the anchors in these files and folders; only the last of each file is checked by its signature.

    A line cut short at the end of a file, as a power cut leaves one, is passed over; any other fault raises.
    Files may also be what a webhook has received: in any order, with empty lines, without an end of the last.
    """
    found: list[Anchor] = []
    for path in paths:
        files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
        for file in files:
            try:
                *whole, rest = file.read_bytes().split(b"\n")
            except OSError as error:
                raise Problem("anchors_unreadable", 422, f"{file} cannot be read.") from error
            if _is_whole(rest):
                whole.append(rest)
            lines = [(number, line) for number, line in enumerate(whole, 1) if line.strip()]
            read = [_read(line, f"{file.name}, line {number}") for number, line in lines]
            latest = max(read, key=lambda each: each.total, default=None)
            found += [each.judged(witness) if each is latest else each.anchor for each in read]
    return sorted(found, key=lambda anchor: anchor.at)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line as it was read: the anchor, and what its signature is of. `total` orders lines of one record."""

    anchor: Anchor
    words: bytes
    signature: str

    @property
    def total(self) -> tuple[int, str]:
        return sum(end.total for end in self.anchor.ends.values()), self.anchor.at

    def judged(self, witness: Witness) -> Anchor:
        return replace(self.anchor, signed=witness.confirms(self.words, self.signature))


def _is_whole(line: bytes) -> bool:
    try:
        return isinstance(orjson.loads(line), dict)
    except ValueError:
        return False


def _read(line: bytes, where: str) -> _Line:
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
    return _Line(Anchor(at, ends, signed=True), _words(at, listed), signature)


def _words(at: str, listed: Mapping[str, list[Any]]) -> bytes:
    return b"omni2 anchor\n" + orjson.dumps([at, listed], option=orjson.OPT_SORT_KEYS)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
