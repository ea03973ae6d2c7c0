/** Lays out graphs off the main thread: a long flow never holds up the page. */
import { type LayoutInput, layered } from "./graph-layout"

addEventListener("message", ({ data }: MessageEvent<{ id: number; input: LayoutInput }>) => {
  postMessage({ id: data.id, output: layered(data.input) })
})
