"""A conversation with the demo model over the real demo servers, without anything in between."""

from dataclasses import dataclass, field

from omni2.demo import DEMO_SERVERS
from omni2.upstream.demo_model import DemoModel
from omni2.upstream.pool import SessionPool
from omni2.upstream.ports import (
    AssistantMessage,
    Catalogue,
    Message,
    ModelDone,
    ModelRequest,
    ModelTarget,
    ServerTarget,
    TextDelta,
    ToolMessage,
    ToolSpec,
    ToolWish,
    UserMessage,
)
from tests.support.pools import call_tool

TARGET = ModelTarget("demo", "omni2-demo", None, None, 5_000)


@dataclass
class Talk:
    """What was said, which tools exist, and the calls of the latest answer."""

    pool: SessionPool
    servers: dict[str, ServerTarget]
    catalogues: dict[str, Catalogue]
    tools: tuple[ToolSpec, ...]
    messages: list[Message] = field(default_factory=list)
    calls: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    async def ask(self, question: str) -> str:
        """Say `question`, carry out what the model wishes, and return its words."""
        self.messages.append(UserMessage(question))
        self.calls = []
        for _ in range(4):
            text, wishes = await self._turn()
            self.messages.append(AssistantMessage(text, wishes))
            if not wishes:
                return text
            for wish in wishes:
                await self._carry_out(wish)
        raise AssertionError("the model goes on for ever")

    async def close(self) -> None:
        """End the servers."""
        await self.pool.aclose()

    async def _turn(self) -> tuple[str, tuple[ToolWish, ...]]:
        request = ModelRequest(tuple(self.messages), self.tools, None, 4_000)
        text, wishes = "", list[ToolWish]()
        async for event in DemoModel(delay_ms=0).stream(TARGET, request):
            match event:
                case TextDelta(piece):
                    text += piece
                case ToolWish():
                    wishes.append(event)
                case ModelDone(usage=usage):
                    assert usage.estimated
        return text, tuple(wishes)

    async def _carry_out(self, wish: ToolWish) -> None:
        self.calls.append((wish.name, dict(wish.arguments)))
        slug, _, name = wish.name.partition("__")
        outcome = await call_tool(self.pool, self.servers[slug], name, wish.arguments)
        failed = outcome.status != "ok"
        self.messages.append(ToolMessage(wish.call_id, wish.name, outcome.text, failed))


async def open_talk(data_directory: str) -> Talk:
    """Start the demo servers over a data directory and offer all their tools."""
    pool = SessionPool(stdio_commands=frozenset())
    servers = {
        server.slug: ServerTarget(
            server_id=server.slug,
            slug=server.slug,
            title=server.title,
            transport="stdio",
            url=None,
            command=server.command_in(data_directory),
            env=(),
            headers=(),
            timeout_ms=30_000,
            concurrency=4,
            version=1,
            allow_private=False,
            builtin=True,
        )
        for server in DEMO_SERVERS
    }
    catalogues = {slug: await pool.list_tools(target) for slug, target in servers.items()}
    tools = tuple(
        ToolSpec(f"{slug}__{tool.name}", tool.title, tool.description, tool.input_schema)
        for slug, catalogue in catalogues.items()
        for tool in catalogue.tools
    )
    return Talk(pool, servers, catalogues, tools)
