"""What a client asks of the authorization endpoint, checked: first who asks, only then what."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from omni2.identity.oauth_clients import Client, Clients
from omni2.identity.oauth_resource import MCP_SCOPE, SCOPES, Resource
from omni2.kernel.errors import Problem

QUERY_CHARS = 12_000
FIELDS = 40
STATE_CHARS = 4_096
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
IGNORED_SCOPES = frozenset({"offline_access", "openid"})
REPEATED = "\0repeated"


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, and where the answer may be sent: all that is needed to answer with an error."""

    client: Client
    redirect_uri: str
    state: str | None
    issuer: str

    def answer(self, **parameters: str) -> str:
        """Return the address to send the browser to, with these parameters, the state and the issuer."""
        added = {
            **parameters,
            **({"state": self.state} if self.state is not None else {}),
            "iss": self.issuer,
        }
        mark = "&" if urlsplit(self.redirect_uri).query else "?"
        return f"{self.redirect_uri.rstrip('?&')}{mark}{urlencode(added)}"

    def refusal(self, problem: Problem) -> str:
        """Return the address that tells the client of a problem."""
        return self.answer(error=problem.code, error_description=problem.detail)


@dataclass(frozen=True, slots=True)
class Wish:
    """A request that may be put before a person; `insists` says that they are to be asked in any case."""

    asked: Asked
    challenge: str
    audience: str
    scopes: tuple[str, ...]
    insists: bool


def read_fields(text: str) -> Mapping[str, str]:
    """Return the parameters of a query or a form; one given twice is marked, since no use of it is right."""
    if len(text) > QUERY_CHARS:
        raise Problem("invalid_request", 400, "The request is too long.")
    try:
        pairs = parse_qsl(text, keep_blank_values=False, max_num_fields=FIELDS, errors="strict")
    except ValueError as error:
        raise Problem("invalid_request", 400, "The parameters cannot be read.") from error
    fields: dict[str, str] = {}
    for name, value in pairs:
        fields[name] = REPEATED if name in fields or "\0" in value else value
    return fields


async def read_asked(
    clients: Clients, fields: Mapping[str, str], issuer: str, *, fetch: bool = True
) -> Asked | None:
    """Return who asks, verified; None when that takes a fetch and `fetch` is off.

    Raises `Problem`, which may be shown to the person and never be sent to the address in the request.
    """
    client_id, redirect_uri = _one(fields, "client_id"), _one(fields, "redirect_uri")
    if client_id is None or redirect_uri is None:
        raise Problem("invalid_request", 400, "The program did not say who it is, or where to go back to.")
    client = await (clients.find(client_id) if fetch else clients.known(client_id))
    if client is None:
        return None
    if not client.receives_at(redirect_uri):
        raise Problem(
            "redirect_refused",
            400,
            "The program wants its answer at an address that it did not register. Nothing was sent there.",
        )
    state = _one(fields, "state")
    return Asked(client, redirect_uri, state if state is None else state[:STATE_CHARS], issuer)


def read_wish(asked: Asked, fields: Mapping[str, str], resource: Resource) -> Wish:
    """Return what is asked for; raise `Problem` with a code of RFC 6749, 8707 or 9101 for the client."""
    repeated = sorted(name for name, value in fields.items() if value == REPEATED)
    if repeated:
        raise _invalid(f"{repeated[0]} is given more than once.")
    if fields.get("response_type") != "code":
        raise Problem("unsupported_response_type", 400, "The response_type has to be code.")
    if fields.get("response_mode", "query") != "query":
        raise _invalid("The response_mode has to be query.")
    for name in ("request", "request_uri"):
        if name in fields:
            raise Problem(f"{name}_not_supported", 400, f"The parameter {name} is not supported.")
    if fields.get("code_challenge_method") != "S256":
        raise _invalid("PKCE is required: code_challenge_method has to be S256.")
    challenge = fields.get("code_challenge", "")
    if not CHALLENGE.fullmatch(challenge):
        raise _invalid("PKCE is required: code_challenge has to be a base64url SHA-256.")
    audience = resource.require(fields.get("resource"))
    scopes = read_scopes(fields.get("scope"))
    prompt = fields.get("prompt", "").split()
    if "none" in prompt:
        raise Problem("interaction_required", 400, "A person has to be asked.")
    return Wish(asked, challenge, audience, scopes, insists=bool(prompt))


def read_scopes(text: str | None) -> tuple[str, ...]:
    """Return the scopes to give; raise `Problem` invalid_scope when none of those asked for is ours."""
    if text is None:
        return SCOPES
    wished = set(text.split())
    if MCP_SCOPE in wished or not wished - IGNORED_SCOPES:
        return SCOPES
    raise Problem("invalid_scope", 400, f"The scope that omni2 gives is {MCP_SCOPE}.")


def _one(fields: Mapping[str, str], name: str) -> str | None:
    value = fields.get(name)
    return None if value in {None, "", REPEATED} else value


def _invalid(detail: str) -> Problem:
    return Problem("invalid_request", 400, detail)
