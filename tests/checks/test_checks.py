"""The linters, type checkers and UI tests that `make test` ran before, each shown as one test."""

import json
import os
from pathlib import Path
from typing import TypedDict

import pytest


class Result(TypedDict):
    """What `tools/check.py` reports of one check."""

    name: str
    passed: bool
    output: str
    mend: str


RESULTS: list[Result] = json.loads(Path(os.environ["OMNI2_CHECKS"]).read_text())


@pytest.mark.parametrize("result", RESULTS, ids=[result["name"] for result in RESULTS])
def test_every_check_passes(result: Result) -> None:
    if not result["passed"]:
        pytest.fail(f"{result['output']}\nTo mend: {result['mend']}", pytrace=False)


def test_chromium_is_there_for_the_browser_tests() -> None:
    if "OMNI2_CHROMIUM" not in os.environ:
        pytest.fail(
            "Chromium is missing. To mend: apt-get update && apt-get install -y chromium", pytrace=False
        )
