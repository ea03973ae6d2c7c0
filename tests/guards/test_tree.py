"""Guards: what is committed names no private host, no place on one machine, and no secret."""

import re

from tests.support.source import ROOT, files

TEXT = {
    *(".py", ".pyi", ".md", ".toml", ".lock", ".json", ".ts", ".tsx", ".js", ".mjs", ".cjs", ".css", ".html"),
    *(".yml", ".yaml", ".sh", ".cfg", ".ini", ".mako", ""),
}
PLACES = re.compile(
    r"(?<![\w.])/(?:work|root|opt/pypi|opt/wheels|Users/\w+|home/\w+)/|file:///opt"
    r"|https?://[\w.-]+\.(?:internal|corp|lan|intra|local)\b"
)
LOCKED_HOSTS = re.compile(r"https?://[^\s\"']+\.(?:whl|tgz|tar\.gz)")
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")
LIMIT_BYTES = 1_000_000


def _lines() -> list[tuple[str, str]]:
    return [
        (f"{path.relative_to(ROOT)}:{number}", line)
        for path in files()
        if path.suffix in TEXT and path.name != "test_tree.py" and path.stat().st_size < LIMIT_BYTES
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
    ]


LINES = _lines()


def test_no_file_names_a_private_host_or_a_place_on_one_machine() -> None:
    wrong = [f"{where}: {line.strip()[:120]}" for where, line in LINES if PLACES.search(line)]
    assert not wrong, "\n".join(wrong)


def test_the_locks_name_no_host() -> None:
    wrong = [
        f"{where}: {line.strip()[:120]}"
        for where, line in LINES
        if where.split(":")[0].endswith((".lock", "package-lock.json")) and LOCKED_HOSTS.search(line)
    ]
    assert not wrong, "\n".join(wrong)


def test_nothing_is_left_to_be_done_later() -> None:
    wrong = [
        f"{where}: {line.strip()[:120]}"
        for where, line in LINES
        if not where.startswith(("pyproject.toml", "requirements", "web/package-lock"))
        and UNFINISHED.search(line)
    ]
    assert not wrong, "\n".join(wrong)


def test_no_emoji_in_code_or_documents() -> None:
    emoji = re.compile("[\U0001f300-\U0001faff\u2705\u274c\u26a0\ufe0f]")
    wrong = [f"{where}: {line.strip()[:120]}" for where, line in LINES if emoji.search(line)]
    assert not wrong, "\n".join(wrong)
