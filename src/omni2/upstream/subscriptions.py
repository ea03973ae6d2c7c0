"""Who wants to hear of which resource, by the sessions that it is heard through."""

from collections.abc import Callable

from pydantic import JsonValue

OnUpdated = Callable[[str], None]
Owner = tuple[str, str]  # the server's id, and whose sessions


class Subscriptions:
    """Callbacks by resource. They are called at once, and may not wait."""

    def __init__(self) -> None:
        self._wanted: dict[Owner, dict[str, list[OnUpdated]]] = {}

    def add(self, owner: Owner, uri: str, on_updated: OnUpdated) -> bool:
        """Want to hear of `uri`; return whether nobody did before."""
        callbacks = self._wanted.setdefault(owner, {}).setdefault(uri, [])
        callbacks.append(on_updated)
        return len(callbacks) == 1

    def remove(self, owner: Owner, uri: str, on_updated: OnUpdated) -> bool:
        """Want that no more; return whether nobody does now who did before."""
        by_uri = self._wanted.get(owner, {})
        callbacks = by_uri.get(uri, [])
        if on_updated not in callbacks:
            return False
        callbacks.remove(on_updated)
        if callbacks:
            return False
        del by_uri[uri]
        if not by_uri:
            del self._wanted[owner]
        return True

    def uris(self, owner: Owner) -> tuple[str, ...]:
        """Return what is wanted through these sessions."""
        return tuple(self._wanted.get(owner, ()))

    def tell(self, owner: Owner, params: JsonValue) -> None:
        """Tell everyone who wants to hear of the resource that `params` name, or of what it is a part of."""
        uri = params.get("uri") if isinstance(params, dict) else None
        if not isinstance(uri, str):
            return
        for wanted, callbacks in list(self._wanted.get(owner, {}).items()):
            if uri == wanted or uri.startswith(wanted.rstrip("/") + "/"):
                for callback in list(callbacks):
                    callback(uri)
