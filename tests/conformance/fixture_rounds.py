"""Tools of the conformance suite that ask back: within the call before 2026-07-28, by a second call since."""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from typing import Any, Literal

import mcp_types as types
from mcp.shared.exceptions import MCPError
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import BaseModel

from tests.conformance.fixture_plain import Context, Outcome, Run, Tool, said

_KEY = secrets.token_bytes(32)
MISSING_CAPABILITY = -32021

Requests = dict[str, types.InputRequest]
Responses = Mapping[str, types.InputResponse]
Ending = Callable[[Responses], str]


def form(message: str, **properties: dict[str, Any]) -> types.ElicitRequest:
    """A question to the user; every property is required."""
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    return types.ElicitRequest(params=types.ElicitRequestFormParams(message=message, requested_schema=schema))


def sample(prompt: str, max_tokens: int) -> types.CreateMessageRequest:
    """A question to the model of the client."""
    message = types.SamplingMessage(role="user", content=types.TextContent(text=prompt))
    return types.CreateMessageRequest(
        params=types.CreateMessageRequestParams(messages=[message], max_tokens=max_tokens)
    )


TEXT = {"type": "string"}
NAME = form("What is your name?", name=TEXT)
DEFAULTS: dict[str, dict[str, Any]] = {
    "name": {"type": "string", "description": "User name", "default": "John Doe"},
    "age": {"type": "integer", "description": "User age", "default": 30},
    "score": {"type": "number", "description": "User score", "default": 95.5},
    "status": {"type": "string", "enum": ["active", "inactive", "pending"], "default": "active"},
    "verified": {"type": "boolean", "description": "Verification status", "default": True},
}
OPTIONS = ["option1", "option2", "option3"]
TITLED = [{"const": "value1", "title": "First"}, {"const": "value2", "title": "Second"}]
ENUMS: dict[str, dict[str, Any]] = {
    "untitledSingle": {"type": "string", "enum": OPTIONS},
    "titledSingle": {"type": "string", "oneOf": TITLED},
    "legacyEnum": {"type": "string", "enum": ["opt1", "opt2"], "enumNames": ["One", "Two"]},
    "untitledMulti": {"type": "array", "items": {"type": "string", "enum": OPTIONS}},
    "titledMulti": {"type": "array", "items": {"anyOf": TITLED}},
}


def seal(text: str) -> str:
    """Return state that nobody can change unseen."""
    return f"{text}.{hmac.new(_KEY, text.encode(), hashlib.sha256).hexdigest()}"


def unseal(sealed: str) -> str:
    """Return what was sealed. Raises `MCPError` for anything else."""
    text = sealed.rpartition(".")[0]
    if not hmac.compare_digest(seal(text), sealed):
        raise MCPError(types.INVALID_PARAMS, "requestState is not ours")
    return text


def text_of(response: object) -> str:
    """Return the words of what a client or its user answered."""
    match response:
        case types.ElicitResult():
            return f"action={response.action}, content={response.content or {}}"
        case types.CreateMessageResult(content=types.TextContent(text=text)):
            return text
        case types.ListRootsResult():
            return ", ".join(str(root.uri) for root in response.roots)
        case BaseModel():
            return response.model_dump_json(by_alias=True)
        case _:
            return str(response)


def asking(requests: Requests, ending: Ending, state: str | None = None) -> Run:
    """A tool that asks for `requests` until each is answered, then ends."""

    async def run(context: Context, params: types.CallToolRequestParams) -> Outcome:
        if context.protocol_version not in MODERN_PROTOCOL_VERSIONS:
            return said("This tool needs a client that speaks 2026-07-28.", failed=True)
        if params.request_state is not None and state is not None and unseal(params.request_state) != state:
            raise MCPError(types.INVALID_PARAMS, "requestState is of another call")
        given = params.input_responses or {}
        allowed = declared(context, requests)
        open_ones = {key: request for key, request in allowed.items() if not answered(given.get(key))}
        if open_ones or (state is not None and params.request_state is None):
            sealed = seal(state) if state is not None else None
            return types.InputRequiredResult(input_requests=open_ones or allowed, request_state=sealed)
        return said(ending(given))

    return run


def answered(response: types.InputResponse | None) -> bool:
    """Whether this is the answer to a question."""
    return response is not None and (
        not isinstance(response, types.ElicitResult) or response.content is not None
    )


def declared(context: Context, requests: Requests) -> Requests:
    """Return what of `requests` this client can answer. Raises `MCPError` when it is none of them."""
    has = context.session.client_capabilities or types.ClientCapabilities()
    can = {
        "elicitation/create": has.elicitation is not None,
        "sampling/createMessage": has.sampling is not None,
        "roots/list": has.roots is not None,
    }
    fit = {key: request for key, request in requests.items() if can[request.method]}
    if not fit:
        raise missing(next(iter(requests.values())).method)
    return fit


