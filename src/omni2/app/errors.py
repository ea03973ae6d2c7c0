"""How the HTTP side tells of problems: one shape for ours, for validation and for the framework's."""

from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from omni2.app.bodies import BodyRefused
from omni2.app.rendering import bug, render, request_id_of
from omni2.kernel.errors import Problem


def install_errors(app: FastAPI) -> None:
    """Register the renderers."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _bug)


async def _problem(request: Request, error: Exception) -> Response:
    return render(cast("Problem", error), request_id_of(request))


async def _validation(request: Request, error: Exception) -> Response:
    found: list[dict[str, Any]] = [
        {"field": ".".join(str(part) for part in item["loc"][1:]), "detail": str(item["msg"])}
        for item in cast("RequestValidationError", error).errors()[:20]
    ]
    first = found[0] if found else {"field": "", "detail": "The request is malformed."}
    where = f"{first['field']}: " if first["field"] else ""
    problem = Problem(
        "invalid_request", 422, f"{where}{first['detail']}.", field=first["field"], errors=cast("Any", found)
    )
    return render(problem, request_id_of(request))


async def _http(request: Request, error: Exception) -> Response:
    if isinstance(error, BodyRefused):
        return render(error.problem, request_id_of(request))
    status = cast("HTTPException", error).status_code
    code, detail = {
        404: ("not_found", "There is nothing at this address."),
        405: ("method_not_allowed", "This address does not take this method."),
    }.get(status, ("invalid_request", "The request cannot be read."))
    return render(Problem(code, status, detail), request_id_of(request))


async def _bug(request: Request, error: Exception) -> Response:
    del error
    return render(bug(), request_id_of(request))
