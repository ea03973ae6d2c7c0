/** Work that would hold up the page, done in a worker: the newest answer, and none that is out of date. */
import { useEffect, useRef, useState } from "react"

interface Answer<Output> {
  id: number
  output: Output
}

/** `make` starts the worker, which answers `{id, input}` with `{id, output}`; null until the first answer. */
export function useInWorker<Input, Output>(make: () => Worker, input: Input): Output | null {
  const [answer, setAnswer] = useState<{ input: Input; output: Output } | null>(null)
  const worker = useRef<Worker | null>(null)
  const asked = useRef(0)
  useEffect(() => {
    worker.current ??= make()
    const id = asked.current + 1
    asked.current = id
    const onMessage = ({ data }: MessageEvent<Answer<Output>>) => {
      if (data.id === id) setAnswer({ input, output: data.output })
    }
    const running = worker.current
    running.addEventListener("message", onMessage)
    running.postMessage({ id, input })
    return () => running.removeEventListener("message", onMessage)
  }, [make, input])
  useEffect(
    () => () => {
      worker.current?.terminate()
      worker.current = null
    },
    [],
  )
  return answer?.input === input ? answer.output : null
}
