"""Logs are event names with fields, on standard error; nothing secret, nothing on standard output."""

import logging
import sys
from typing import TextIO, cast

import structlog


class StandardError:
    """Standard error as it is at each line, since a loop or a test may have put another one in its place."""

    def write(self, text: str) -> int:
        """Write to the present standard error."""
        return sys.stderr.write(text)

    def flush(self) -> None:
        """Flush the present standard error."""
        sys.stderr.flush()


def configure(level: str, *, as_json: bool) -> None:
    """Set up structlog, and let foreign loggers speak from WARNING up.

    Tracebacks are plain: local variables hold secrets.
    """
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    renderer = (
        structlog.processors.JSONRenderer()
        if as_json
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([structlog.processors.format_exc_info] if as_json else []),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", StandardError())),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(
        level=max(number, logging.WARNING),
        stream=cast("TextIO", StandardError()),
        format="%(levelname)s %(name)s %(message)s",
    )
