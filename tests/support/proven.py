"""A sealed record for tests: a notary beside the stage, and the walk that verifies what it wrote."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from omni2.conversations.erasing import Erasing
from omni2.flows.anchor_hook import Courier
from omni2.flows.retention import Keeper
from omni2.flows.seal import Notary
from omni2.flows.seal_anchor import AnchorFile, read_anchors
from omni2.flows.seal_keys import PUBLIC_FILE, load_signer, load_witness
from omni2.flows.verify import Report, Walk, verify
from omni2.flows.verify_watch import Checker, Proof
from omni2.kernel.db import Database
from omni2.kernel.duty import Duty
from omni2.kernel.lane import Lane
from omni2.kernel.scan import Scan
from omni2.upstream.posting import Post

WRITER = "0198c0de-0000-7000-8000-00000000000a"


@dataclass
class Office:
    """Who seals, where the anchors are, and who verifies."""

    folder: Path
    notary: Notary
    scan: Scan

    async def report(self, *, anchored: bool = True, scan: Scan | None = None, strict: bool = True) -> Report:
        """Verify the record as it stands, or the one that `scan` reads."""
        witness = load_witness(self.folder / PUBLIC_FILE)
        anchors = read_anchors([self.notary.anchors.folder], witness) if anchored else []
        return await verify(Walk(scan or self.scan, witness, anchors, allow_unsealed=not strict))


def office_of(database: Database, lane: Lane, folder: Path, writer: str = WRITER) -> Office:
    """Return a notary and what it needs; the keys and anchors are kept in `folder`."""
    signer, scan = load_signer(folder, None), Scan(database)
    notary = Notary(scan, lane, signer, AnchorFile(folder / "anchors", signer), lambda: writer)
    return Office(folder, notary, scan)


@asynccontextmanager
async def proven(database: Database, lane: Lane, folder: Path) -> AsyncIterator[Proof]:
    """Open what the routes of the proof need; nothing runs by itself."""
    office = office_of(database, lane, folder)
    courier = Courier(database, office.notary.signer, Post())
    checker = Checker(database, folder, office.notary.anchors.folder, lambda: WRITER)
    try:
        duty = Duty(database, "retention", lambda: WRITER)
        keeper = Keeper(database, office.notary, duty, "UTC", Erasing())
        yield Proof(office.notary, checker, keeper, courier)
    finally:
        await checker.aclose()
        await office.scan.aclose()
