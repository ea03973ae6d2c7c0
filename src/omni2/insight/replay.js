"use strict"
const flows = [...document.querySelectorAll("script.flow")]
const list = document.querySelector("nav")
const page = document.querySelector("article")
const range = document.getElementById("at")
const told = document.getElementById("told")
const play = document.getElementById("play")
let timer = 0
let items = []

function make(name, text, parent, css) {
  const node = document.createElement(name)
  if (text !== undefined) node.textContent = text
  if (css) node.className = css
  if (parent) parent.append(node)
  return node
}

function show(at) {
  range.value = String(at)
  items.forEach((item, index) => item.classList.toggle("ahead", index >= at))
  told.textContent = `${at} of ${items.length} steps`
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
  make("h1", flow.sentence, page)
  make("p", flow.title, page)
  const facts = [flow.user_name, flow.source, flow.started_at, flow.status, `${flow.duration_ms ?? 0} ms`]
  make("p", facts.join("  ·  "), page, "dim")
  const steps = make("ol", undefined, page)
  items = flow.checkpoints.map((step) => {
    const item = make("li", undefined, steps, step.verdict)
    make("strong", `${step.seq}. ${step.kind.replaceAll("_", " ")}`, item)
    make("small", `  ${step.verdict}  ${step.at}${step.duration_ms == null ? "" : `  ${step.duration_ms} ms`}`, item)
    const { kind: _, ...data } = step.data
    make("pre", JSON.stringify(data, null, 2), item)
    return item
  })
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
  make("small", `${flow.user_name}, ${flow.status}, ${flow.started_at}`, make("div", undefined, button))
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
