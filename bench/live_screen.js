// Runs in the page: notes when each checkpoint came over the socket and when the frame that shows it was drawn.
// A panel says by `data-steps` of a flow how many of its checkpoints it shows.
window.liveScreen = (() => {
  const heard = new Map() // flow id -> [{seq, at_ms, came_ms}]
  const screen = []
  const socket = []
  let long_tasks_ms = 0
  let frames = 0
  let shown = new Set()
  let began_ms = Number.POSITIVE_INFINITY
  let waiting = false

  const Plain = window.WebSocket
  window.WebSocket = class extends Plain {
    constructor(...given) {
      super(...given)
      this.addEventListener("message", ({ data }) => {
        if (data.startsWith('{"type":"checkpoint"')) note(data)
        else if (data.startsWith('{"type":"frames"'))
          for (const one of data.split('{"type":"checkpoint"').slice(1)) note(one)
      })
    }
  }

  const part = (text, name) => {
    const from = text.indexOf(`"${name}":`) + name.length + 3
    return text[from] === '"' ? text.slice(from + 1, text.indexOf('"', from + 1)) : text.slice(from, text.indexOf(",", from))
  }
  const note = (whole) => {
    const text = whole.slice(0, 400) // what is asked for stands in front
    noteOne(part(text, "flow_id"), Number(part(text, "seq")), part(text, "user_id"), part(text, "at"))
  }

  function noteOne(flow_id, seq, user_id, at) {
    if (!shown.has(user_id) || Date.parse(at) < began_ms) return
    const came_ms = Date.now()
    socket.push(came_ms - Date.parse(at))
    if (!heard.has(flow_id)) heard.set(flow_id, [])
    heard.get(flow_id).push({ seq, at_ms: Date.parse(at) })
  }

  function look() {
    waiting = false
    frames += 1
    const now_ms = Date.now()
    for (const element of document.querySelectorAll("[data-steps]")) {
      const waits = heard.get(element.dataset.flow)
      if (!waits) continue
      const steps = Number(element.dataset.steps)
      const left = waits.filter(({ seq }) => seq > steps)
      for (const { seq, at_ms } of waits) if (seq <= steps) screen.push(now_ms - at_ms)
      if (left.length > 0) heard.set(element.dataset.flow, left)
      else heard.delete(element.dataset.flow)
    }
  }

  // The second frame begins when the first one was handed over to be shown.
  const changed = () => {
    if (waiting) return
    waiting = true
    requestAnimationFrame(() => requestAnimationFrame(look))
  }

  const visible = () =>
    [...document.querySelectorAll("[id^=panel-]")].filter((panel) => {
      const { top, bottom } = panel.getBoundingClientRect()
      return top < innerHeight && bottom > 0
    })
  const isLoaded = () => visible().every((panel) => !panel.querySelector("[aria-busy=true]"))

  const begin = () => {
    shown = new Set(visible().map(({ id }) => id.slice("panel-".length)))
    began_ms = Date.now()
    new MutationObserver(changed).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-flow", "data-steps"] })
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) long_tasks_ms += duration
    }).observe({ type: "longtask" })
  }

  const end = () => ({ screen, socket, panels: shown.size, never: [...heard.values()].flat().length, frames, long_tasks_ms })
  return { begin, end, isLoaded }
})()
