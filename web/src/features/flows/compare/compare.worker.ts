/** Compares two flows off the main thread: thousands of steps on either side never hold up the page. */
import type { Step } from "../steps"
import { compared } from "./differences"
import { told } from "./told"

addEventListener("message", ({ data }: MessageEvent<{ id: number; input: { a: Step[]; b: Step[] } }>) => {
  postMessage({ id: data.id, output: told(compared(data.input.a, data.input.b)) })
})
