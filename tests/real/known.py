"""The real servers that are tried, and what each is known to have."""

from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Known:
    """What a server is known to have. Words in braces stand for places: `{folder}`, `{page}`."""

    slug: str
    package: str
    transport: str
    tools: int
    calls: tuple[tuple[str, dict[str, Any], str], ...]
    prompts: tuple[tuple[str, dict[str, str], str], ...] = ()
    resources: tuple[tuple[str, str], ...] = ()
    revision: str = "2025-11-25"
    lock: str = ""


NEWEST = "2026-07-28"


def old(slug: str, transport: str) -> Known:
    """Return what our server on the Python SDK before 2 has."""
    return replace(
        newest(slug, transport), package="mcp", revision="2025-11-25", lock="requirements-older.lock"
    )


def newest(slug: str, transport: str) -> Known:
    """Return what our server on the newest SDK has."""
    return Known(
        slug,
        "@modelcontextprotocol/server",
        transport,
        7,
        (("get-sum", {"a": 2, "b": 3}, "The sum of 2 and 3 is 5."),),
        (("args-prompt", {"city": "Paris"}, "What's weather in Paris?"),),
        (("demo://resource/dynamic/text/7", "Resource 7: This is a plaintext resource"),),
        NEWEST,
    )


def everything(slug: str, transport: str) -> Known:
    """Return what server-everything has."""
    return Known(
        slug,
        "@modelcontextprotocol/server-everything",
        transport,
        17,
        (
            ("echo", {"message": "Hello"}, "Echo: Hello"),
            ("get-sum", {"a": 2, "b": 3}, "The sum of 2 and 3 is 5."),
        ),
        (("args-prompt", {"city": "Paris", "state": "Texas"}, "What's weather in Paris, Texas?"),),
        (
            ("demo://resource/dynamic/text/7", "Resource 7: This is a plaintext resource"),
            ("demo://resource/static/document/features.md", "# Everything Server"),
        ),
    )


KNOWN = (
    everything("everything", "stdio"),
    everything("everything-http", "http"),
    everything("everything-sse", "sse"),
    old("old-http", "http"),
    old("old-sse", "sse"),
    newest("newest", "stdio"),
    newest("newest-http", "http"),
    Known(
        "files",
        "@modelcontextprotocol/server-filesystem",
        "stdio",
        14,
        (
            ("read_text_file", {"path": "{folder}/note.txt"}, "The key is under the mat."),
            ("write_file", {"path": "{folder}/new.txt", "content": "New."}, "Successfully wrote"),
            ("read_text_file", {"path": "/etc/hostname"}, "Access denied"),
        ),
    ),
    Known(
        "memory",
        "@modelcontextprotocol/server-memory",
        "stdio",
        9,
        (
            (
                "create_entities",
                {"entities": [{"name": "Ann", "entityType": "person", "observations": ["sails"]}]},
                "sails",
            ),
            ("read_graph", {}, "Ann"),
        ),
        (),
        (("memory://knowledge-graph", "Ann"),),
    ),
    Known(
        "clock",
        "mcp-server-time",
        "stdio",
        2,
        (
            ("get_current_time", {"timezone": "Europe/Paris"}, "Europe/Paris"),
            (
                "convert_time",
                {"source_timezone": "UTC", "time": "12:00", "target_timezone": "Asia/Tokyo"},
                "T21:00:00+09:00",
            ),
        ),
        revision=NEWEST,
    ),
    Known(
        "git",
        "mcp-server-git",
        "stdio",
        12,
        (
            ("git_log", {"repo_path": "{folder}/repository"}, "Begin with one"),
            ("git_status", {"repo_path": "{folder}/repository"}, "nothing to commit"),
        ),
        revision=NEWEST,
    ),
    Known(
        "fetch",
        "mcp-server-fetch",
        "stdio",
        1,
        (("fetch", {"url": "{page}", "raw": True}, "<p>High water at noon.</p>"),),
        (("fetch", {"url": "{page}"}, "High water at noon."),),
        revision=NEWEST,
    ),
    Known(
        "sqlite",
        "mcp-server-sqlite",
        "stdio",
        6,
        (
            ("create_table", {"query": "CREATE TABLE boat (name TEXT)"}, "Table created successfully"),
            ("write_query", {"query": "INSERT INTO boat VALUES ('Gull')"}, "affected_rows"),
            ("read_query", {"query": "SELECT name FROM boat"}, "Gull"),
            ("append_insight", {"insight": "Boats sell."}, "Insight added"),
        ),
        (("mcp-demo", {"topic": "sailing"}, "sailing"),),
        (("memo://insights", "Boats sell."),),
    ),
    Known("calculator", "mcp-server-calculator", "stdio", 1, (("calculate", {"expression": "6 * 7"}, "42"),)),
)
