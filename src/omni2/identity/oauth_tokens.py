"""The token endpoint: a code for tokens, a refresh token for new ones; what is used twice ends them all."""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.identity.epochs import Mirror, bump, serialise
from omni2.identity.models import User
from omni2.identity.oauth_families import (
    REFRESH_PREFIX,
    Holder,
    Issued,
    begin_family,
    end_family,
    find_family,
    find_family_of_access,
    find_holder,
    report_reuse,
    rotate_family,
)
from omni2.identity.oauth_models import OAuthCode, OAuthFamily, OAuthToken
from omni2.identity.oauth_requests import REPEATED
from omni2.identity.oauth_resource import Resource
from omni2.kernel.db import Database
from omni2.kernel.errors import Problem
from omni2.kernel.ids import now
from omni2.kernel.secrets import digest

VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


@dataclass(frozen=True, slots=True)
class Counter:
    """What the token endpoint needs of the process, and where it was asked."""

    database: Database
    mirror: Mirror
    resource: Resource


async def issue(counter: Counter, fields: Mapping[str, str]) -> Issued:
    """Answer a token request; raise `Problem` with a code of RFC 6749 or 8707."""
    if REPEATED in fields.values():
        raise Problem("invalid_request", 400, "A parameter is given more than once.")
    if "client_secret" in fields or "client_assertion" in fields:
        raise Problem("invalid_client", 401, "Clients are public here: they prove themselves by PKCE.")
    counter.resource.require(fields.get("resource"))
    match fields.get("grant_type"):
        case "authorization_code":
            return await _by_code(counter, fields)
        case "refresh_token":
            return await _by_refresh(counter, fields)
        case None:
            raise Problem("invalid_request", 400, "Give a grant_type.")
        case _:
            detail = "The grant_type has to be authorization_code or refresh_token."
            raise Problem("unsupported_grant_type", 400, detail)


async def revoke(counter: Counter, fields: Mapping[str, str]) -> None:
    """End a token of a client (RFC 7009): a refresh token with its family, an access token alone."""
    token, client_id = fields.get("token", ""), fields.get("client_id")
    async with counter.database.read() as session:
        family = await find_family(session, token) or await find_family_of_access(session, token)
        holder = None if family is None else await find_holder(session, family.consent_id)
    if family is None or holder is None or client_id not in {None, holder.client.client_id}:
        return
    async with counter.database.work(urgent=True) as work:
        await serialise(work)
        if token.startswith(REFRESH_PREFIX):
            await end_family(work, family.family_id)
        else:
            await work.session.execute(delete(OAuthToken).where(OAuthToken.token_hash == digest(token)))
        await bump(work, "user", holder.user.user_id)
    await counter.mirror.catch_up()


async def _by_code(counter: Counter, fields: Mapping[str, str]) -> Issued:
    async with counter.database.read() as session:  # strangers' guesses never reach the writer
        await _require_code(session, counter, fields)
    async with counter.database.work(urgent=True) as work:
        await serialise(work)
        code, holder = await _require_code(work.session, counter, fields)
        if code.used_at is None:
            code.used_at = holder.consent.last_used_at = now()
            return await begin_family(work, code)
        await report_reuse(work, holder, code.family_id, "a code")
    await counter.mirror.catch_up()
    raise _invalid_grant("This code was used before. The tokens that came of it were ended.")


async def _by_refresh(counter: Counter, fields: Mapping[str, str]) -> Issued:
    token = fields.get("refresh_token", "")
    async with counter.database.read() as session:
        await _require_family(session, counter, fields)
    async with counter.database.work(urgent=True) as work:
        await serialise(work)
        family, holder = await _require_family(work.session, counter, fields)
        issued = await rotate_family(work, family, token)
        if issued is not None:
            return issued
        await report_reuse(work, holder, family.family_id, "a refresh token")
    await counter.mirror.catch_up()
    raise _invalid_grant("This refresh token was used before. All tokens of its family were ended.")


async def _require_code(
    session: AsyncSession, counter: Counter, fields: Mapping[str, str]
) -> tuple[OAuthCode, Holder]:
    code = await session.get(OAuthCode, digest(fields.get("code", "")))
    holder = None if code is None else await find_holder(session, code.consent_id)
    if code is None or holder is None or (code.used_at is None and code.expires_at <= now()):
        raise _invalid_grant("This code does not work: it is unknown or older than a minute.")
    if fields.get("client_id") != holder.client.client_id:
        raise _invalid_grant("This code was given to another client.")
    if fields.get("redirect_uri") != code.redirect_uri:
        raise _invalid_grant("The redirect_uri is not the one that the code was sent to.")
    if not _proves(fields.get("code_verifier", ""), code.challenge):
        raise _invalid_grant("The code_verifier does not prove that this client asked for the code.")
    if code.audience != counter.resource.audience:
        raise _invalid_grant("This code was asked for at another origin.")
    await _require_welcome(counter.mirror, holder.user)
    return code, holder


async def _require_family(
    session: AsyncSession, counter: Counter, fields: Mapping[str, str]
) -> tuple[OAuthFamily, Holder]:
    family = await find_family(session, fields.get("refresh_token", ""))
    holder = None if family is None else await find_holder(session, family.consent_id)
    if family is None or holder is None or family.expires_at <= now():
        raise _invalid_grant("This refresh token does not work: it is unknown, ended or too old.")
    if fields.get("client_id") != holder.client.client_id:
        raise _invalid_grant("This refresh token was given to another client.")
    if family.audience != counter.resource.audience:
        raise _invalid_grant("This refresh token was given at another origin.")
    await _require_welcome(counter.mirror, holder.user)
    return family, holder


async def _require_welcome(mirror: Mirror, user: User) -> None:
    """Raise `Problem` for who may not use `/mcp` now; a block ends nothing, so that lifting it restores."""
    if user.status != "active":
        raise _invalid_grant("This account is not active.")
    try:
        await mirror.require_open(user.user_id, "mcp")
    except Problem as problem:
        if problem.code == "blocked":
            raise Problem("access_denied", 403, problem.detail) from problem
        raise


def _proves(verifier: str, challenge: str) -> bool:
    if not VERIFIER.fullmatch(verifier):
        return False
    made = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return hmac.compare_digest(made, challenge)


def _invalid_grant(detail: str) -> Problem:
    return Problem("invalid_grant", 400, detail)
