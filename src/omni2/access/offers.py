"""The prompts, resources and templates that a person may use: exactly those that `/mcp` lists for them."""

import asyncio
import heapq
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from pydantic import JsonValue

from omni2.access.compiled import Access
from omni2.access.decide import Decision
from omni2.access.schemas_offers import (
    Offered,
    OfferedArgument,
    OfferedPrompt,
    OfferedResource,
    OfferedTemplate,
    OfferFilter,
    OfferKind,
    OfferQuery,
    OffersOfKind,
    OffersView,
    ServerOffers,
)
from omni2.catalog.entries import PromptEntry, ResourceEntry, ServerEntry, TemplateEntry
from omni2.kernel.errors import not_found
from omni2.kernel.page import Page, cut, decode

Entry = PromptEntry | ResourceEntry | TemplateEntry
KINDS: tuple[OfferKind, ...] = ("prompt", "resource", "template")
FIRST = 12


async def view_offers(access: Access, wanted: OfferQuery) -> OffersView:
    """Return the first of each kind at every server, in the order of their names, and how many."""
    return await asyncio.to_thread(_view, access, wanted.q)


async def list_offers(access: Access, slug: str, kind: OfferKind, wanted: OfferFilter) -> Page[Offered]:
    """Return a page of one kind at one server; raise `Problem` 404 where nothing may be used."""
    if not access.uses(slug):
        raise not_found("server")
    return await asyncio.to_thread(_page, access, slug, kind, wanted)


def _view(access: Access, q: str) -> OffersView:
    found: dict[str, list[OffersOfKind]] = {}
    for kind in KINDS:
        for slug, entries in _by_server(_offers(access, kind), q).items():
            first = [_shown(entry) for entry in heapq.nsmallest(FIRST, entries, _key)]
            found.setdefault(slug, []).append(OffersOfKind(kind=kind, total=len(entries), first=first))
    servers = access.catalog.servers
    return OffersView(
        servers=[
            ServerOffers(server_id=servers[slug].server_id, slug=slug, kinds=found[slug])
            for slug in servers
            if slug in found
        ]
    )


def _page(access: Access, slug: str, kind: OfferKind, wanted: OfferFilter) -> Page[Offered]:
    here = [offer for offer in _offers(access, kind) if offer[1].slug == slug]
    entries = sorted(_by_server(here, wanted.q).get(slug, []), key=_key)
    behind = decode(wanted.after, 1)
    start = bisect_right(entries, str(behind[0]), key=_key) if behind else 0
    rows = entries[start : start + wanted.limit + 1]
    rows, following = cut(rows, wanted.limit, lambda entry: (_key(entry),))
    return Page(items=[_shown(entry) for entry in rows], next=following)


def _offers(access: Access, kind: OfferKind) -> Sequence[tuple[Entry, ServerEntry, Decision]]:
    match kind:
        case "prompt":
            return access.offered_prompts
        case "resource":
            return access.offered_resources
        case "template":
            return access.offered_templates


def _by_server(offers: Iterable[tuple[Entry, ServerEntry, Decision]], q: str) -> dict[str, list[Entry]]:
    words, found = q.lower().split(), dict[str, list[Entry]]()
    for entry, server, _ in offers:
        if not words or _fits(entry, server, words):
            found.setdefault(server.slug, []).append(entry)
    return found


def _fits(entry: Entry, server: ServerEntry, words: Sequence[str]) -> bool:
    said = (server.slug, server.title, _key(entry), entry.name, entry.title or "", entry.description)
    text = "\n".join(said).lower()
    return all(word in text for word in words)


def _key(entry: Entry) -> str:
    match entry:
        case PromptEntry():
            return entry.name
        case ResourceEntry():
            return entry.uri
        case TemplateEntry():
            return entry.uri_template


def _shown(entry: Entry) -> Offered:
    match entry:
        case PromptEntry():
            return OfferedPrompt(
                name=entry.name,
                title=entry.title,
                description=entry.description,
                arguments=[found for given in entry.arguments if (found := _argument(given))],
            )
        case ResourceEntry():
            return OfferedResource.model_validate(entry, from_attributes=True)
        case TemplateEntry():
            return OfferedTemplate.model_validate(entry, from_attributes=True)


def _argument(given: dict[str, JsonValue]) -> OfferedArgument | None:
    """Return what a server says of an argument; what has no name cannot be given."""
    name, words = given.get("name"), given.get("description")
    if not isinstance(name, str):
        return None
    description = words if isinstance(words, str) else None
    return OfferedArgument(name=name, description=description, required=given.get("required") is True)
