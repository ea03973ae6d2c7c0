"""What one caller finds at one address: exactly what calls allow, under the names used there."""

import base64
import binascii
import hashlib
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import orjson
from pydantic import JsonValue

from omni2.access.compiled import Access
from omni2.catalog.entries import (
    CatalogSnapshot,
    PromptEntry,
    ResourceEntry,
    TemplateEntry,
    ToolEntry,
)
from omni2.gateway.wire import INVALID_PARAMS, INVALID_REQUEST, Fault, Object

What = Literal["tools", "prompts", "resources", "resourceTemplates"]
PAGE = 1_000
KEPT = 256


@dataclass(frozen=True, slots=True)
class Listing:
    """All entries of a kind, sorted by what they are called, and the digest of them."""

    keys: tuple[str, ...]
    entries: tuple[Object, ...]
    sha256: str

    def page(self, what: What, cursor: JsonValue) -> Object:
        """Return the entries behind a cursor; raise `Fault` for one that is not ours."""
        start = bisect_right(self.keys, _place(what, cursor)) if cursor is not None else 0
        page: Object = {what: [*self.entries[start : start + PAGE]]}
        if start + PAGE < len(self.keys):
            page["nextCursor"] = _cursor(what, self.keys[start + PAGE - 1])
        return page


@dataclass(slots=True)
class Shelf:
    """The catalogue as a person may use it at `slug`, or at all servers where that is empty."""

    access: Access
    catalog: CatalogSnapshot
    slug: str

    @property
    def virtual(self):  # its entry shares the name of a table
        """The virtual server at this address."""
        return self.catalog.virtual.get(self.slug) if self.slug else None

    def is_open(self) -> bool:
        """Whether the caller may use anything here; where not, the address does not exist for them."""
        if not self.slug:
            return True
        virtual = self.virtual
        if virtual is None:
            return self.access.uses(self.slug)
        return virtual.enabled and any(
            self.access.allows(tool.slug, tool.tool).allowed for tool in virtual.tools
        )

    def find_tool(self, name: str) -> tuple[str, str] | None:
        """Return the real server's slug and the tool's own name."""
        if not self.slug:
            return self.catalog.by_exposed.get(name)
        if (virtual := self.virtual) is not None:
            return virtual.by_bare.get(name)
        own = self.catalog.servers[self.slug].by_bare.get(name)
        return None if own is None else (self.slug, own)

    def find_prompt(self, name: str) -> tuple[str, str] | None:
        """Return the server's slug and the prompt's own name."""
        if not self.slug:
            return self.catalog.prompts_by_exposed.get(name)
        if self.virtual is not None:
            return None
        own = self.catalog.servers[self.slug].prompts_by_bare.get(name)
        return None if own is None else (self.slug, own)

    def find_resource(self, uri: str) -> str | None:
        """Return the slug of the server that a URI belongs to."""
        if self.virtual is not None:
            return None
        if not self.slug:
            found = self.access.find_resource(uri)
            return None if found is None else found[0]
        code = self.access.allows_resource(self.slug, uri).code
        return None if code == "unknown_resource" else self.slug

    def find_template(self, uri_template: str) -> str | None:
        """Return the slug of a server that offers this very template, or a resource of that URI."""
        for _, server, _ in self.access.offered_templates:
            if self._here(server.slug) and uri_template in server.templates:
                return server.slug
        return self.find_resource(uri_template)

    def list(self, what: What) -> Listing:
        """Return everything of a kind."""
        entries = {"tools": self._tools, "prompts": self._prompts, "resources": self._resources}.get(
            what, self._templates
        )()
        ordered = sorted(entries.items())
        body = orjson.dumps([entry for _, entry in ordered], option=orjson.OPT_SORT_KEYS)
        return Listing(
            tuple(key for key, _ in ordered),
            tuple(entry for _, entry in ordered),
            hashlib.sha256(body).hexdigest(),
        )

    def _here(self, slug: str) -> bool:
        return not self.slug or slug == self.slug

    def _tools(self) -> dict[str, Object]:
        if (virtual := self.virtual) is not None:
            real = self.catalog.servers
            return {
                tool.bare_name: tool_object(tool.bare_name, real[tool.slug].tools[tool.tool])
                for tool in virtual.tools
                if self.access.allows(tool.slug, tool.tool).allowed
            }
        name_of: Callable[[str, str], str] = (
            (lambda slug, own: self.catalog.servers[slug].bare_of[own])
            if self.slug
            else (lambda slug, own: self.catalog.exposed_of[slug, own])
        )
        found = (
            (name_of(s.slug, tool.name), tool) for tool, s, _ in self.access.offered if self._here(s.slug)
        )
        return {name: tool_object(name, tool) for name, tool in found}

    def _prompts(self) -> dict[str, Object]:
        offers = (offer for offer in self.access.offered_prompts if self._here(offer[1].slug))
        found = (
            (s.prompt_bare_of[p.name] if self.slug else self.catalog.prompt_exposed_of[s.slug, p.name], p)
            for p, s, _ in offers
        )
        return {name: prompt_object(name, prompt) for name, prompt in found}

    def _resources(self) -> dict[str, Object]:
        found: dict[str, Object] = {}
        for resource, server, _ in self.access.offered_resources:
            if self._here(server.slug) and self.find_resource(resource.uri) == server.slug:
                found[resource.uri] = resource_object(resource)
        return found

    def _templates(self) -> dict[str, Object]:
        return {
            template.uri_template: template_object(template)
            for template, server, _ in self.access.offered_templates
            if self._here(server.slug)
        }


