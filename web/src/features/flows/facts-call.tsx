/** Facts of tool calls, their results, and errors in full. */
import { type ReactNode, useMemo } from "react"
import type { JsonValue, StepData, ToolCallData, ToolResultData } from "@/api/shapes"
import { bytes, unturned } from "@/lib/format"
import { Fact, Facts } from "@/ui/card"
import { Chips } from "@/ui/chips"
import { cn } from "@/ui/cn"
import { CopyButton } from "@/ui/copy"
import { parsed } from "@/ui/json-model"
import { JsonView } from "@/ui/json-view"
import { kindOf } from "./kinds"

const statuses: Record<ToolResultData["status"], string> = {
  ok: "Done",
  tool_error: "The tool answered with an error",
  upstream_error: "The server failed",
  timeout: "The server did not answer in time",
  cancelled: "Stopped",
  denied: "Denied",
  unknown: "Unknown: the call was sent, its outcome was not recorded",
}

const harmless: ReadonlySet<string> = new Set<ToolResultData["status"]>(["cancelled", "unknown"])

export function CallFacts({ data }: { data: ToolCallData }) {
  return (
    <>
      {(data.detail || data.rule) && (
        <Facts>
          {data.detail && <Fact label={data.rule ? "Message shown" : "Why"}>{data.detail}</Fact>}
          {data.rule && (
            <Fact label="Rule">
              <Chips items={[{ key: data.rule, words: data.rule }]} />
            </Fact>
          )}
        </Facts>
      )}
      <Part title="Arguments">
        {isEmpty(data.arguments) ? (
          <p className="text-fg-3 text-xs">None</p>
        ) : (
          <JsonView value={data.arguments} label="arguments" />
        )}
      </Part>
    </>
  )
}

export function ResultFacts({ data }: { data: ToolResultData }) {
  const { status, size_bytes, preview } = data
  const came = status === "ok" || size_bytes > 0 || preview !== ""
  return (
    <Part title={came ? `Result, ${bytes(size_bytes)}` : "Result"}>
      {status !== "ok" && (
        <p className={cn(came && "mb-1.5", harmless.has(status) ? "text-fg-2" : "text-bad")}>
          {statuses[status]}
        </p>
      )}
      {came && <Preview text={preview} />}
    </Part>
  )
}

/** `bad` when it refused or failed; what a person stopped did not. */
export function ErrorFacts({ data, bad }: { data: Extract<StepData, { kind: "error" }>; bad: boolean }) {
  return (
    <>
      <div className={cn("relative rounded border", bad ? "border-bad/30 bg-bad-soft" : "bg-sunken")}>
        <CopyButton value={data.detail} label="Copy error" className="absolute top-1.5 right-1.5" />
        <p className="whitespace-pre-wrap break-words p-2.5 pr-10">{unturned(data.detail)}</p>
      </div>
      <Facts>
        <Fact label="Code">
          <code className="text-xs">{data.code}</code>
        </Fact>
        {data.step && <Fact label="In step">{kindOf(data.step).title}</Fact>}
      </Facts>
    </>
  )
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="min-w-0">
      <h3 className="mb-1 font-medium text-fg-3 text-xs">{title}</h3>
      {children}
    </section>
  )
}

function Preview({ text }: { text: string }) {
  const json = useMemo(() => parsed(text), [text])
  if (!text) return <p className="text-fg-3 text-xs">Empty</p>
  if (json !== undefined) return <JsonView value={json} label="result" />
  return (
    <div className="relative rounded border bg-sunken">
      <CopyButton value={text} label="Copy result" className="absolute top-1.5 right-1.5" />
      <pre className="max-h-80 overflow-auto whitespace-pre-wrap break-words p-2.5 pr-10 text-xs leading-5">
        {unturned(text)}
      </pre>
    </div>
  )
}

function isEmpty(given: JsonValue): boolean {
  return given === null || (typeof given === "object" && Object.keys(given).length === 0)
}
