"""A server and its tools as rows, for reading about them."""

from omni2.catalog.models import Server, Tool
from omni2.identity.epochs import bump
from omni2.kernel.ids import new_id, now
from tests.support.stage import Stage


async def add_server(stage: Stage, slug: str, state: str = "connected", reason: str | None = None) -> str:
    """Add a server with the tool `echo`, and one that is gone; return its id."""
    server_id = new_id()
    async with stage.database.work() as work:
        work.session.add(
            Server(
                server_id=server_id,
                slug=slug,
                title=slug.title(),
                transport="http",
                url=f"https://{slug}.example.org/mcp",
                timeout_ms=1000,
                concurrency=4,
                allow_private=False,
                enabled=state != "disabled",
                demo=False,
                version=1,
                created_at=now(),
                state=state,
                reason=reason,
                since=now(),
            )
        )
        await work.session.flush()
        for name, gone_at in (("echo", None), ("gone", now())):
            work.session.add(
                Tool(
                    server_id=server_id,
                    name=name,
                    position=0,
                    description="",
                    input_schema={},
                    annotations={},
                    sha256="",
                    enabled=True,
                    pinned_at=now(),
                    gone_at=gone_at,
                )
            )
        await bump(work, "catalog")
    return server_id