class Listings:
    """Lists by access and address, made once for all who share them."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, int, str, What], Listing] = OrderedDict()

    def of(self, shelf: Shelf, what: What) -> Listing:
        """Return a list of a shelf."""
        key = (shelf.access.access_id, shelf.catalog.version, shelf.slug, what)
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = shelf.list(what)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return found


def require_open(shelf: Shelf) -> Shelf:
    """Return the shelf; raise `Fault` 404 for an address that does not exist for the caller."""
    if not shelf.is_open():
        raise Fault(INVALID_REQUEST, "There is nothing at this address.", status=404)
    return shelf


def tool_object(name: str, tool: ToolEntry) -> Object:
    """Return a tool as `tools/list` shows it."""
    return _told(
        name=name,
        title=tool.shown_title,
        description=tool.shown_description,
        inputSchema=tool.input_schema or {"type": "object"},
        outputSchema=tool.output_schema,
        annotations=tool.annotations or None,
        icons=[*tool.icons] or None,
        _meta=tool.meta or None,
    )


def prompt_object(name: str, prompt: PromptEntry) -> Object:
    """Return a prompt as `prompts/list` shows it."""
    return _told(
        name=name,
        title=prompt.title,
        description=prompt.description or None,
        arguments=[*prompt.arguments] or None,
        _meta=prompt.meta or None,
    )


def resource_object(resource: ResourceEntry) -> Object:
    """Return a resource as `resources/list` shows it."""
    return _told(
        uri=resource.uri,
        name=resource.name,
        title=resource.title,
        description=resource.description or None,
        mimeType=resource.mime_type,
        size=resource.size,
        annotations=resource.annotations or None,
        _meta=resource.meta or None,
    )


def template_object(template: TemplateEntry) -> Object:
    """Return a template as `resources/templates/list` shows it."""
    return _told(
        uriTemplate=template.uri_template,
        name=template.name,
        title=template.title,
        description=template.description or None,
        mimeType=template.mime_type,
        annotations=template.annotations or None,
        _meta=template.meta or None,
    )


def _told(**members: JsonValue) -> Object:
    return {name: value for name, value in members.items() if value is not None}


def _cursor(what: What, key: str) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([what, key])).decode()


def _place(what: What, cursor: JsonValue) -> str:
    """Return what a cursor stands behind."""
    try:
        value: object = orjson.loads(base64.urlsafe_b64decode(cursor if isinstance(cursor, str) else ""))
    except (binascii.Error, ValueError) as error:
        raise _bad_cursor() from error
    match value:
        case [str(kind), str(key)] if kind == what:
            return key
        case _:
            raise _bad_cursor()


def _bad_cursor() -> Fault:
    return Fault(INVALID_PARAMS, "This cursor is not valid. Start from the first page.")
