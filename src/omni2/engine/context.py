"""What the governed path stands on, and the state of one interaction on it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from pydantic import JsonValue

from omni2.access.book import AccessBook
from omni2.access.compiled import Access
from omni2.catalog.book import CatalogBook
from omni2.catalog.entries import ModelEntry
from omni2.engine.events import TurnEvent
from omni2.engine.views import Views
from omni2.flows.checkpoints import Target
from omni2.flows.recorder import Flow, Recorder
from omni2.identity.auth import Authenticator
from omni2.identity.epochs import Mirror
from omni2.identity.principal import Door, Principal
from omni2.kernel.bus import Bus
from omni2.kernel.db import Database
from omni2.kernel.lane import Step
from omni2.kernel.secrets import Sealer
from omni2.kernel.settings import Settings
from omni2.live.registry import Ending, Registry
from omni2.upstream.ports import CallerLink, McpPool, ModelPort
from omni2.upstream.targets import Targets
from omni2.usage.budgets import Budgets, Charge, Hold


@dataclass(frozen=True, slots=True)
class Engine:
    """Everything that the governed path uses; one for the process.

    `refusals` keeps when a user was last refused on record, and how many refusals went unrecorded since.
    """

    settings: Settings
    database: Database
    bus: Bus
    mirror: Mirror
    authenticator: Authenticator
    registry: Registry
    catalog: CatalogBook
    access: AccessBook
    budgets: Budgets
    recorder: Recorder
    sealer: Sealer
    pool: McpPool
    models: ModelPort
    views: Views
    targets: Targets = field(default_factory=Targets, repr=False)
    refusals: dict[str, tuple[float, int]] = field(default_factory=dict[str, tuple[float, int]], repr=False)


@dataclass(slots=True)
class Spent:
    """What an interaction has cost so far (micro-USD)."""

    reserved_micros: int = 0
    charged_micros: int = 0
    remaining_micros: int | None = None
    estimated: bool = False
    model_calls: int = 0

    @property
    def refunded_micros(self) -> int:
        """What was reserved and not needed."""
        return max(0, self.reserved_micros - self.charged_micros)


@dataclass(slots=True)
class Part:
    """A message that the turn will leave behind: kind, text and data as stored."""

    kind: str
    text: str
    data: dict[str, JsonValue]


class OpenCall(NamedTuple):
    """A call whose intent is on record and whose outcome is not; `started` is an `uptime`."""

    target: Target
    server: str
    tool: str
    started: float


@dataclass(slots=True)
class Spans:
    """Where the time of an interaction went so far (ms)."""

    auth_ms: float = 0.0
    checks_ms: float = 0.0
    record_ms: float = 0.0
    upstream_ms: float = 0.0


def _silent(event: TurnEvent) -> None:
    """Tell nobody: a request has an answer and no events."""


@dataclass(slots=True)
class Run:
    """One interaction on its way: who, through which door, into which flow.

    A `single` one is a request of a client: its one call is settled in the unit that closes the flow.
    `client` is what the program calls itself, `traceparent` the span of its own that it named.
    """

    engine: Engine
    principal: Principal
    door: Door
    flow: Flow
    emit: Callable[[TurnEvent], None] = _silent
    single: bool = False
    link: CallerLink | None = None
    client: str | None = None
    traceparent: str | None = None
    access: Access | None = None
    snapshot: Access | None = None
    model: ModelEntry | None = None
    spent: Spent = field(default_factory=Spent)
    open_holds: dict[str, tuple[Hold, Charge]] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    open_calls: dict[str, OpenCall] = field(default_factory=dict)
    last_steps: list[Step] = field(default_factory=list)
    spans: Spans = field(default_factory=Spans)
    partial: str = ""
    stopped_by: str = ""
    ending: Ending | None = None
    finish_reason: str | None = None
    concluded: bool = False


def snapshot_steps(run: Run) -> list[Step]:
    """Return the statement that stores the access of the checks with the first phase, where it is needed."""
    if run.snapshot is None or run.flow.is_recorded:
        return []
    step = run.engine.access.snapshot_step(run.snapshot)
    return [step] if step else []


def note_snapshot(run: Run) -> None:
    """Remember that the access of the checks is durable."""
    if run.snapshot is not None:
        run.engine.access.mark_stored(run.snapshot)
