"use strict"
const flows = [...document.querySelectorAll("script.flow")]
const list = document.querySelector("nav")
const page = document.querySelector("article")
const range = document.getElementById("at")
const told = document.getElementById("told")
const play = document.getElementById("play")
let timer = 0
let items = []

const titles = {
  auth_check: "Sign-in", block_check: "Block check", usage_check: "Credits", mcp_access_check: "Server access",
  tool_filter: "Tools offered", security_check: "Security check", llm_thinking: "Model asked",
  llm_complete: "Model answered", approval: "Approval", upstream_request: "Server's question",
  tool_call: "Tool call", tool_result: "Tool result", usage_settled: "Settled", blocked: "Blocked",
  error: "Error", done: "End",
}
const doors = { chat: "Chat", mcp: "MCP", api: "API" }
const states = {
  passed: "Passed", ok: "Done", denied: "Denied", blocked: "Blocked", warned: "Warned", failed: "Failed",
  running: "Running", cancelled: "Stopped", unknown: "Unknown",
}
const tones = { passed: "ok", ok: "ok", denied: "bad", blocked: "bad", failed: "bad", warned: "warn" }
const methods = { session: "Browser session", token: "Access token", oauth: "OAuth" }
const statuses = {
  ok: "ok", tool_error: "The tool answered with an error", upstream_error: "The server failed",
  timeout: "The server did not answer in time", cancelled: "Stopped", denied: "Denied",
  unknown: "Unknown: the call was sent, its outcome was not recorded",
}
const reaches = { once: "for this call", conversation: "for this conversation", always: "from now on" }
const asked = {
  sampling: "an answer of the model (sampling)", elicitation: "input (elicitation)",
  roots: "the client's folders (roots)",
}
const came = {
  accept: "accepted", decline: "declined", cancel: "dismissed", cancelled: "stopped", unanswered: "not answered",
}
const endings = {
  stop: "The answer was complete", tool_calls: "Tools were called", tool_call: "Tools were called",
  length: "The limit of output tokens was reached", content_filter: "The provider's filter cut it off",
}

// Texts

/** Characters that turn the direction of what follows are shown as codes. */
function unturned(text) {
  return String(text).replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (mark) => `\\u${mark.charCodeAt(0).toString(16)}`)
}

/** The words for a code; one that is not known stays readable. */
function worded(words, code) {
  return Object.hasOwn(words, code) ? words[code] : String(code).replaceAll("_", " ")
}

