"""Effective access: what a person may use, why, and what could be used when a flow ran."""

from dataclasses import dataclass
from typing import cast

from sqlalchemy.ext.asyncio import AsyncSession

from omni2.access.book import AccessBook
from omni2.access.compiled import Access, Person
from omni2.access.models import AccessSnapshot
from omni2.access.schemas import (
    AccessView,
    Explanation,
    ServerAccess,
    SnapshotPrompts,
    SnapshotResources,
    SnapshotView,
    ToolAccess,
    VirtualAccess,
)
from omni2.catalog.entries import ServerEntry
from omni2.identity.models import User
from omni2.identity.principal import Principal
from omni2.kernel.errors import not_found
from omni2.kernel.jsons import loads


@dataclass(frozen=True, slots=True)
class Somebody:
    """A user who is asked about."""

    user_id: str
    role: str
    name: str


async def get_person(session: AsyncSession, user_id: str) -> Somebody:
    """Return the user; raise `Problem` 404."""
    user = await session.get(User, user_id)
    if user is None:
        raise not_found("user")
    return Somebody(user.user_id, user.role, user.name or user.email)


async def view_access(book: AccessBook, person: Person, *, everything: bool) -> AccessView:
    """Return what `person` may use; with `everything` also what is denied, else as if that did not exist."""
    compiled = await book.current()
    access = compiled.access(person)
    servers = [
        _server(server, access, everything=everything)
        for server in compiled.catalog.servers.values()
        if everything or access.servers[server.slug].allowed
    ]
    virtual = [
        VirtualAccess(slug=server.slug, title=server.title)
        for server in compiled.catalog.virtual.values()
        if server.enabled and any(access.allows(tool.slug, tool.tool).allowed for tool in server.tools)
    ]
    return AccessView(servers=servers, virtual=virtual)


async def explain(book: AccessBook, user: Somebody, slug: str, tool: str) -> Explanation:
    """Return why a person may or may not call a tool."""
    decision = (await book.of(user)).allows(slug, tool)
    may = "may" if decision.allowed else "may not"
    words = f"{user.name} {may} use {slug}.{tool} because {decision.reason}."
    return Explanation(allowed=decision.allowed, rule=decision.rule, sentence=words)


async def get_snapshot(session: AsyncSession, access_id: str, reader: Principal) -> SnapshotView:
    """Return a stored snapshot; without `flows.read` only what was allowed in it."""
    row = await session.get(AccessSnapshot, access_id)
    if row is None:
        raise not_found("access snapshot")
    view = SnapshotView.model_validate({"access_id": access_id, **cast("dict[str, object]", loads(row.body))})
    if not reader.may("flows.read"):
        view.servers = [server for server in view.servers if server.decision != "denied"]
        view.tools = [tool for tool in view.tools if tool.allowed]
        prompts = [prompt for prompt in view.prompts.listed if prompt.allowed]
        resources = [resource for resource in view.resources.listed if resource.allowed]
        view.prompts = SnapshotPrompts(listed=prompts, total=len(prompts))
        view.resources = SnapshotResources(listed=resources, total=len(resources))
    return view


def _server(server: ServerEntry, access: Access, *, everything: bool) -> ServerAccess:
    decision = access.servers[server.slug]
    decisions = [(tool, access.allows(server.slug, tool.name)) for tool in server.tools.values()]
    return ServerAccess(
        server_id=server.server_id,
        slug=server.slug,
        title=server.title,
        state=server.state,
        allowed=decision.allowed,
        rule=decision.rule,
        reason=decision.reason,
        tools=[
            ToolAccess(
                name=tool.name, title=tool.title, allowed=found.allowed, rule=found.rule, reason=found.reason
            )
            for tool, found in decisions
            if everything or found.allowed
        ],
    )
