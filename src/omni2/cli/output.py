"""How commands speak: results on standard output, one-line reasons on standard error, exit codes."""

import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn, ParamSpec

import typer
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from omni2.kernel.errors import Problem

P = ParamSpec("P")


def refusing(command: Callable[P, None]) -> Callable[P, None]:
    """Turn what a command raises into one line on standard error and exit code 1."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except Problem as problem:
            fail(problem.detail)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            fail(f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}")
        except (OSError, SQLAlchemyError) as error:
            fail(f"{type(error).__name__}: {str(error).splitlines()[0]}")

    return run


def fail(reason: str) -> NoReturn:
    """Print the reason and exit with 1."""
    sys.stderr.write(f"omni2: {reason}\n")
    raise typer.Exit(1)


def line(text: str) -> None:
    """Print one line of the result."""
    sys.stdout.write(text + "\n")


class sink:  # noqa: N801 used like `open`
    """Where the export goes: a file, or standard output, which stays open."""

    def __init__(self, path: Path | None) -> None:
        self._file = sys.stdout.buffer if path is None else path.open("wb")
        self._closes = path is not None

    def __enter__(self) -> "sink":
        return self

    def write(self, part: bytes) -> None:
        """Write a part."""
        self._file.write(part)

    def __exit__(self, *_: object) -> None:
        self._file.flush()
        if self._closes:
            self._file.close()
