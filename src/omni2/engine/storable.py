"""What models and people say, mended so that every store and every wire takes it."""

from dataclasses import replace

from omni2.kernel.jsons import dumps
from omni2.upstream.ports import ModelUsage, ToolWish

NUL = "\x00"
MAX_TOKENS = 1_000_000_000_000


def storable(text: str) -> str:
    """Return `text` without NUL characters, which PostgreSQL refuses, and without halves of characters."""
    if text.isascii() and NUL not in text:
        return text
    return text.encode("utf-8", "replace").decode().replace(NUL, "")


def storable_wish(wish: ToolWish) -> ToolWish:
    """Return the wish with names that can be stored; arguments that cannot make it an invalid one."""
    mended = replace(wish, call_id=storable(wish.call_id), name=storable(wish.name))
    try:
        dumps(wish.arguments)
    except TypeError:
        return replace(mended, arguments={}, invalid="they are not valid Unicode")
    return mended


def plausible(usage: ModelUsage) -> ModelUsage:
    """Return the usage without figures below zero, which would give credits back, or beyond any column."""
    counts = {
        name: min(max(0, getattr(usage, name)), MAX_TOKENS)
        for name in (
            "input_tokens",
            "output_tokens",
            "cache_read_tokens",
            "cache_write_tokens",
            "reasoning_tokens",
        )
    }
    return replace(usage, **counts)
