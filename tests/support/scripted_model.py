"""A model that follows a script: events, gates that a test opens, and failures, in order."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

from omni2.upstream.ports import (
    ModelDone,
    ModelEvent,
    ModelRequest,
    ModelTarget,
    ModelUsage,
    TextDelta,
    ToolWish,
)

USAGE = ModelUsage(
    input_tokens=10,
    output_tokens=5,
    cache_read_tokens=0,
    cache_write_tokens=0,
    reasoning_tokens=0,
    estimated=False,
)
DONE = ModelDone(finish_reason="stop", usage=USAGE, first_token_ms=1.0)


@dataclass(slots=True)
class Gate:
    """A place in a script: the model waits at it (`reached` is set) until the test opens it."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    opened: asyncio.Event = field(default_factory=asyncio.Event)

    def open(self) -> None:
        """Let the model go on."""
        self.opened.set()


Step = ModelEvent | Gate | BaseException
Script = Sequence[Step]


class ScriptedModel:
    """A `ModelPort`: the n-th call plays the n-th script; `requests` and `closed` say what happened.

    A script without a `ModelDone` and without an exception gets `DONE` at its end. `otherwise` is played once
    the scripts are used up.
    """

    def __init__(self, *scripts: Script, otherwise: Script | None = None) -> None:
        self._scripts = list(scripts)
        self.otherwise = otherwise
        self.requests: list[ModelRequest] = []
        self.targets: list[ModelTarget] = []
        self.closed = 0

    def play(self, *scripts: Script) -> None:
        """Add scripts behind the others."""
        self._scripts += scripts

    async def stream(self, target: ModelTarget, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """Play the next script. Raises `AssertionError` when there is none."""
        self.targets.append(target)
        self.requests.append(request)
        script = self._scripts.pop(0) if self._scripts else self.otherwise
        if script is None:
            raise AssertionError("the script has no more model calls")
        finished = False
        try:
            for step in script:
                if isinstance(step, Gate):
                    step.reached.set()
                    await step.opened.wait()
                elif isinstance(step, BaseException):
                    raise step
                else:
                    finished = finished or isinstance(step, ModelDone)
                    yield step
            if not finished:
                yield DONE
        finally:
            self.closed += 1


def says(text: str) -> Script:
    """Return the script of a plain answer."""
    return [TextDelta(text)]


def wants(name: str, call_id: str = "call_1", **arguments: str | int | bool) -> Script:
    """Return the script of one tool wish."""
    return [ToolWish(call_id, name, dict(arguments)), ModelDone("tool_calls", USAGE, 1.0)]
