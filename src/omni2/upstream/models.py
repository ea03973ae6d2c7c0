"""Models behind one port: routes by provider, bounds every wait, retries what never began."""

import asyncio
import importlib
import random
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Protocol, cast

from omni2.kernel.errors import Problem
from omni2.upstream.demo_model import DEMO_MODEL, DemoModel
from omni2.upstream.model_faults import ModelFault, timed_out
from omni2.upstream.model_list import fetch_model_names
from omni2.upstream.net import check_url
from omni2.upstream.ports import (
    ModelDone,
    ModelEvent,
    ModelRequest,
    ModelTarget,
    Provider,
    UserMessage,
)
from omni2.upstream.provider_wire import Lines

MAX_ATTEMPTS = 3
MAX_RETRY_AFTER_S = 5.0
FIRST_PAUSE_S = 0.25
PROBE_TIMEOUT_MS = 20_000
PROBE_TOKENS = 16

# The one table of lazy imports: an adapter costs 2-5 s, so it is loaded with the first model that needs it.
_ADAPTERS: dict[Provider, tuple[str, ...]] = {
    "openai": ("pydantic_ai.models.openai", "pydantic_ai.providers.openai"),
    "openai_compatible": ("pydantic_ai.models.openai", "pydantic_ai.providers.openai_compatible"),
    "anthropic": ("pydantic_ai.models.anthropic", "pydantic_ai.providers.anthropic"),
    "google": ("pydantic_ai.models.google", "pydantic_ai.providers.google"),
}
_ADAPTER_MODULE = "omni2.upstream.pydantic_adapter"


class _Adapter(Protocol):
    """What `omni2.upstream.pydantic_adapter` offers."""

    def stream_events(
        self, target: ModelTarget, request: ModelRequest, lines: Lines
    ) -> AsyncGenerator[ModelEvent, None]:
        """Stream one attempt; raises `ModelFault`."""
        ...


class Models:
    """The `ModelPort` of the product."""

    def __init__(self, *, demo: DemoModel | None = None) -> None:
        self._demo = demo or DemoModel()
        self._lines: Lines | None = None

    async def stream(self, target: ModelTarget, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """Stream an answer; see `ModelPort`. At most two repeats, and none after the first event."""
        if target.provider == "demo":
            async with aclosing(self._demo.stream(target, request)) as events:
                async for event in events:
                    yield event
            return
        await _require_allowed(target)
        adapter = await load_adapter(target.provider)
        for attempt in range(1, MAX_ATTEMPTS + 1):
            begun = False
            try:
                async with aclosing(adapter.stream_events(target, request, self._provider_lines())) as events:
                    async for event in _paced(events, target):
                        begun = True
                        yield event
                    return
            except ModelFault as fault:
                if begun or attempt == MAX_ATTEMPTS or not fault.repeatable:
                    raise fault.problem from fault
                pause_s = fault.retry_after_s
                if pause_s is not None and pause_s > MAX_RETRY_AFTER_S:
                    raise fault.problem from fault
            await asyncio.sleep(pause_s if pause_s is not None else _pause_s(attempt))

    async def probe_model(self, target: ModelTarget) -> float:
        """Make a tiny real request; return its milliseconds. Raises `Problem` like `ModelPort.stream`."""
        request = ModelRequest((UserMessage("Reply with the word: ready"),), (), None, PROBE_TOKENS)
        started = time.perf_counter()
        try:
            async with asyncio.timeout(min(PROBE_TIMEOUT_MS, target.timeout_ms) / 1000):
                async for event in self.stream(target, request):
                    if isinstance(event, ModelDone):
                        break
        except TimeoutError as error:
            raise timed_out(target) from error
        return (time.perf_counter() - started) * 1000

    async def list_models(self, target: ModelTarget) -> list[str]:
        """Return the names of the models that the provider offers. Raises `Problem` like `stream`."""
        if target.provider == "demo":
            return [DEMO_MODEL]
        return await fetch_model_names(target, self._provider_lines())

    async def aclose(self) -> None:
        """Close the connections."""
        if self._lines is not None:
            await self._lines.aclose()
            self._lines = None

    def _provider_lines(self) -> Lines:
        if self._lines is None:
            self._lines = Lines()
        return self._lines


async def load_adapter(provider: Provider) -> _Adapter:
    """Import what `provider` needs, off the event loop. Raises `Problem` model_failed if not installed."""
    return await asyncio.to_thread(_import, provider)


async def _require_allowed(target: ModelTarget) -> None:
    """Raise `Problem` url_refused when the name of a provider leads where omni2 never goes, by now."""
    if target.base_url is None:
        return
    try:
        await check_url(target.base_url, allow_private=True)
    except Problem as problem:
        if problem.code == "url_refused":
            raise


def _import(provider: Provider) -> _Adapter:
    try:
        for name in _ADAPTERS[provider]:
            importlib.import_module(name)
        return cast("_Adapter", importlib.import_module(_ADAPTER_MODULE))
    except ImportError as error:
        raise Problem(
            "model_failed",
            503,
            f"Support for {provider} is not installed. Install omni2 with the extra '{provider}'.",
        ) from error


async def _paced(events: AsyncGenerator[ModelEvent], target: ModelTarget) -> AsyncIterator[ModelEvent]:
    """Pass `events` on; no wait for the next one is longer than the timeout of the target."""
    while True:
        try:
            async with asyncio.timeout(target.timeout_ms / 1000):
                event = await anext(events, None)
        except TimeoutError as error:
            raise ModelFault(timed_out(target), repeatable=False) from error
        if event is None:
            return
        yield event


def _pause_s(attempt: int) -> float:
    return FIRST_PAUSE_S * 2 ** (attempt - 1) * random.uniform(0.75, 1.25)  # noqa: S311
