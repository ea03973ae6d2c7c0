/** The journey with `@modelcontextprotocol/client`, which asks a server whether it needs no session. */
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { ANSWERS, CAPABILITIES, journey, program } from "./journey.js";

const [url, prefix] = process.argv.slice(2);
const headers = { Authorization: `Bearer ${process.env.OMNI2_TOKEN}` };
const between = program(url);
const transport = between
  ? new StdioClientTransport(between)
  : new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } });
const client = new Client(
  { name: "client.js", version: "1.0.0" },
  { capabilities: CAPABILITIES, versionNegotiation: { mode: "auto" } },
);
for (const [method, answer] of Object.entries(ANSWERS)) client.setRequestHandler(method, answer);
const updated = new Promise((resolve) => {
  client.setNotificationHandler("notifications/resources/updated", (one) => resolve(one.params.uri));
});
await client.connect(transport);
const found = await journey(
  {
    revision: client.getNegotiatedProtocolVersion(),
    list: async () => (await client.listTools()).tools,
    call: (name, given, options) => client.callTool({ name, arguments: given }, options),
    prompt: (name, given) => client.getPrompt({ name, arguments: given }),
    resource: (uri) => client.readResource({ uri }),
    complete: (name, argument, value) =>
      client.complete({ ref: { type: "ref/prompt", name }, argument: { name: argument, value } }),
    subscribe: (uri) => client.listen({ resourceSubscriptions: [uri] }),
  },
  prefix ?? "",
  updated,
);
await client.close();
console.log(JSON.stringify(found));
