"""A rough count of tokens, for where no provider says: four characters are about one."""

import orjson

from omni2.upstream.ports import AssistantMessage, ModelRequest

CHARS_PER_TOKEN = 4


def estimate_tokens(text: str) -> int:
    """Return about how many tokens `text` is; at least 1."""
    return max(1, -(-len(text) // CHARS_PER_TOKEN))


def request_text(request: ModelRequest) -> str:
    """Return everything that a request sends, as one text to be counted."""
    parts = [request.system or ""]
    for message in request.messages:
        parts.append(message.text)
        if isinstance(message, AssistantMessage):
            parts.extend(orjson.dumps(wish.arguments).decode() for wish in message.tool_calls)
    for tool in request.tools:
        parts.append(tool.name + tool.description + orjson.dumps(tool.input_schema).decode())
    return "\n".join(parts)
