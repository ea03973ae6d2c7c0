/**
 * A server on `@modelcontextprotocol/server` with what the journey asks for, for clients without a handshake
 * alone: over HTTP at the port that is the only argument, else over standard input and output.
 */
import { createServer } from "node:http";
import { toNodeHandler } from "@modelcontextprotocol/node";
import {
  acceptedContent,
  completable,
  createMcpHandler,
  inputRequired,
  inputResponse,
  McpServer,
  ResourceTemplate,
} from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";

const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
const URI = "demo://resource/dynamic/text/1";
const ABOUT = z.object({ name: z.string(), check: z.boolean() });
const WEATHER = z.object({ temperature: z.number(), conditions: z.string(), humidity: z.number() });
const port = Number(process.argv[2] ?? 0);

let tellUpdated = () => {};

function text(words) {
  return { content: [{ type: "text", text: words }] };
}

function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new Error("given up"));
    });
  });
}

function withPlainTools(server) {
  server.registerTool(
    "get-sum",
    { inputSchema: z.object({ a: z.number(), b: z.number() }) },
    ({ a, b }) => text(`The sum of ${a} and ${b} is ${a + b}.`),
  );
  server.registerTool(
    "get-structured-content",
    { inputSchema: z.object({ location: z.string() }), outputSchema: WEATHER },
    () => {
      const weather = { temperature: 33, conditions: "Cloudy", humidity: 82 };
      return { ...text(JSON.stringify(weather)), structuredContent: weather };
    },
  );
  server.registerTool("get-tiny-image", {}, () => ({
    content: [
      { type: "text", text: "Before." },
      { type: "image", data: PIXEL, mimeType: "image/png" },
      { type: "text", text: "Behind." },
    ],
  }));
  server.registerTool("toggle-subscriber-updates", {}, () => {
    tellUpdated();
    return text("changed");
  });
}

function withAskingTools(server) {
  server.registerTool(
    "trigger-sampling-request",
    { inputSchema: z.object({ prompt: z.string(), maxTokens: z.number() }) },
    ({ prompt, maxTokens }, ctx) => {
      const answer = inputResponse(ctx.mcpReq.inputResponses, "model");
      if (answer.kind === "sampling") return text(answer.result.content.text);
      const messages = [{ role: "user", content: { type: "text", text: prompt } }];
      return inputRequired({ inputRequests: { model: inputRequired.createMessage({ messages, maxTokens }) } });
    },
  );
  server.registerTool("trigger-elicitation-request", {}, (ctx) => {
    const about = acceptedContent(ctx.mcpReq.inputResponses, "about", ABOUT);
    if (about) return text(`- Name: ${about.name}\n- Agreed to terms: ${about.check}`);
    const form = inputRequired.elicit({ message: "Who are you?", requestedSchema: ABOUT });
    return inputRequired({ inputRequests: { about: form }, requestState: "asked once" });
  });
  server.registerTool(
    "trigger-long-running-operation",
    { inputSchema: z.object({ duration: z.number(), steps: z.number() }) },
    async ({ duration, steps }, ctx) => {
      const progressToken = ctx.mcpReq._meta?.progressToken;
      for (let progress = 1; progress <= steps; progress += 1) {
        await pause(duration / steps, ctx.mcpReq.signal);
        if (progressToken !== undefined) {
          const params = { progressToken, progress, total: steps };
          await ctx.mcpReq.notify({ method: "notifications/progress", params });
        }
      }
      return text("done");
    },
  );
}

function withPromptsAndResources(server) {
  server.registerPrompt("args-prompt", { argsSchema: z.object({ city: z.string() }) }, ({ city }) => ({
    messages: [{ role: "user", content: { type: "text", text: `What's weather in ${city}?` } }],
  }));
  const departments = ["Engineering", "Sales"];
  const department = completable(z.string(), (value) => departments.filter((one) => one.startsWith(value)));
  server.registerPrompt(
    "completable-prompt",
    { argsSchema: z.object({ department }) },
    (given) => ({
      messages: [{ role: "user", content: { type: "text", text: `Who leads ${given.department}?` } }],
    }),
  );
  const template = new ResourceTemplate("demo://resource/dynamic/text/{number}", { list: undefined });
  server.registerResource("text", template, { mimeType: "text/plain" }, (uri, { number }) => ({
    contents: [{ uri: uri.href, text: `Resource ${number}: This is a plaintext resource` }],
  }));
}

function newest() {
  const server = new McpServer(
    { name: "newest", version: "1.0.0" },
    { capabilities: { resources: { subscribe: true } } },
  );
  withPlainTools(server);
  withAskingTools(server);
  withPromptsAndResources(server);
  if (!port) tellUpdated = () => server.server.sendResourceUpdated({ uri: URI });
  return server;
}

if (port) {
  const handler = createMcpHandler(newest, { legacy: "reject" });
  tellUpdated = () => handler.notify.resourceUpdated(URI);
  createServer(toNodeHandler(handler)).listen(port, "127.0.0.1");
} else {
  serveStdio(newest, { legacy: "reject" });
}
