"""The proof of the record, as the process runs it: sealing and verifying behind the commit."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from omni2.app.version import VERSION
from omni2.conversations.erasing import Erasing
from omni2.flows.anchor_hook import Courier
from omni2.flows.partition import Months
from omni2.flows.retention import Keeper
from omni2.flows.seal import Notary
from omni2.flows.seal_anchor import FOLDER, AnchorFile
from omni2.flows.seal_keys import load_signer
from omni2.flows.verify_watch import Checker, Proof
from omni2.insight.telemetry import Sender, headers_of
from omni2.kernel.db import Database
from omni2.kernel.duty import Duty
from omni2.kernel.errors import Problem
from omni2.kernel.lane import Lane, UnitRefused
from omni2.kernel.lease import Lease
from omni2.kernel.scan import Scan
from omni2.kernel.settings import Settings
from omni2.kernel.tasks import Supervisor
from omni2.upstream.posting import Post

log = structlog.get_logger(__name__)


@asynccontextmanager
async def open_proof(
    settings: Settings, database: Database, lane: Lane, lease: Lease
) -> AsyncIterator[Proof]:
    """Seal and verify while this is open; at the end what still waits is sealed."""
    configured = settings.secret_key.get_secret_value() if settings.secret_key else None
    signer = load_signer(settings.data, configured)
    courier, supervisor = Courier(database, signer, Post()), Supervisor()
    anchors = AnchorFile(settings.data / FOLDER, signer, courier.offer)
    notary = Notary(Scan(database), lane, signer, anchors, lambda: lease.replica_id)
    checker = Checker(database, settings.data, anchors.folder, lambda: lease.replica_id)
    duty = Duty(database, "seal", lambda: lease.replica_id)
    supervisor.loop("seal", lambda: notary.follow(duty))
    supervisor.loop("verify", checker.run)
    supervisor.loop("anchors", courier.run)
    aging = Duty(database, "retention", lambda: lease.replica_id)
    keeper = Keeper(database, notary, aging, settings.time_zone, Erasing())
    supervisor.loop("retention", keeper.run)
    if not database.is_sqlite:
        months = Months(database, Duty(database, "months", lambda: lease.replica_id))
        supervisor.loop("months", months.run)
    sender = _sender(settings, database)
    if sender is not None:
        sending = Duty(database, "telemetry", lambda: lease.replica_id)
        supervisor.loop("telemetry", lambda: sender.follow(sending))
    try:
        yield Proof(notary, checker, keeper, courier)
    finally:
        await supervisor.aclose()
        await _seal_the_rest(notary, duty)
        await checker.aclose()
        if sender is not None:
            await sender.scan.aclose()
        await notary.scan.aclose()


def _sender(settings: Settings, database: Database) -> Sender | None:
    """Return who sends flows to a collector, if one is named."""
    if settings.otlp_endpoint is None:
        return None
    headers = headers_of(settings.otlp_headers.get_secret_value() if settings.otlp_headers else "")
    return Sender(database, settings.otlp_endpoint, headers, VERSION, content=settings.otlp_content)


async def _seal_the_rest(notary: Notary, duty: Duty) -> None:
    try:
        if await duty.held():
            await notary.finish()
    except (Problem, UnitRefused, OSError) as error:
        log.warning("not_sealed_at_the_end", error=type(error).__name__)
