"""Problems as answers over HTTP: `application/problem+json`."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from omni2.kernel.errors import Problem


def bug() -> Problem:
    """Return what a bug looks like from outside."""
    return Problem(
        "internal", 500, "omni2 failed. Give the request id to your administrator; the log has the details."
    )


def render(problem: Problem, request_id: str | None = None) -> Response:
    """Return the response for a problem: `application/problem+json`."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": problem.code.replace("_", " "),
        **problem.members(),
    }
    if request_id is not None:
        body["request_id"] = request_id
    headers: dict[str, str] = {}
    if problem.status == 401:
        headers["www-authenticate"] = "Bearer"
    if isinstance(wait := problem.extra.get("retry_after_ms"), int):
        headers["retry-after"] = str(max(1, wait // 1000))
    return JSONResponse(body, problem.status, headers, media_type="application/problem+json")


def request_id_of(request: Request) -> str | None:
    """Return the id that the edge gave to this request."""
    return getattr(request.state, "request_id", None)
