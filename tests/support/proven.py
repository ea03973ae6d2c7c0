"""A sealed record for tests: a notary beside the stage, and the walk that verifies what it wrote."""

from dataclasses import dataclass
from pathlib import Path

from omni2.flows.seal import Notary
from omni2.flows.seal_anchor import AnchorFile, read_anchors
from omni2.flows.seal_keys import PUBLIC_FILE, load_signer, load_witness
from omni2.flows.verify import Report, Walk, verify
from omni2.kernel.db import Database
from omni2.kernel.lane import Lane
from omni2.kernel.scan import Scan

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
