"""How much a model may say in one answer: text, thoughts and calls together, and bytes on the wire."""

from collections.abc import Mapping
from typing import Any

import orjson

from omni2.upstream.model_faults import too_large, too_many_calls
from omni2.upstream.ports import ModelTarget

MAX_CALLS = 64
MIN_BYTES = 256 * 1024
TOKEN_BYTES = 64
MIN_WIRE_BYTES = 16 * 1024 * 1024
TOKEN_WIRE_BYTES = 2 * 1024  # a token comes in an event of its own, with everything around it


class Measure:
    """Counts what a model says; raises `Problem` answer_too_large or too_many_calls when it is too much."""

    def __init__(self, target: ModelTarget, max_output_tokens: int) -> None:
        self.wire_bytes = max(MIN_WIRE_BYTES, max_output_tokens * TOKEN_WIRE_BYTES)
        self._target = target
        self._left = max(MIN_BYTES, max_output_tokens * TOKEN_BYTES)
        self._calls = 0

    def text(self, said: str) -> None:
        """Count words, spoken or thought."""
        self._take(len(said.encode(errors="replace")))

    def call(self, name: str, arguments: str | Mapping[str, Any] | None) -> None:
        """Count another call."""
        self._calls += 1
        if self._calls > MAX_CALLS:
            raise too_many_calls(MAX_CALLS)
        self.arguments(name, arguments)

    def arguments(self, name: str | None, arguments: str | Mapping[str, Any] | None) -> None:
        """Count more of a call."""
        self.text(name or "")
        if isinstance(arguments, str):
            self.text(arguments)
        elif arguments:
            self._take(len(orjson.dumps(arguments)))

    def _take(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise too_large(self._target)
