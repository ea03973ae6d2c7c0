"""Who asks and what they may use, found once for as long as nothing that it stands on has moved."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from omni2.access.book import AccessBook
from omni2.access.compiled import Access
from omni2.identity.auth import Authenticator
from omni2.identity.epochs import Mirror
from omni2.identity.principal import Principal
from omni2.kernel.ids import now

LIMIT = 4_096
LOOK_AGAIN_S = 5.0


@dataclass(slots=True)
class View:
    """What holds of a principal. `notes` is for what others derive from it, and nothing else."""

    asked: Principal
    principal: Principal
    access: Access
    expires_at: datetime | None
    until: float
    notes: dict[Any, Any] = field(default_factory=dict)


class Views:
    """Views by principal, all of one state of the mirror: whatever it sees to have moved ends all of them."""

    def __init__(self, mirror: Mirror, authenticator: Authenticator, access: AccessBook) -> None:
        self._mirror = mirror
        self._authenticator = authenticator
        self._access = access
        self._seq = -1
        self._found: dict[tuple[int, str | None], View] = {}

    def of(self, principal: Principal, client: str | None = None) -> View | None:
        """Return what holds now, None where that takes a read; `client` is what its program calls itself."""
        mirror = self._mirror
        if not mirror.fresh:
            return None
        if self._seq != mirror.seq or len(self._found) >= LIMIT:
            self._seq = mirror.seq
            self._found.clear()
        found = self._found.get((id(principal), client))
        if (
            found is None
            or found.until < mirror.fresh_until
            or (found.expires_at is not None and found.expires_at <= now())
        ):
            found = self._look(principal, client)
        return found

    def _look(self, asked: Principal, client: str | None) -> View | None:
        principal = self._authenticator.known(asked, client)
        access = self._access.known(principal) if principal is not None else None
        if principal is None or access is None:
            return None
        expires_at = self._authenticator.expiry(principal)
        view = View(asked, principal, access, expires_at, self._mirror.fresh_until + LOOK_AGAIN_S)
        for known in (asked, principal):  # the view keeps both: their ids are nobody else's
            self._found[id(known), client] = view
        return view
