"""What the journal says of servers, tools and models that somebody changed."""

from collections.abc import Iterable

from omni2.catalog.models import Model, Server, Tool
from omni2.hub.schemas import ServerPatch
from omni2.hub.schemas_models import ModelPatch
from omni2.hub.schemas_tools import ToolPatch
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
    "isolation": "isolation of people",
    "new_tools": "treatment of new tools",
}
_TOOL_WORDS = {
    "labels": "labels",
    "shown_title": "title",
    "shown_description": "description",
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
    done = [] if body.enabled is None else [f"{_switched(on=row.enabled).lower()} {tool}"]
    if "price_micros" in body.model_fields_set:
        price = (
            "none" if row.price_micros is None else f"{in_credits(row.price_micros, credit_micros)} a call"
        )
        done.append(f"set {'its price' if done else f'the price of {tool}'} to {price}")
    if "renamed" in body.model_fields_set:
        what = "it" if done else tool
        done.append(f"renamed {what} to {row.renamed}" if row.renamed else f"gave {what} its own name again")
    chosen = [words for name, words in _TOOL_WORDS.items() if name in body.model_fields_set]
    if chosen:
        done.append(f"changed {'its' if done else 'the'} {_listed(chosen)}{'' if done else f' of {tool}'}")
    return f"{_sentence(_listed(done))}." if done else f"Changed nothing of {tool}."


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


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}"


def _switched(*, on: bool) -> str:
    return "Enabled" if on else "Disabled"


def _listed(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
