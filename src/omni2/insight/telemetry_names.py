"""Every name that leaves as OpenTelemetry, in one place: those of GenAI and MCP as of 1.38, and ours."""

from typing import Final

SCOPE: Final = "omni2.flows"
SERVICE: Final = "service.name"
SERVICE_VERSION: Final = "service.version"
INSTANCE: Final = "service.instance.id"

INVOKE_AGENT: Final = "invoke_agent"
CHAT: Final = "chat"
EXECUTE_TOOL: Final = "execute_tool"
AGENT: Final = "omni2"

OPERATION: Final = "gen_ai.operation.name"
AGENT_NAME: Final = "gen_ai.agent.name"
CONVERSATION: Final = "gen_ai.conversation.id"
PROVIDER: Final = "gen_ai.provider.name"
REQUEST_MODEL: Final = "gen_ai.request.model"
RESPONSE_MODEL: Final = "gen_ai.response.model"
FINISH_REASONS: Final = "gen_ai.response.finish_reasons"
INPUT_TOKENS: Final = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS: Final = "gen_ai.usage.output_tokens"
TOOL_NAME: Final = "gen_ai.tool.name"
TOOL_CALL_ID: Final = "gen_ai.tool.call.id"
TOOL_ARGUMENTS: Final = "gen_ai.tool.call.arguments"
TOOL_RESULT: Final = "gen_ai.tool.call.result"
MCP_METHOD: Final = "mcp.method.name"
MCP_RESOURCE: Final = "mcp.resource.uri"
PROMPT_NAME: Final = "gen_ai.prompt.name"
USER: Final = "enduser.id"
ERROR_TYPE: Final = "error.type"

FLOW: Final = "omni2.flow.id"
SOURCE: Final = "omni2.source"
STATUS: Final = "omni2.status"
SERVER: Final = "omni2.server"
RULE: Final = "omni2.rule"
VERDICT: Final = "omni2.verdict"
SEQ: Final = "omni2.seq"
COST: Final = "omni2.cost_micros"
DURATION: Final = "omni2.duration_ms"
TITLE: Final = "omni2.title"
DETAIL: Final = "omni2.detail"

METHODS: Final = {
    "tool": "tools/call",
    "prompt": "prompts/get",
    "resource": "resources/read",
    "completion": "completion/complete",
}
