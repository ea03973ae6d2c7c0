"""What a fresh installation shows itself with: two demo servers and three questions that they answer."""

import sys
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DemoServer:
    """A stdio server that comes with omni2; `{data}` in its command stands for the data directory."""

    slug: str
    title: str
    description: str
    command: tuple[str, ...]

    def command_in(self, data_directory: str) -> tuple[str, ...]:
        """Return the command with the data directory filled in; it must be an absolute path."""
        return tuple(part.replace("{data}", data_directory) for part in self.command)


DEMO_SERVERS = (
    DemoServer(
        slug="shop",
        title="Demo shop",
        description="Orders, products, support tickets and sales of a made-up shop.",
        command=(sys.executable, "-m", "omni2.demo.shop", "--db", "{data}/demo-shop.sqlite3"),
    ),
    DemoServer(
        slug="time",
        title="Demo time",
        description="The time of day anywhere, and conversions between time zones.",
        command=(sys.executable, "-m", "mcp_server_time"),
    ),
)

SUGGESTED_PROMPTS = (
    "Where is order 1042 and what did it cost?",
    "Which products are low on stock?",
    "What time is it in Tokyo?",
)
