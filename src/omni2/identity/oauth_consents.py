"""Consents: a person lets a client act in their name, sees which do, and takes it back."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import JsonValue
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.identity.epochs import Mirror, bump, serialise
from omni2.identity.oauth_clients import Client, client_of, keep_client
from omni2.identity.oauth_models import OAuthClient, OAuthCode, OAuthConsent, OAuthFamily
from omni2.identity.oauth_requests import Wish
from omni2.identity.oauth_uris import host_of, stays_on_the_machine
from omni2.identity.principal import Principal
from omni2.kernel.db import Database, Work
from omni2.kernel.errors import Problem, not_found
from omni2.kernel.ids import new_id, now
from omni2.kernel.journal import write_journal
from omni2.kernel.secrets import digest

CODE_LIFETIME = timedelta(seconds=60)
USED_KEPT = timedelta(minutes=10)
CONSENTS_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Consent:
    """A client that acts in somebody's name, as stored."""

    row: OAuthConsent
    client: Client


async def allow(database: Database, principal: Principal, wish: Wish) -> str:
    """Note the consent and return a code for the client, which is stored nowhere."""
    require_person(principal)
    client, code = wish.asked.client, secrets.token_urlsafe(32)
    async with database.work() as work:
        await serialise(work)
        consent = await _consent(work, principal.user_id, client.client_id)
        if consent is None:
            await _require_room(work, principal.user_id)
            await keep_client(work, client)
            consent = OAuthConsent(consent_id=new_id(), user_id=principal.user_id, client_id=client.client_id)
            work.session.add(consent)
        consent.scopes, consent.given_at = [*wish.scopes], now()
        consent.redirect_uri = wish.asked.redirect_uri
        await work.session.flush()
        await work.session.execute(delete(OAuthCode).where(OAuthCode.expires_at < now() - USED_KEPT))
        await work.session.execute(delete(OAuthFamily).where(OAuthFamily.expires_at < now()))
        work.session.add(
            OAuthCode(
                code_hash=digest(code),
                consent_id=consent.consent_id,
                family_id=new_id(),
                redirect_uri=wish.asked.redirect_uri,
                challenge=wish.challenge,
                audience=wish.audience,
                expires_at=now() + CODE_LIFETIME,
                used_at=None,
            )
        )
        _write_given(work, principal, wish)
    return code


async def find_consent(session: AsyncSession, user_id: str, wish: Wish) -> OAuthConsent | None:
    """Return the consent that this person gave this client before, for at least these scopes, or None."""
    consent = await session.scalar(
        select(OAuthConsent).where(
            OAuthConsent.user_id == user_id, OAuthConsent.client_id == wish.asked.client.client_id
        )
    )
    held = consent.scopes if consent is not None and isinstance(consent.scopes, list) else []
    return consent if set(wish.scopes) <= {str(scope) for scope in held} else None


def may_be_repeated(consent: OAuthConsent, wish: Wish) -> bool:
    """Whether the person need not be asked again.

    Only where nobody else can receive the answer: the client's document vouches for an https address, the
    same that the person agreed to. What any program on a machine could receive is asked for each time.
    """
    asked = wish.asked
    vouched = asked.client.kind == "document" and host_of(asked.redirect_uri) == asked.client.host
    return (
        vouched
        and not wish.insists
        and consent.redirect_uri == asked.redirect_uri
        and not stays_on_the_machine(asked.redirect_uri)
    )


async def list_consents(session: AsyncSession, user_id: str) -> Sequence[Consent]:
    """Return the clients that act for a person, the newest consent first."""
    rows = await session.execute(
        select(OAuthConsent, OAuthClient)
        .join(OAuthClient, OAuthClient.client_id == OAuthConsent.client_id)
        .where(OAuthConsent.user_id == user_id)
        .order_by(OAuthConsent.given_at.desc())
    )
    return [Consent(consent, client_of(client)) for consent, client in rows.all()]


async def revoke_consent(database: Database, mirror: Mirror, principal: Principal, consent_id: str) -> None:
    """Take a consent back: all tokens of the client end. Raises `Problem` for one that is not theirs."""
    async with database.work(urgent=True) as work:
        await serialise(work)
        found = (
            await work.session.execute(
                select(OAuthConsent, OAuthClient)
                .join(OAuthClient, OAuthClient.client_id == OAuthConsent.client_id)
                .where(OAuthConsent.consent_id == consent_id, OAuthConsent.user_id == principal.user_id)
            )
        ).one_or_none()
        if found is None:
            raise not_found("connected program")
        consent, client = found
        await work.session.delete(consent)
        await bump(work, "user", principal.user_id)
        sentence = f"{principal.email} disconnected the program {client.name}."
        data: JsonValue = {"client_id": client.client_id}
        write_journal(
            work, principal.actor, "consent.revoked", sentence, subject_id=principal.user_id, data=data
        )
    await mirror.catch_up()


async def end_consents(work: Work, user_id: str) -> list[str]:
    """Take all consents of a person back in this transaction; return the names of the clients."""
    rows = await work.session.execute(
        select(OAuthConsent.consent_id, OAuthClient.name)
        .join(OAuthClient, OAuthClient.client_id == OAuthConsent.client_id)
        .where(OAuthConsent.user_id == user_id)
    )
    found = rows.all()
    await work.session.execute(delete(OAuthConsent).where(OAuthConsent.user_id == user_id))
    return [row.name for row in found]


async def count_connected(session: AsyncSession, user_id: str, since: datetime) -> int:
    """Return how many sets of tokens of clients are alive for a person."""
    count = await session.scalar(
        select(func.count())
        .select_from(OAuthFamily)
        .join(OAuthConsent, OAuthConsent.consent_id == OAuthFamily.consent_id)
        .where(OAuthConsent.user_id == user_id, OAuthFamily.expires_at > since)
    )
    return count or 0


def require_person(principal: Principal) -> None:
    """Raise `Problem` unless a person sits there: a token must not connect further programs."""
    if principal.method != "session":
        raise Problem("session_needed", 403, "Sign in with a browser to connect a program.")


async def _consent(work: Work, user_id: str, client_id: str) -> OAuthConsent | None:
    return await work.session.scalar(
        select(OAuthConsent).where(OAuthConsent.user_id == user_id, OAuthConsent.client_id == client_id)
    )


async def _require_room(work: Work, user_id: str) -> None:
    held = select(func.count()).select_from(OAuthConsent).where(OAuthConsent.user_id == user_id)
    if (await work.session.scalar(held) or 0) >= CONSENTS_LIMIT:
        detail = f"{CONSENTS_LIMIT} programs are connected already. Disconnect one on the Connect page first."
        raise Problem("too_many_clients", 409, detail)


def _write_given(work: Work, principal: Principal, wish: Wish) -> None:
    client, where = wish.asked.client, host_of(wish.asked.redirect_uri)
    sentence = f"{principal.email} connected the program {client.name}, which answers at {where}."
    data: JsonValue = {
        "client_id": client.client_id,
        "redirect_uri": wish.asked.redirect_uri,
        "scopes": [*wish.scopes],
    }
    write_journal(work, principal.actor, "consent.given", sentence, subject_id=principal.user_id, data=data)
