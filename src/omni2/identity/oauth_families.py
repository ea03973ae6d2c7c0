"""Families of tokens: what came of one code, kept by a key that each refresh token carries."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from pydantic import JsonValue
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.identity.auth import OAUTH_PREFIX
from omni2.identity.epochs import bump
from omni2.identity.models import User
from omni2.identity.oauth_models import OAuthClient, OAuthCode, OAuthConsent, OAuthFamily, OAuthToken
from omni2.identity.oauth_resource import SCOPES
from omni2.kernel.db import Work
from omni2.kernel.ids import now
from omni2.kernel.journal import Actor, write_journal
from omni2.kernel.secrets import digest

REFRESH_PREFIX = "omni2_rt_"
ACCESS_LIFETIME = timedelta(minutes=10)
REFRESH_LIFETIME = timedelta(days=30)
RETRY_WITHIN = timedelta(seconds=10)
RETRIES = 4
KEY_BYTES, KEY_CHARS = 16, 22
SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Issued:
    """A pair of tokens, stored nowhere."""

    access: str
    refresh: str

    def body(self) -> Mapping[str, JsonValue]:
        """Return the answer of RFC 6749."""
        return {
            "access_token": self.access,
            "token_type": "Bearer",
            "expires_in": int(ACCESS_LIFETIME.total_seconds()),
            "refresh_token": self.refresh,
            "scope": " ".join(SCOPES),
        }


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose tokens, and which client's."""

    consent: OAuthConsent
    client: OAuthClient
    user: User


async def find_holder(session: AsyncSession, consent_id: str) -> Holder | None:
    """Return who gave a consent, and to whom; None when it was taken back."""
    row = (
        await session.execute(
            select(OAuthConsent, OAuthClient, User)
            .join(OAuthClient, OAuthClient.client_id == OAuthConsent.client_id)
            .join(User, User.user_id == OAuthConsent.user_id)
            .where(OAuthConsent.consent_id == consent_id)
        )
    ).one_or_none()
    return None if row is None else Holder(*row)


async def find_family(session: AsyncSession, refresh: str) -> OAuthFamily | None:
    """Return the family that a refresh token belongs to, whether it still works or not."""
    key = _key_of(refresh)
    if key is None:
        return None
    return await session.scalar(select(OAuthFamily).where(OAuthFamily.key_hash == digest(key)))


async def find_family_of_access(session: AsyncSession, access: str) -> OAuthFamily | None:
    """Return the family that an access token belongs to."""
    return await session.scalar(
        select(OAuthFamily)
        .join(OAuthToken, OAuthToken.family_id == OAuthFamily.family_id)
        .where(OAuthToken.token_hash == digest(access))
    )


async def begin_family(work: Work, code: OAuthCode) -> Issued:
    """Return the first tokens of a code."""
    key = secrets.token_urlsafe(KEY_BYTES)
    family = OAuthFamily(
        family_id=code.family_id,
        key_hash=digest(key),
        consent_id=code.consent_id,
        audience=code.audience,
        current=[],
        retired=[],
        rotated_at=now(),
        expires_at=now() + REFRESH_LIFETIME,
    )
    work.session.add(family)
    await work.session.flush()
    return await _pair(work, family, key, [])


async def rotate_family(work: Work, family: OAuthFamily, refresh: str) -> Issued | None:
    """Return new tokens for a refresh token of `family`; None when it had been replaced before.

    The last rotation may be repeated for a moment, since its answer may have got lost on the way. What
    comes of that works until one of the siblings is used; who then shows another holds a copy, and is found.
    """
    key, shown = _key_of(refresh) or "", digest(refresh)
    current, retired = _hashes(family.current), _hashes(family.retired)
    if shown in current:
        family.retired, family.rotated_at = [*current], now()
        family.expires_at = now() + REFRESH_LIFETIME
        return await _pair(work, family, key, [])
    if shown in retired and now() - family.rotated_at <= RETRY_WITHIN and len(current) < RETRIES:
        return await _pair(work, family, key, current)
    return None


async def end_family(work: Work, family_id: str) -> None:
    """End a family in this transaction; the caller bumps the user's epoch."""
    await work.session.execute(delete(OAuthFamily).where(OAuthFamily.family_id == family_id))


async def report_reuse(work: Work, holder: Holder, family_id: str, what: str) -> None:
    """End a family in this transaction, and say so: its tokens may be in other hands."""
    await end_family(work, family_id)
    await bump(work, "user", holder.user.user_id)
    name, email = holder.client.name, holder.user.email
    sentence = f"The program {name} showed {what} of {email} that was used before; its tokens were ended."
    data: JsonValue = {"client_id": holder.client.client_id}
    actor, kind = Actor(None, name), "consent.reuse_detected"
    write_journal(work, actor, kind, sentence, subject_id=holder.user.user_id, data=data)


async def _pair(work: Work, family: OAuthFamily, key: str, siblings: Sequence[str]) -> Issued:
    access = OAUTH_PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    refresh = REFRESH_PREFIX + key + secrets.token_urlsafe(SECRET_BYTES)
    family.current = [*siblings, digest(refresh)]
    stale = (OAuthToken.family_id == family.family_id, OAuthToken.expires_at <= now())
    await work.session.execute(delete(OAuthToken).where(*stale))
    work.session.add(
        OAuthToken(token_hash=digest(access), family_id=family.family_id, expires_at=now() + ACCESS_LIFETIME)
    )
    return Issued(access, refresh)


def _key_of(refresh: str) -> str | None:
    """Return the family's key in a refresh token, or None for what is none."""
    whole = len(REFRESH_PREFIX) + KEY_CHARS + 43
    if not refresh.startswith(REFRESH_PREFIX) or len(refresh) != whole:
        return None
    return refresh[len(REFRESH_PREFIX) :][:KEY_CHARS]


def _hashes(stored: JsonValue) -> list[str]:
    return [str(item) for item in stored] if isinstance(stored, list) else []
