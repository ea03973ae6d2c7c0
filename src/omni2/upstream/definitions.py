"""What a server says of its tools, prompts and resources, read piece by piece: bounded, or left out."""

from typing import cast

import orjson
from pydantic import JsonValue

from omni2.upstream.ports import UpstreamPrompt, UpstreamResource, UpstreamTemplate, UpstreamTool

MAX_DEFINITION_BYTES = 256 * 1024
MAX_DESCRIPTION_CHARS = 16_384
MAX_NAME_CHARS = 256
MAX_TITLE_CHARS = 256
MAX_URI_CHARS = 2_048
MAX_MIME_CHARS = 256
MAX_SIZE = 2**53
MAX_ICONS = 8
MAX_ICON_CHARS = 8_192
MAX_ARGUMENTS = 64

Object = dict[str, JsonValue]
Definition = UpstreamTool | UpstreamPrompt | UpstreamResource | UpstreamTemplate


def read_tool(raw: Object) -> UpstreamTool | None:
    """Return a tool, or None for one without a name or schema."""
    name, schema = _name(raw), raw.get("inputSchema")
    if name is None or not isinstance(schema, dict) or schema.get("type", "object") != "object":
        return None
    hints = _object(raw.get("annotations"))
    output = raw.get("outputSchema")
    return UpstreamTool(
        name=name,
        title=_title(raw) or _short(hints.get("title"), MAX_TITLE_CHARS),
        description=_description(raw),
        input_schema=schema,
        annotations=hints,
        output_schema=output if isinstance(output, dict) else None,
        meta=_object(raw.get("_meta")),
        icons=_icons(raw.get("icons")),
    )


def read_prompt(raw: Object) -> UpstreamPrompt | None:
    """Return a prompt, or None for one without a name."""
    name = _name(raw)
    if name is None:
        return None
    return UpstreamPrompt(
        name=name,
        title=_title(raw),
        description=_description(raw),
        arguments=tuple(_arguments(raw.get("arguments"))),
        meta=_object(raw.get("_meta")),
    )


def read_resource(raw: Object) -> UpstreamResource | None:
    """Return a resource, or None for one without a name or uri."""
    uri, size = _short_or_none(raw.get("uri"), MAX_URI_CHARS), raw.get("size")
    if uri is None:
        return None
    plain = isinstance(size, int) and not isinstance(size, bool) and 0 <= size <= MAX_SIZE
    return UpstreamResource(
        uri=uri,
        name=_name(raw) or uri[:MAX_NAME_CHARS],
        title=_title(raw),
        description=_description(raw),
        mime_type=_short(raw.get("mimeType"), MAX_MIME_CHARS),
        size=cast("int", size) if plain else None,
        annotations=_object(raw.get("annotations")),
        meta=_object(raw.get("_meta")),
    )


def read_template(raw: Object) -> UpstreamTemplate | None:
    """Return a template of resources, or None for one without a name or template."""
    template = _short_or_none(raw.get("uriTemplate"), MAX_URI_CHARS)
    if template is None:
        return None
    return UpstreamTemplate(
        uri_template=template,
        name=_name(raw) or template[:MAX_NAME_CHARS],
        title=_title(raw),
        description=_description(raw),
        mime_type=_short(raw.get("mimeType"), MAX_MIME_CHARS),
        annotations=_object(raw.get("annotations")),
        meta=_object(raw.get("_meta")),
    )


def size_of(value: object) -> int | None:
    """Return the size of a definition in bytes, or None where JSON cannot carry it."""
    try:
        return len(orjson.dumps(value))
    except (TypeError, ValueError, RecursionError):
        return None


def _name(raw: Object) -> str | None:
    return _short_or_none(raw.get("name"), MAX_NAME_CHARS)


def _title(raw: Object) -> str | None:
    return _short(raw.get("title"), MAX_TITLE_CHARS)


def _description(raw: Object) -> str:
    return _short(raw.get("description"), MAX_DESCRIPTION_CHARS) or ""


def _short(value: JsonValue, limit: int) -> str | None:
    """Return the beginning of a text that is only read by people."""
    return value[:limit] if isinstance(value, str) and value else None


def _short_or_none(value: JsonValue, limit: int) -> str | None:
    """Return a name whole, or None: half a name is another one."""
    return value if isinstance(value, str) and 0 < len(value) <= limit else None


def _object(value: JsonValue) -> Object:
    return value if isinstance(value, dict) else {}


def _icons(value: JsonValue) -> tuple[Object, ...]:
    if not isinstance(value, list):
        return ()
    found = [icon for icon in value if isinstance(icon, dict) and isinstance(icon.get("src"), str)]
    return tuple(icon for icon in found[:MAX_ICONS] if len(str(icon["src"])) <= MAX_ICON_CHARS)


def _arguments(value: JsonValue) -> list[Object]:
    if not isinstance(value, list):
        return []
    found = [item for item in value[:MAX_ARGUMENTS] if isinstance(item, dict)]
    return [item for item in found if _name(item) is not None]
