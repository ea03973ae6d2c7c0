"""Whose flows somebody looks at now: what is recorded of all others costs one look into a set."""

from collections.abc import Callable, Iterable


class Attention:
    """Hears of every phase that became durable, and passes on those of watched users.

    Watched are the users whom this replica's watchers look at, and those whom another replica's do.
    """

    def __init__(self) -> None:
        self._users: frozenset[str] = frozenset()
        self._hear: Callable[[str, str], None] | None = None

    def note(self, user_id: str, flow_id: str) -> None:
        """Say that a flow has grown or has ended; for a user whom nobody watches this is all."""
        if user_id in self._users and self._hear is not None:
            self._hear(user_id, flow_id)

    def watch(self, user_ids: Iterable[str]) -> None:
        """Replace the users to hear of."""
        self._users = frozenset(user_ids)

    def hear(self, callback: Callable[[str, str], None]) -> None:
        """Let `callback` have user id and flow id of what is noted of watched users; it must not wait."""
        self._hear = callback
