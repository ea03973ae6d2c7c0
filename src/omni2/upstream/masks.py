"""Foreign text without the credentials that its server was shown; it loads no protocol."""

import base64
from collections.abc import Iterable, Sequence

from pydantic import JsonValue

from omni2.kernel.redact import MASK
from omni2.upstream.ports import ServerTarget

MIN_SECRET_CHARS = 8


def masked(target: ServerTarget, text: str) -> str:
    """Return foreign text without the credentials that the server was shown: some repeat them."""
    return _without(_secrets(target), text)


def masked_json(target: ServerTarget, value: JsonValue) -> JsonValue:
    """Return a foreign value without those credentials, in whatever string of it they stand."""
    secrets = _secrets(target)
    return _without_json(secrets, value) if secrets else value


def _without(secrets: Iterable[str], text: str) -> str:
    for secret in secrets:
        text = text.replace(secret, MASK)
    return text


def _without_json(secrets: Sequence[str], value: JsonValue) -> JsonValue:
    match value:
        case str():
            return _without(secrets, value)
        case list():
            return [_without_json(secrets, item) for item in value]
        case dict():
            return {_without(secrets, name): _without_json(secrets, item) for name, item in value.items()}
        case _:
            return value


def _secrets(target: ServerTarget) -> list[str]:
    """Return what is secret in the credentials, the longest first: whole, behind its scheme, and decoded."""
    found: set[str] = set()
    for _, value in (*target.headers, *target.env):
        scheme, _, rest = value.partition(" ")
        found |= {value, rest.strip()}
        if scheme.lower() == "basic":
            found.add(_password(rest.strip()))
    return sorted((secret for secret in found if len(secret) >= MIN_SECRET_CHARS), key=len, reverse=True)


def _password(encoded: str) -> str:
    try:
        return base64.b64decode(encoded).decode().partition(":")[2]
    except ValueError:
        return ""
