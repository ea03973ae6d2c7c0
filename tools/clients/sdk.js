/** The journey with `@modelcontextprotocol/sdk`, which speaks the revisions with sessions. */
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import {
  CallToolResultSchema,
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
  ResourceUpdatedNotificationSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { ANSWERS, CAPABILITIES, journey, program } from "./journey.js";

const [url, prefix] = process.argv.slice(2);
const headers = { Authorization: `Bearer ${process.env.OMNI2_TOKEN}` };
const between = program(url);
const transport = between
  ? new StdioClientTransport(between)
  : new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } });
let spoken;
if (between) {
  transport.setProtocolVersion = (version) => {
    spoken = version;
  };
}
const client = new Client({ name: "sdk.js", version: "1.0.0" }, { capabilities: CAPABILITIES });
for (const schema of [CreateMessageRequestSchema, ElicitRequestSchema, ListRootsRequestSchema]) {
  client.setRequestHandler(schema, ANSWERS[schema.shape.method.value]);
}
const updated = new Promise((resolve) => {
  client.setNotificationHandler(ResourceUpdatedNotificationSchema, (one) => resolve(one.params.uri));
});
await client.connect(transport);
const found = await journey(
  {
    revision: spoken ?? transport.protocolVersion,
    list: async () => (await client.listTools()).tools,
    call: (name, given, options) =>
      client.callTool({ name, arguments: given }, CallToolResultSchema, options),
    prompt: (name, given) => client.getPrompt({ name, arguments: given }),
    resource: (uri) => client.readResource({ uri }),
    complete: (name, argument, value) =>
      client.complete({ ref: { type: "ref/prompt", name }, argument: { name: argument, value } }),
    subscribe: (uri) => client.subscribeResource({ uri }),
  },
  prefix ?? "",
  updated,
);
if (!between) await transport.terminateSession();
await client.close();
console.log(JSON.stringify(found));
