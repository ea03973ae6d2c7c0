"""The authorization server as clients meet it: documents, authorization, tokens, registration, revocation."""

import base64
from collections.abc import Mapping
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import JsonValue

from omni2.identity.deps import (
    ClientsDep,
    MirrorDep,
    ResourceDep,
    authenticate,
    client_address,
    public,
)
from omni2.identity.oauth_requests import read_asked, read_fields, read_wish
from omni2.identity.oauth_tokens import Counter, issue, revoke
from omni2.kernel.deps import DatabaseDep
from omni2.kernel.errors import Problem

router = APIRouter(tags=["oauth"], dependencies=[Depends(public)])
OPEN = {"access-control-allow-origin": "*"}
FRESH = {**OPEN, "cache-control": "public, max-age=300", "vary": "host"}
NEVER_KEPT = {**OPEN, "cache-control": "no-store", "pragma": "no-cache"}
PREFLIGHT = {
    **OPEN,
    "access-control-allow-methods": "GET, POST, OPTIONS",
    "access-control-allow-headers": "authorization, content-type, mcp-protocol-version",
    "access-control-max-age": "86400",
}
FORM = "application/x-www-form-urlencoded"
CODES = frozenset(
    {
        "access_denied", "invalid_client", "invalid_client_metadata", "invalid_grant", "invalid_redirect_uri",
        "invalid_request", "invalid_scope", "invalid_target", "temporarily_unavailable",
        "unsupported_grant_type",
    }
)  # fmt: skip
RESOURCE = "/.well-known/oauth-protected-resource"
SERVER = "/.well-known/oauth-authorization-server"


@router.get(RESOURCE)
async def get_resource(resource: ResourceDep) -> JSONResponse:
    """Tell which authorization server gives tokens for `/mcp` (RFC 9728)."""
    return JSONResponse(dict(resource.metadata()), headers=FRESH)


@router.get(f"{RESOURCE}/mcp")
async def get_resource_at(resource: ResourceDep) -> JSONResponse:
    """Tell the same where clients look by the endpoint's path."""
    return JSONResponse(dict(resource.metadata()), headers=FRESH)


@router.get(f"{RESOURCE}/mcp/{{slug}}")
async def get_resource_beneath(slug: str, resource: ResourceDep) -> JSONResponse:
    """Tell the same for one server, whether there is one of this name or not: tokens are for all."""
    del slug
    return JSONResponse(dict(resource.metadata()), headers=FRESH)


@router.get(SERVER)
async def get_server(resource: ResourceDep) -> JSONResponse:
    """Tell what the authorization server does (RFC 8414)."""
    return JSONResponse(dict(resource.server_metadata()), headers=FRESH)


@router.get("/oauth/authorize")
async def authorize(request: Request, clients: ClientsDep, resource: ResourceDep) -> Response:
    """Check what a client asks for and lead the person to the consent page; answers with a redirect.

    What is wrong with the client or its address is told to the person and never sent to that address.
    """
    query = request.url.query
    consent = f"/consent?request={_wrapped(query)}"
    signed_in = await _is_signed_in(request)
    page = consent if signed_in else f"/login?next={quote(consent, safe='')}"
    try:
        asked = await read_asked(clients, fields := read_fields(query), resource.origin, fetch=signed_in)
    except Problem:
        if "text/html" in request.headers.get("accept", ""):
            return _lead(page)
        raise
    if asked is None:
        return _lead(page)
    try:
        read_wish(asked, fields, resource)
    except Problem as problem:
        return _lead(asked.refusal(problem))
    return _lead(page)


@router.post("/oauth/token")
async def post_token(
    request: Request, resource: ResourceDep, database: DatabaseDep, mirror: MirrorDep
) -> JSONResponse:
    """Give tokens for a code or a refresh token (RFC 6749); form-encoded."""
    try:
        if request.headers.get("authorization"):
            raise Problem("invalid_client", 401, "Clients are public here: they prove themselves by PKCE.")
        issued = await issue(Counter(database, mirror, resource), await _form(request))
    except Problem as problem:
        return refused(problem)
    return JSONResponse(dict(issued.body()), headers=NEVER_KEPT)


@router.post("/oauth/revoke")
async def post_revoke(
    request: Request, resource: ResourceDep, database: DatabaseDep, mirror: MirrorDep
) -> JSONResponse:
    """End a token (RFC 7009); also says yes to one that does not exist."""
    try:
        await revoke(Counter(database, mirror, resource), await _form(request))
    except Problem as problem:
        return refused(problem)
    return JSONResponse({}, headers=NEVER_KEPT)


@router.post("/oauth/register", status_code=201)
async def post_register(request: Request, clients: ClientsDep) -> JSONResponse:
    """Register a client (RFC 7591), where the installation allows it."""
    try:
        client, at = await clients.register(await request.body(), client_address(request))
    except Problem as problem:
        return refused(problem)
    body: Mapping[str, JsonValue] = {
        "client_id": client.client_id,
        "client_id_issued_at": at,
        "client_name": client.name,
        "redirect_uris": [*client.redirect_uris],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
    }
    return JSONResponse(dict(body), 201, NEVER_KEPT)


@router.options(RESOURCE, status_code=204)
@router.options(f"{RESOURCE}/mcp", status_code=204)
@router.options(f"{RESOURCE}/mcp/{{slug}}", status_code=204)
@router.options(SERVER, status_code=204)
@router.options("/oauth/token", status_code=204)
@router.options("/oauth/revoke", status_code=204)
@router.options("/oauth/register", status_code=204)
async def preflight() -> Response:
    """Let programs of other origins ask: nothing here looks at cookies."""
    return Response(status_code=204, headers=PREFLIGHT)


def refused(problem: Problem) -> JSONResponse:
    """Return a problem as RFC 6749 has it."""
    error = problem.code if problem.code in CODES else "temporarily_unavailable"
    if problem.status < 429 and problem.code not in CODES:
        error = "invalid_request"
    headers = dict(NEVER_KEPT)
    if problem.status == 401:
        headers["www-authenticate"] = "Basic"
    if isinstance(wait := problem.extra.get("retry_after_ms"), int):
        headers["retry-after"] = str(max(1, wait // 1000))
    body = {"error": error, "error_description": problem.detail}
    return JSONResponse(body, problem.status, headers)


async def _form(request: Request) -> Mapping[str, str]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM:
        raise Problem("invalid_request", 400, f"Send the parameters as {FORM}.")
    try:
        return read_fields((await request.body()).decode("ascii"))
    except UnicodeDecodeError as error:
        raise Problem("invalid_request", 400, "The parameters cannot be read.") from error


def _wrapped(query: str) -> str:
    """Return a query as one word that passes through the pages' own reading of addresses unchanged."""
    return "q." + base64.urlsafe_b64encode(query.encode()).rstrip(b"=").decode()


async def _is_signed_in(request: Request) -> bool:
    try:
        return (await authenticate(request)).method == "session"
    except Problem as problem:
        if problem.status >= 500:
            raise
        return False


def _lead(where: str) -> RedirectResponse:
    """Send the browser on; what it was asked with goes nowhere else."""
    return RedirectResponse(where, 302, {"cache-control": "no-store", "referrer-policy": "no-referrer"})
