"""Logs go to standard error as it is, whoever configured them."""

import io
import sys

import pytest
import structlog

from omni2.kernel.log import configure


def test_a_line_follows_standard_error_when_that_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    log, first, second = structlog.get_logger(), io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", first)
    configure("INFO", as_json=True)
    log.info("one_event", number=1)
    monkeypatch.setattr(sys, "stderr", second)
    first.close()
    log.info("another_event", number=2)
    assert '"event": "another_event"' in second.getvalue()


def test_nothing_is_said_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    configure("INFO", as_json=False)
    log = structlog.get_logger()
    log.warning("an_event", reason="x")
    said = capsys.readouterr()
    assert said.out == ""
    assert "an_event" in said.err
