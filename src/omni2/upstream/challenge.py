"""What a refusal says in its `WWW-Authenticate` header (RFC 6750, RFC 9728)."""

import re
from collections.abc import Mapping

MAX_CHARS = 8_192
MAX_SCOPES = 50

_PARAMETER = re.compile(r'\b(resource_metadata|scope|error)\s*=\s*(?:"([^"]*)"|([^\s,]+))', re.I)
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,200}")


def parameters(header: str) -> Mapping[str, str]:
    """Return `resource_metadata`, `scope` and `error` where they are given."""
    found = _PARAMETER.finditer(header[:MAX_CHARS])
    return {match[1].lower(): match[2] or match[3] for match in found if match[2] or match[3]}


def scopes_in(text: str | None) -> tuple[str, ...]:
    """Return the scopes that a text lists, each once, at most fifty."""
    found = dict.fromkeys(scope for scope in (text or "").split() if _SCOPE.fullmatch(scope))
    return tuple(found)[:MAX_SCOPES]


def missing_scopes(status: int | None, header: str) -> tuple[str, ...]:
    """Return the scopes that a refusal says are missing; none where it is about something else."""
    said = parameters(header)
    refused = status == 403 and said.get("error") == "insufficient_scope"
    return scopes_in(said.get("scope")) if refused else ()
