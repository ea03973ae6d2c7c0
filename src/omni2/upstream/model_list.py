"""The names of the models that a provider offers, from its own list."""

import re
from typing import cast

import httpx2
import orjson
from pydantic import JsonValue

from omni2.upstream.model_faults import auth_failed, failed, rate_limited, timed_out, unreachable
from omni2.upstream.ports import ModelTarget
from omni2.upstream.provider_wire import Lines, base_of

TIMEOUT_S = 15.0
MAX_BODY_BYTES = 4 * 1024 * 1024
MAX_MODELS = 2_000

_NAME = re.compile(r"[\w./:@+-]{1,200}")


async def fetch_model_names(target: ModelTarget, lines: Lines) -> list[str]:
    """Ask `GET {base}/models`; return sorted names. Raises `Problem` with the codes of `ModelPort`."""
    url, headers = _address(target)
    wire = lines.to(target, MAX_BODY_BYTES)
    body = bytearray()
    try:
        async with (
            wire.client() as client,
            client.stream("GET", url, headers=headers, timeout=TIMEOUT_S) as response,
        ):
            if response.status_code in {401, 403}:
                raise auth_failed(target)
            if response.status_code == 429:
                raise rate_limited(target, None)
            if response.status_code != 200:
                raise failed(target, f"Its list of models answered HTTP {response.status_code}.")
            async for chunk in response.aiter_bytes():
                body += chunk
    except httpx2.TimeoutException as error:
        raise timed_out(target) from error
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise wire.problem or unreachable(target) from error
    return _names(target, bytes(body))


def _address(target: ModelTarget) -> tuple[str, dict[str, str]]:
    base = base_of(target).rstrip("/")
    match target.provider:
        case "anthropic":
            base = base if base.endswith("/v1") else f"{base}/v1"
            return f"{base}/models?limit=1000", {"anthropic-version": "2026-10-21"}
        case "google":
            base = base if target.base_url else f"{base}/v1beta"
            return f"{base}/models?pageSize=1000", {}
        case _:
            return f"{base}/models", {}


def _names(target: ModelTarget, body: bytes) -> list[str]:
    try:
        page = cast("JsonValue", orjson.loads(body))
    except orjson.JSONDecodeError as error:
        raise failed(target, "Its list of models is not JSON; the URL is probably wrong.") from error
    entries = page.get("data") or page.get("models") if isinstance(page, dict) else None
    if not isinstance(entries, list):
        raise failed(target, "It has no list of models; the URL is probably wrong.")
    found = {name for entry in entries if (name := _name(entry)) is not None}
    return sorted(found)[:MAX_MODELS]


def _name(entry: JsonValue) -> str | None:
    if not isinstance(entry, dict):
        return None
    name = entry.get("id") or entry.get("name")
    if not isinstance(name, str):
        return None
    name = name.removeprefix("models/")
    return name if _NAME.fullmatch(name) else None