def missing(method: str) -> MCPError:
    """Return the error for a capability that the client did not declare."""
    name = {"elicitation/create": "elicitation", "sampling/createMessage": "sampling"}.get(method, "roots")
    data: dict[str, dict[str, dict[str, str]]] = {"requiredCapabilities": {name: {}}}
    return MCPError(MISSING_CAPABILITY, f"The client has no {name}.", data)


async def ask_twice(context: Context, params: types.CallToolRequestParams) -> Outcome:
    """Ask for a name, then for a colour."""
    del context
    given = params.input_responses or {}
    state = unseal(params.request_state) if params.request_state else "start"
    if state == "start" or (state == "one" and "step1" not in given):
        first: Requests = {"step1": form("Step 1: What is your name?", name=TEXT)}
        return types.InputRequiredResult(input_requests=first, request_state=seal("one"))
    if state == "one" or "step2" not in given:
        second: Requests = {"step2": form("Step 2: What is your favorite color?", color=TEXT)}
        return types.InputRequiredResult(input_requests=second, request_state=seal("two"))
    return said(f"Completed: {text_of(given['step2'])}")


def within(kind: Literal["form", "sampling"], question: str, ending: str, **properties: Any) -> Run:
    """A tool that asks within its call where the client can be asked so, and by a second call otherwise."""

    async def run(context: Context, params: types.CallToolRequestParams) -> Outcome:
        arguments = params.arguments or {}
        words = str(arguments.get("message") or arguments.get("prompt") or question)
        request = sample(words, 100) if kind == "sampling" else form(words, **properties)
        if context.protocol_version in MODERN_PROTOCOL_VERSIONS:
            return await asking({"answer": request}, lambda got: ending + text_of(got["answer"]))(
                context, params
            )
        if isinstance(request, types.CreateMessageRequest):
            given = await context.session.create_message(
                request.params.messages, max_tokens=100, related_request_id=context.request_id
            )
            return said(ending + text_of(given))
        schema: dict[str, Any] = {"type": "object", "properties": properties, "required": list(properties)}
        return said(ending + text_of(await context.session.elicit_form(words, schema, context.request_id)))

    return run


def _hello(given: Responses) -> str:
    match given["user_name"]:
        case types.ElicitResult(content={"name": str(name)}):
            return f"Hello, {name}!"
        case other:
            return f"Hello! {text_of(other)}"


_ONE_STRING = {"type": "object", "properties": {"message": TEXT, "prompt": TEXT}}
_CONFIRM: Requests = {"confirm": form("Please confirm", ok={"type": "boolean"})}
_MANY: Requests = {
    "user_name": NAME,
    "greeting": sample("Generate a greeting", 50),
    "client_roots": types.ListRootsRequest(),
}

ROUNDS = (
    Tool("test_sampling", "Asks the client's model.", within("sampling", "?", "LLM response: "), _ONE_STRING),
    Tool(
        "test_elicitation",
        "Asks the user.",
        within("form", "?", "User response: ", username=TEXT, email=TEXT),
        _ONE_STRING,
    ),
    Tool(
        "test_elicitation_sep1034_defaults",
        "Asks the user, with defaults.",
        within("form", "Please say who you are.", "Elicitation completed: ", **DEFAULTS),
    ),
    Tool(
        "test_elicitation_sep1330_enums",
        "Asks the user to choose.",
        within("form", "Please choose.", "Elicitation completed: ", **ENUMS),
    ),
    Tool(
        "test_streaming_elicitation",
        "Asks the user.",
        within("form", "Please answer.", "User response: ", answer=TEXT),
    ),
    Tool(
        "test_missing_capability",
        "Needs the client's model.",
        within("sampling", "Anything", "LLM response: "),
    ),
    Tool("test_input_required_result_elicitation", "Asks for a name.", asking({"user_name": NAME}, _hello)),
    Tool(
        "test_input_required_result_sampling",
        "Asks the client's model.",
        asking(
            {"capital_question": sample("What is the capital of France?", 100)},
            lambda given: text_of(given["capital_question"]),
        ),
    ),
    Tool(
        "test_input_required_result_list_roots",
        "Asks for the roots.",
        asking({"client_roots": types.ListRootsRequest()}, lambda given: text_of(given["client_roots"])),
    ),
    Tool(
        "test_input_required_result_request_state",
        "Asks to confirm.",
        asking(_CONFIRM, lambda given: f"state-ok {text_of(given['confirm'])}", "confirm"),
    ),
    Tool(
        "test_input_required_result_tampered_state",
        "Asks to confirm.",
        asking(_CONFIRM, lambda given: f"state-ok {text_of(given['confirm'])}", "tampered"),
    ),
    Tool(
        "test_input_required_result_multiple_inputs",
        "Asks three things at once.",
        asking(_MANY, lambda given: "; ".join(map(text_of, given.values())), "many"),
    ),
    Tool("test_input_required_result_multi_round", "Asks twice.", ask_twice),
    Tool(
        "test_input_required_result_capabilities",
        "Asks what the client can answer.",
        asking(_MANY, lambda given: "; ".join(map(text_of, given.values()))),
    ),
)
