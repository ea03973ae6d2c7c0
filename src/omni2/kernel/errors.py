"""The one error root: a problem with a stable code that each wire renders in its own way."""

from collections.abc import Mapping

from pydantic import JsonValue


class Problem(Exception):
    """A refusal or failure that a caller may see.

    `code` is stable and machine-readable, `status` an HTTP status, `detail` plain English that says
    what happened and the next step. `extra` holds members such as `field`, `rule`, `limit`,
    `remaining`, `resets_at`, `retry_after_ms`. Nothing in it may be secret.
    """

    def __init__(self, code: str, status: int, detail: str, **extra: JsonValue) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.status = status
        self.detail = detail
        self.extra: Mapping[str, JsonValue] = extra

    def members(self) -> dict[str, JsonValue]:
        """Return the members that every rendering shares."""
        return {"code": self.code, "status": self.status, "detail": self.detail, **self.extra}


def not_found(what: str) -> Problem:
    """Return the problem for a `what` that does not exist, or that the caller may not know of."""
    return Problem("not_found", 404, f"This {what} does not exist. It may have been deleted.")


def invalid(field: str, detail: str) -> Problem:
    """Return the problem for a well-formed request with an unusable value in `field`."""
    return Problem("invalid_request", 422, detail, field=field)
