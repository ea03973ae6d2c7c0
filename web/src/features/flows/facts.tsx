/** What an opened step says: labelled facts for each kind, never a dump. */
import type { ReactNode } from "react"
import type { StepData } from "@/api/shapes"
import { Fact, Facts } from "@/ui/card"
import { CopyValue } from "@/ui/copy"
import { Time } from "@/ui/time"
import { AccessFacts, FilterFacts } from "./facts-access"
import { CallFacts, ErrorFacts, ResultFacts } from "./facts-call"
import { CompleteFacts, DoneFacts, SettledFacts, ThinkingFacts, UsageFacts } from "./facts-cost"
import type { Step } from "./steps"

type Of<K extends StepData["kind"]> = Extract<StepData, { kind: K }>

const methods = { session: "Browser session", token: "Access token", oauth: "OAuth" }

export function StepFacts({ step }: { step: Step }) {
  const { first, second } = step
  return (
    <div className="flex min-w-0 flex-col gap-3">
      <DataFacts data={first.data} />
      {second && <DataFacts data={second.data} />}
    </div>
  )
}

function DataFacts({ data }: { data: StepData }): ReactNode {
  switch (data.kind) {
    case "auth_check":
      return <AuthFacts data={data} />
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
      return <ErrorFacts data={data} />
    case "done":
      return <DoneFacts data={data} />
    default:
      return <p className="text-fg-2">Open Raw to see what was stored.</p>
  }
}

function AuthFacts({ data }: { data: Of<"auth_check"> }) {
  return (
    <Facts>
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
      <Fact label="Door">{data.scope}</Fact>
      {data.message !== null && <Fact label="Message shown">{data.message}</Fact>}
      {data.by && <Fact label="Blocked by">{data.by}</Fact>}
      {data.since && (
        <Fact label="Since">
          <Time at={data.since} />
        </Fact>
      )}
      <Fact label="State read">
        <span className="tabular">epoch {data.epoch}</span>
      </Fact>
    </Facts>
  )
}

function SecurityFacts({ data }: { data: Of<"security_check"> }) {
  return (
    <Facts>
      <Fact label="Detector">{data.detector}</Fact>
      <Fact label="Score">
        <span className="tabular">{data.score.toFixed(2)} of 1</span>
      </Fact>
      <Fact label="Action">{data.action}</Fact>
    </Facts>
  )
}

function ApprovalFacts({ data }: { data: Of<"approval"> }) {
  return (
    <Facts>
      <Fact label="Decision">{data.decision}</Fact>
      <Fact label="Decided by">{data.decided_by ?? "Nobody"}</Fact>
      <Fact label="Holds for">{data.scope}</Fact>
      {data.expires_at && (
        <Fact label="Expires">
          <Time at={data.expires_at} />
        </Fact>
      )}
      <Fact label="Arguments">
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
      <Fact label="Asked for">{data.method}</Fact>
      <Fact label="Outcome">{data.outcome}</Fact>
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