function titled(code) {
  const words = String(code).replaceAll("_", " ")
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function count(n, one) {
  const figure = Number(n).toLocaleString("en-US")
  return one ? `${figure} ${one}${n === 1 ? "" : "s"}` : figure
}

function usd(micros) {
  const amount = micros / 1e6
  return `${amount.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: Math.abs(amount) < 1 ? 6 : 2 })} USD`
}

function bytes(n) {
  if (n < 1e3) return `${n} B`
  return n < 1e6 ? `${(n / 1e3).toFixed(1)} kB` : `${(n / 1e6).toFixed(1)} MB`
}

function duration(ms) {
  if (ms < 1) return "<1 ms"
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 59950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  const rest = seconds % 60
  return `${count(Math.floor(seconds / 60))} min${rest ? ` ${rest} s` : ""}`
}

function callee({ target, server, tool }) {
  if (target === "resource") return `resource ${tool} at ${server}`
  return target === "tool" ? `${server}.${tool}` : `${target} ${server}.${tool}`
}

const tokens = (data) => `${count(data.input_tokens)} in, ${count(data.output_tokens)} out`
const cost = (micros) => (micros === null ? "Unpriced: this model has no price" : usd(micros))

/** The first line and the facts of each kind; a fact without a value is left out. */
const says = {
  auth_check: (data, verdict) => [
    `${verdict === "denied" ? "Not let in" : "Signed in"} with ${data.token_name ? `token "${data.token_name}"` : { session: "a browser session", token: "an access token", oauth: "OAuth" }[data.method]}`,
    [["By", methods[data.method]], ["Token", data.token_name], ["Client", data.client], ["Address", data.address], ["Trace of the caller", data.traceparent]],
  ],
  block_check: (data) => [
    data.message === null ? "Not blocked" : `Blocked by ${data.by ?? "an administrator"}: "${data.message}"`,
    [["Door", worded(doors, data.scope)], ["Message shown", data.message], ["Blocked by", data.by], ["Since", data.since && moment(data.since)]],
  ],
  usage_check: (data) => [
    data.denied_by !== null && data.unpriced ? "This model has no price, so what it costs cannot be counted"
      : `${usd(data.requested_micros)} needed at most, ${usd(data.reserved_micros)} reserved`,
    [["Denied for", data.denied_by], ...data.budgets.map((budget) => [budget.name, `${usd(budget.remaining_micros)} of ${usd(budget.limit_micros)} left, ${usd(budget.used_micros)} used, ${usd(budget.reserved_micros)} reserved`])],
  ],
  mcp_access_check: (data) => [
    `${data.server === null ? "" : `${data.server} ${data.allowed ? "allowed" : "denied"}${data.rule ? ` by rule "${data.rule}"` : ""}; `}${count(data.servers_allowed)} of ${count(data.servers_total, "server")}`,
    [["Server", data.server], ["Rule", data.rule]],
  ],
  tool_filter: (data) => [
    `${count(data.offered)} of ${count(data.offered + data.removed, "tool")} offered`,
    [["Removed", count(data.removed)], ["Rules", data.rules.join(", ")]],
  ],
  security_check: (data, verdict) => [
    `${titled(data.detector)}: ${verdict === "failed" || verdict === "unknown" ? "could not be checked" : `${data.action === "allowed" ? "not found" : "found"} (${data.score.toFixed(2)})`}`,
    [["Score", `${data.score.toFixed(2)} of 1`], ["Then", titled(data.action)]],
  ],
  llm_thinking: (data) => [
    `${data.model} reads ${count(data.messages, "message")} with ${count(data.tools_offered, "tool")}`,
    [["Provider", data.provider], ["Round", data.iteration]],
  ],
  llm_complete: (data) => [
    `${data.model}, ${data.estimated ? "about " : ""}${tokens(data)}, ${data.cost_micros === null ? "unpriced" : usd(data.cost_micros)}`,
    [["Cost", cost(data.cost_micros)], ["Read from cache", data.cache_read_tokens && count(data.cache_read_tokens, "token")], ["Written to cache", data.cache_write_tokens && count(data.cache_write_tokens, "token")],
      ["For reasoning", data.reasoning_tokens && count(data.reasoning_tokens, "token")], ["Ended because", worded(endings, data.finish_reason)], ["Beware", data.detail], ["First token", data.first_token_ms !== null && duration(data.first_token_ms)]],
  ],
  approval: (data) => [
    data.decision === "expired" ? "Nobody decided in time" : `${titled(data.decision)}${data.decided_by ? ` by ${data.decided_by}` : ""} ${worded(reaches, data.scope)}`,
    [["Decided by", data.decided_by ?? "Nobody"], ["Expires", data.expires_at && moment(data.expires_at)], ["Hash of arguments", data.arguments_sha256]],
  ],
  upstream_request: (data) => [`${data.server} asked for ${worded(asked, data.method)}: ${worded(came, data.outcome)}`, []],
  tool_call: (data) => [
    `${callee(data)}${data.rule ? ` denied by rule "${data.rule}"` : data.detail ? `: ${data.detail}` : ""}`,
    [["Rule", data.rule], [data.rule ? "Message shown" : "Why", data.detail], ["Arguments", json(data.arguments)]],
  ],
  tool_result: (data) => [
    `${callee(data)} \u2192 ${worded(statuses, data.status)}${data.size_bytes > 0 ? `, ${bytes(data.size_bytes)}` : ""}`,
    [["Result", data.preview && json(parsed(data.preview))]],
  ],
  usage_settled: (data) => [
    `${usd(data.charged_micros)} charged, ${usd(data.refunded_micros)} returned`,
    [["Reserved", usd(data.reserved_micros)], ["Left after it", data.remaining_micros !== null && usd(data.remaining_micros)], ["Tokens", tokens(data)]],
  ],
  blocked: (data) => [`Blocked by ${data.by}: "${data.message}"`, [["Message shown", data.message], ["Ended", data.cancelled]]],
  error: (data) => [data.detail, [["Code", data.code], ["In step", data.step && (titled(worded(titles, data.step)))]]],
  done: (data) => [
    `${duration(data.duration_ms)}, ${count(data.tool_calls, "tool call")}`,
    [["Tokens", tokens(data)], ["Cost", usd(data.cost_micros)]],
  ],
}

function parsed(text) {
  try {
    return /^\s*[[{]/.test(text) ? JSON.parse(text) : text
  } catch {
    return text
  }
}

/** What an outcome is called: the end by the flow's, a result by the call's. */
function stateOf({ data, verdict }) {
  if (data.kind === "done") return data.status
  if (data.kind === "blocked") return "blocked"
  if (data.kind === "tool_result") return { tool_error: "failed", upstream_error: "failed", timeout: "failed" }[data.status] ?? data.status
  if (data.kind === "error" && data.code === "cancelled") return "cancelled"
  return data.kind === "llm_complete" && verdict === "info" ? "ok" : verdict
}

// Elements

function make(name, text, parent, css) {
  const node = document.createElement(name)
  if (text !== undefined) node.textContent = unturned(text)
  if (css) node.className = css
  if (parent) parent.append(node)
  return node
}

function moment(at) {
  const date = new Date(at)
  const node = make("time", date.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" }))
  node.dateTime = at
  node.title = `${date.toISOString().slice(0, 23).replace("T", " ")} UTC`
  return node
}

function json(value) {
  if (value === null) return ""
  return make("pre", typeof value === "string" ? value : JSON.stringify(value, null, 2))
}

function chip(state, parent) {
  if (!Object.hasOwn(states, state)) return
  const tone = tones[state] ?? "plain"
  const mark = document.getElementById(`mark-${tone}`).content.cloneNode(true)
  make("span", undefined, parent, `chip ${tone}`).append(mark, states[state])
}

function card(step, parent) {
  const { data } = step
  const state = stateOf(step)
  const [line, facts] = Object.hasOwn(says, data.kind) ? says[data.kind](data, step.verdict) : ["A step of a kind that this page does not know", []]
  const item = make("li", undefined, parent, state)
  item.dataset.kind = data.kind
  const details = make("details", undefined, item)
  details.open = ["denied", "blocked", "failed", "warned", "unknown"].includes(state) && data.kind !== "done"
  const head = make("summary", undefined, details)
  make("span", step.seq, head, "seq")
  make("strong", titled(worded(titles, data.kind)), head)
  chip(state, head)
  make("span", line, head, "line")
  make("span", step.duration_ms == null ? "" : duration(step.duration_ms), head, "took")
  const body = make("div", undefined, details, "body")
  if (data.kind === "error") make("pre", data.detail, body)
  const shown = make("dl", undefined, body)
  for (const [label, value] of [...facts, ["Recorded", moment(step.at)]]) {
    if (value === null || value === undefined || value === "" || value === false || value === 0) continue
    make("dt", label, shown)
    make("dd", value instanceof Node ? undefined : value, shown).append(...(value instanceof Node ? [value] : []))
  }
  const raw = make("details", undefined, body, "raw")
  make("summary", "Raw", raw)
  make("pre", JSON.stringify(step, null, 2), raw)
  return item
}

// Playing

function show(at) {
  range.value = String(at)
  items.forEach((item, index) => item.classList.toggle("ahead", index >= at))
  told.textContent = `${at} of ${count(items.length, "step")}`
}

function stop() {
  clearInterval(timer)
  timer = 0
  play.textContent = "Play"
}

function open(index) {
  stop()
  const flow = JSON.parse(flows[index].textContent)
  for (const [place, button] of [...list.children].entries()) button.setAttribute("aria-current", String(place === index))
  page.replaceChildren()
  const head = make("header", undefined, page)
  chip(flow.status, head)
  make("h1", flow.sentence.replace(/^(Denied|Failed): /, ""), head)
  make("p", flow.title, page)
  const facts = make("p", `${flow.user_name} (${flow.user_email}), ${worded(doors, flow.source)}, `, page, "dim")
  facts.append(moment(flow.started_at))
  if (flow.duration_ms !== null) facts.append(`, took ${duration(flow.duration_ms)}`)
  if (flow.cost_micros > 0) facts.append(`, ${usd(flow.cost_micros)}`)
  const steps = make("ol", undefined, page)
  items = flow.checkpoints.map((step) => card(step, steps))
  range.max = String(items.length)
  show(items.length)
}

function step() {
  const at = Number(range.value)
  if (at >= items.length) stop()
  else {
    show(at + 1)
    items[at].scrollIntoView({ block: "nearest" })
  }
}

flows.forEach((element, index) => {
  const flow = JSON.parse(element.textContent)
  const button = make("button", flow.title, list)
  const under = make("small", undefined, button)
  chip(flow.status, under)
  under.append(unturned(` ${flow.user_name}, `), moment(flow.started_at))
  button.addEventListener("click", () => open(index))
})
range.addEventListener("input", () => { stop(); show(Number(range.value)) })
document.getElementById("next").addEventListener("click", step)
play.addEventListener("click", () => {
  if (timer) return stop()
  if (Number(range.value) >= items.length) show(0)
  play.textContent = "Pause"
  timer = setInterval(step, 700)
})
if (flows.length > 0) open(0)
else make("p", "No flow was found.", page)
