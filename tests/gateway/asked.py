"""Calls whose server asks back: how a bare client of the newest revision starts them, and how it answers."""

from typing import Any

from tests.support.mcp_client import Raw

CAPABILITIES: dict[str, Any] = {
    "io.modelcontextprotocol/clientCapabilities": {"sampling": {}, "elicitation": {}, "roots": {}}
}
ELICIT: dict[str, Any] = {"name": "yard__test_elicitation", "arguments": {"message": "Who?"}}


async def start(client: Raw, call: dict[str, Any] = ELICIT) -> dict[str, Any]:
    """Make a call that asks; return the interim result."""
    answer = await client.modern("tools/call", {**call, "_meta": CAPABILITIES})
    result: dict[str, Any] = answer.json()["result"]
    assert result["resultType"] == "input_required", result
    return result


def answered(asked: dict[str, Any], call: dict[str, Any] = ELICIT) -> dict[str, Any]:
    """Return the params of the retry."""
    given = {"action": "accept", "content": {"username": "ann", "email": "a@b.c"}}
    responses = dict.fromkeys(asked["inputRequests"], given)
    return {**call, "_meta": CAPABILITIES, "requestState": asked["requestState"], "inputResponses": responses}
