/**
 * One journey that every client makes, through server-everything behind omni2; what it met is written as JSON.
 *
 * `URL` and `PREFIX` (of names, as `/mcp` has them) are arguments, the access token is `OMNI2_TOKEN`.
 */
export const URI = "demo://resource/dynamic/text/1";
export const SAMPLED = "An answer of the model of the client.";

/** The program in between, when `OMNI2_PROGRAM` has its words as JSON; else nothing. */
export function program(url) {
  const words = JSON.parse(process.env.OMNI2_PROGRAM ?? "[]");
  const [command, ...args] = words;
  return command && { command, args: [...args, "--url", url], env: process.env };
}

export const CAPABILITIES = { sampling: {}, elicitation: { form: {} }, roots: {} };

/** What the client answers when a server asks, by method. */
export const ANSWERS = {
  "sampling/createMessage": () => ({
    role: "assistant",
    content: { type: "text", text: SAMPLED },
    model: "none",
    stopReason: "endTurn",
  }),
  "elicitation/create": () => ({ action: "accept", content: { name: "Ann", check: true } }),
  "roots/list": () => ({ roots: [{ uri: "file:///srv/ann", name: "ann" }] }),
};

/**
 * Make the journey. `client` has `list`, `call(name, arguments, options)`, `prompt`, `resource`, `complete` and
 * `subscribe(uri)`; `updated` resolves with the URI of the first resource that changed.
 */
export async function journey(client, prefix, updated) {
  const tool = (name) => prefix + name;
  const said = async (name, given, options) => textOf(await client.call(tool(name), given, options));
  const found = { revision: client.revision };
  found.tools = (await client.list()).map((one) => one.name);
  found.call = await said("get-sum", { a: 2, b: 3 });
  found.structured = (
    await client.call(tool("get-structured-content"), { location: "New York" })
  ).structuredContent;
  found.image = (await client.call(tool("get-tiny-image"), {})).content.map((one) => one.type);
  found.prompt = (await client.prompt(tool("args-prompt"), { city: "Paris" })).messages[0].content.text;
  found.resource = (await client.resource(URI)).contents[0].text;
  found.completion = (
    await client.complete(tool("completable-prompt"), "department", "E")
  ).completion.values;
  found.sampling = await said("trigger-sampling-request", { prompt: "Hello", maxTokens: 10 });
  found.elicitation = await said("trigger-elicitation-request", {});
  found.progress = [];
  const steps = { duration: 0.2, steps: 3 };
  const onprogress = (one) => found.progress.push([one.progress, one.total]);
  await client.call(tool("trigger-long-running-operation"), steps, { onprogress });
  found.cancellation = await cancelled(client, tool("trigger-long-running-operation"));
  if (!prefix) {
    await client.subscribe(URI);
    await client.call("toggle-subscriber-updates", {});
    found.updated = await updated;
    await client.call("toggle-subscriber-updates", {});
  }
  return found;
}

/** Give a call up once it is under way; return how it ended here. */
async function cancelled(client, tool) {
  const giving = new AbortController();
  const onprogress = () => giving.abort("enough");
  try {
    await client.call(tool, { duration: 60, steps: 600 }, { onprogress, signal: giving.signal });
    return "answered";
  } catch (error) {
    return giving.signal.aborted ? "given up" : String(error);
  }
}

function textOf(result) {
  return result.content
    .filter((one) => one.type === "text")
    .map((one) => one.text)
    .join("\n");
}
