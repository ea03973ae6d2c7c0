/** What an opened step says: labelled facts for each kind, never a dump. */
import type { ReactNode } from "react"
import type { Source, StepData } from "@/api/shapes"
import type { Verdict } from "@/ui/badge"
import { Fact, Facts } from "@/ui/card"
import { CopyValue } from "@/ui/copy"
import { type Json, JsonView } from "@/ui/json-view"
import { Time } from "@/ui/time"
import { AccessFacts, FilterFacts } from "./facts-access"
import { CallFacts, ErrorFacts, ResultFacts } from "./facts-call"
import { CompleteFacts, DoneFacts, SettledFacts, ThinkingFacts, UsageFacts } from "./facts-cost"
import { answered, askedFor, reachOf, titled } from "./step-words"
import { isBad, type Step } from "./steps"
import { sources } from "./words"

type Of<K extends StepData["kind"]> = Extract<StepData, { kind: K }>

const methods = { session: "Browser session", token: "Access token", oauth: "OAuth" }

function isDoor(scope: string): scope is Source {
  return Object.hasOwn(sources, scope)
}

export function StepFacts({ step }: { step: Step }) {
  const { first, second, verdict } = step
  return (
    <div className="flex min-w-0 flex-col gap-3">
      <DataFacts data={first.data} verdict={second ? "passed" : verdict} />
      {second && <DataFacts data={second.data} verdict={verdict} />}
    </div>
  )
}

function DataFacts({ data, verdict }: { data: StepData; verdict: Verdict }): ReactNode {
  switch (data.kind) {
    case "auth_check":
      return <AuthFacts data={data} refused={verdict === "denied"} />
    case "block_check":
      return <BlockFacts data={data} />
    case "usage_check":
      return <UsageFacts data={data} />
    case "mcp_access_check":
      return <AccessFacts data={data} />
    case "tool_filter":
      return <FilterFacts data={data} />
    case "security_check":
      return <SecurityFacts data={data} />
    case "llm_thinking":
      return <ThinkingFacts data={data} />
    case "llm_complete":
      return <CompleteFacts data={data} />
    case "approval":
      return <ApprovalFacts data={data} />
    case "upstream_request":
      return <UpstreamFacts data={data} />
    case "tool_call":
      return <CallFacts data={data} />
    case "tool_result":
      return <ResultFacts data={data} />
    case "usage_settled":
      return <SettledFacts data={data} />
    case "blocked":
      return <BlockedFacts data={data} />
    case "error":
      return <ErrorFacts data={data} bad={isBad({ verdict })} />
    case "done":
      return <DoneFacts data={data} />
    default:
      return <JsonView value={data as unknown as Json} label="step" open={3} />
  }
}

function AuthFacts({ data, refused }: { data: Of<"auth_check">; refused: boolean }) {
  return (
    <Facts>
      {refused && <Fact label="Why">What was signed in with, or the role, does not open this door.</Fact>}
      <Fact label="By">{methods[data.method]}</Fact>
      {data.token_name && <Fact label="Token">{data.token_name}</Fact>}
      {data.client && <Fact label="Client">{data.client}</Fact>}
      {data.address && (
        <Fact label="Address">
          <code className="text-xs">{data.address}</code>
        </Fact>
      )}
      {data.traceparent && (
        <Fact label="Trace of the caller">
          <code className="break-all text-xs">{data.traceparent}</code>
        </Fact>
      )}
    </Facts>
  )
}

function BlockFacts({ data }: { data: Of<"block_check"> }) {
  return (
    <Facts>
      <Fact label="Door">{isDoor(data.scope) ? sources[data.scope] : data.scope}</Fact>
      {data.message !== null && <Fact label="Message shown">{data.message}</Fact>}
      {data.by && <Fact label="Blocked by">{data.by}</Fact>}
      {data.since && (
        <Fact label="Since">
          <Time at={data.since} />
        </Fact>
      )}
      <Fact label="Read from">
        <span className="tabular">version {data.epoch} of the blocks</span>
      </Fact>
    </Facts>
  )
}

function SecurityFacts({ data }: { data: Of<"security_check"> }) {
  return (
    <Facts>
      <Fact label="Looked for">{titled(data.detector)}</Fact>
      <Fact label="Score">
        <span className="tabular">{data.score.toFixed(2)} of 1</span>
      </Fact>
      <Fact label="Then">{titled(data.action)}</Fact>
    </Facts>
  )
}

function ApprovalFacts({ data }: { data: Of<"approval"> }) {
  return (
    <Facts>
      <Fact label="Decision">{titled(data.decision)}</Fact>
      <Fact label="Decided by">{data.decided_by ?? "Nobody"}</Fact>
      <Fact label="Holds">{reachOf(data.scope)}</Fact>
      {data.expires_at && (
        <Fact label="Expires">
          <Time at={data.expires_at} />
        </Fact>
      )}
      <Fact label="Hash of arguments">
        <CopyValue
          value={data.arguments_sha256}
          shown={data.arguments_sha256.slice(0, 16)}
          label="Copy hash"
        />
      </Fact>
    </Facts>
  )
}

function UpstreamFacts({ data }: { data: Of<"upstream_request"> }) {
  return (
    <Facts>
      <Fact label="Server">
        <code className="text-xs">{data.server}</code>
      </Fact>
      <Fact label="Asked for">{askedFor(data.method)}</Fact>
      <Fact label="Outcome">{answered(data.outcome)}</Fact>
    </Facts>
  )
}

function BlockedFacts({ data }: { data: Of<"blocked"> }) {
  return (
    <Facts>
      <Fact label="Blocked by">{data.by}</Fact>
      <Fact label="Message shown">{data.message}</Fact>
      <Fact label="Ended">{data.cancelled}</Fact>
    </Facts>
  )
}
