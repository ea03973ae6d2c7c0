"""Guards: nothing in the tree grows beyond what can be read at once."""

import ast

from omni2.kernel.settings import Settings
from tests.support.source import sources

FILE_LINES = 400
FUNCTION_LINES = 50
SETTINGS = 40


def test_no_python_file_is_longer_than_the_limit() -> None:
    long = [
        f"{source.name}: {lines} lines (at most {FILE_LINES}); split it by noun"
        for source in sources()
        if "migrations/versions" not in source.name and (lines := len(source.text.splitlines())) > FILE_LINES
    ]
    assert not long, "\n".join(long)


def test_no_function_is_longer_than_the_limit() -> None:
    long = [
        f"{source.at(node)}: {node.name} has {lines} lines (at most {FUNCTION_LINES}); name its parts"
        for source in sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES
    ]
    assert not long, "\n".join(long)


def test_start_up_settings_stay_few() -> None:
    assert len(Settings.model_fields) <= SETTINGS, "what may change at run time is a row, not a setting"


def test_every_module_says_its_job_in_one_line() -> None:
    silent = [
        f"{source.name}: its first line must be a docstring that says its job"
        for source in sources()
        if source.text.strip() and not ast.get_docstring(source.tree)
    ]
    assert not silent, "\n".join(silent)
