/**
 * Signs in with OAuth 2.1 as programs on one of the two SDKs do: `sdk` or `client`, and the URL, are arguments.
 *
 * Writes the address that a browser is to open, reads the one that the browser was sent back to, and writes as
 * JSON which tools it found, and whether its token was renewed when it was not accepted any more.
 */
import { createInterface } from "node:readline/promises";

const [kind, url] = process.argv.slice(2);
const REDIRECT = "http://127.0.0.1:7777/callback";

async function library() {
  if (kind === "client") return import("@modelcontextprotocol/client");
  const [{ Client }, { StreamableHTTPClientTransport }, { UnauthorizedError }] = await Promise.all([
    import("@modelcontextprotocol/sdk/client/index.js"),
    import("@modelcontextprotocol/sdk/client/streamableHttp.js"),
    import("@modelcontextprotocol/sdk/client/auth.js"),
  ]);
  return { Client, StreamableHTTPClientTransport, UnauthorizedError };
}

const kept = {};
const authProvider = {
  redirectUrl: REDIRECT,
  clientMetadata: { client_name: `${kind} program`, redirect_uris: [REDIRECT] },
  state: () => "state-of-the-program",
  clientInformation: () => kept.client,
  saveClientInformation: (client) => {
    kept.client = client;
  },
  tokens: () => kept.tokens,
  saveTokens: (tokens) => {
    kept.tokens = tokens;
  },
  saveCodeVerifier: (verifier) => {
    kept.verifier = verifier;
  },
  codeVerifier: () => kept.verifier,
  redirectToAuthorization: (where) => console.log(where.href),
};

const { Client, StreamableHTTPClientTransport, UnauthorizedError } = await library();
const transport = () => new StreamableHTTPClientTransport(new URL(url), { authProvider });
const client = () =>
  new Client({ name: `${kind} program`, version: "1.0.0" }, { versionNegotiation: { mode: "auto" } });

const first = transport();
try {
  await client().connect(first);
  throw new Error("connected without a token");
} catch (error) {
  if (!(error instanceof UnauthorizedError)) throw error;
}
const lines = createInterface({ input: process.stdin });
const back = new URL(await lines.question("")).searchParams;
lines.close();
await (kind === "client" ? first.finishAuth(back) : first.finishAuth(back.get("code")));

const second = client();
await second.connect(transport());
const { tools } = await second.listTools();
const before = kept.tokens.refresh_token;
kept.tokens = { ...kept.tokens, access_token: "omni2_at_worn_out" };
const { content } = await second.callTool({ name: "get-sum", arguments: { a: 2, b: 3 } });
await second.close();
console.log(
  JSON.stringify({
    tools: tools.length,
    call: content[0].text,
    renewed: kept.tokens.refresh_token !== before,
    state: back.get("state"),
  }),
);
