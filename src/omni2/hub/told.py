"""What the journal says of servers, tools and models that somebody changed."""

from collections.abc import Iterable

from omni2.catalog.models import Model, Server, Tool
from omni2.hub.schemas import ServerPatch, ToolPatch
from omni2.hub.schemas_models import ModelPatch
from omni2.usage.words import in_credits

_SERVER_WORDS = {
    "title": "title",
    "enabled": "state",
    "url": "address",
    "command": "command",
    "headers": "headers",
    "env": "environment",
    "bearer": "bearer token",
    "timeout_ms": "time limit",
    "concurrency": "number of calls at once",
    "allow_private": "reach into private networks",
}
_MODEL_WORDS = {
    "title": "title",
    "is_default": "place as the default",
    "enabled": "state",
    "key": "key",
    "price": "price",
}
_CREDENTIALS = {"bearer": "bearer token", "headers": "headers", "env": "environment"}


def server_changed(row: Server, body: ServerPatch) -> str:
    """Return what was changed of a server; a credential that was taken away is said to be removed."""
    fields = body.model_fields_set
    server = f"the server {row.title} ({row.slug})"
    if fields == {"enabled"}:
        return f"{_switched(on=row.enabled)} {server}."
    removed = [words for name, words in _CREDENTIALS.items() if name in fields and not getattr(body, name)]
    if removed and len(removed) == len(fields):
        return f"Removed the stored {removed[0] if len(removed) == 1 else 'credentials'} of {server}."
    changed = [words for name, words in _SERVER_WORDS.items() if name in fields]
    return f"Changed the {_listed(changed)} of {server}." if changed else f"Changed nothing of {server}."


def tool_changed(row: Tool, slug: str, body: ToolPatch, credit_micros: int) -> str:
    """Return what was changed of a tool."""
    tool = f"{slug}.{row.name}"
    switched = None if body.enabled is None else _switched(on=row.enabled)
    if "price_micros" not in body.model_fields_set:
        return f"{switched} {tool}." if switched else f"Changed nothing of {tool}."
    price = "none" if row.price_micros is None else f"{in_credits(row.price_micros, credit_micros)} a call"
    if switched is None:
        return f"Set the price of {tool} to {price}."
    return f"{switched} {tool} and set its price to {price}."


def model_changed(row: Model, body: ModelPatch) -> str:
    """Return what was changed of a model."""
    fields = body.model_fields_set
    if fields == {"enabled"}:
        return f"{_switched(on=row.enabled)} the model {row.title}."
    if fields == {"is_default"} and row.is_default:
        return f"Made {row.title} the default model."
    changed = [words for name, words in _MODEL_WORDS.items() if name in fields]
    if not changed:
        return f"Changed nothing of the model {row.title}."
    return f"Changed the {_listed(changed)} of the model {row.title}."


def _switched(*, on: bool) -> str:
    return "Enabled" if on else "Disabled"


def _listed(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
