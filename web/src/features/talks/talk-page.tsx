/** One conversation: what was said, and for each turn what came of it and the way to its flow; or its graph. */
import { useQuery } from "@tanstack/react-query"
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router"
import { ArrowLeft } from "lucide-react"
import type { ReactNode } from "react"
import { useCredits } from "@/api/credits"
import { errorState } from "@/api/pages"
import { plural } from "@/lib/format"
import { VerdictChip } from "@/ui/badge"
import { buttonStyle } from "@/ui/button"
import { Segmented } from "@/ui/choice"
import { Icon } from "@/ui/icon"
import { backStyle, DetailPage } from "@/ui/page"
import { EmptyState, ErrorState, Skeleton } from "@/ui/states"
import { Duration, Time } from "@/ui/time"
import { UserChip } from "@/ui/user-chip"
import { saidQuery, type TalkRow, talkQuery, turnsQuery } from "./queries"
import type { TalkSearch } from "./talks-search"
import { TurnBlock } from "./turn-block"
import { turnsOf } from "./turns"

const shapes = [
  { value: "transcript", label: "Transcript" },
  { value: "graph", label: "Graph" },
] as const

interface TalkPageProps {
  /** Draws an answer's words. */
  words: (text: string) => ReactNode
  /** Draws the turns with the steps of their flows. */
  graph: (conversation_id: string) => ReactNode
}

export function TalkPage({ words, graph }: TalkPageProps) {
  const { id = "" } = useParams({ strict: false })
  const { view }: TalkSearch = useSearch({ strict: false })
  const navigate = useNavigate()
  const query = useQuery(talkQuery(id))
  const error = errorState(query)
  return (
    <DetailPage>
      <Link to="/admin/conversations" className={backStyle}>
        <Icon of={ArrowLeft} size={14} />
        Conversations
      </Link>
      {query.data ? (
        <>
          <Head talk={query.data} />
          <Segmented
            label="Shown as"
            value={view ?? "transcript"}
            onValue={(shape) =>
              void navigate({
                to: ".",
                search: { view: shape === "graph" ? shape : undefined },
                replace: true,
              })
            }
            options={shapes}
            className="self-start"
          />
          {view === "graph" ? graph(id) : <Said talk={query.data} words={words} />}
        </>
      ) : error ? (
        <ErrorState title="This conversation cannot be shown" {...error} />
      ) : (
        <Waiting />
      )}
    </DetailPage>
  )
}

function Head({ talk }: { talk: TalkRow }) {
  const credits = useCredits()
  const person = { user_id: talk.user_id, name: talk.user_name, email: talk.user_email }
  return (
    <header className="flex flex-col gap-2">
      <h1 className="break-words font-semibold text-xl tracking-tight">{talk.first_message}</h1>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1.5 text-fg-2">
        <UserChip person={person} />
        <Time at={talk.started_at} />
        <span>
          lasted <Duration ms={talk.duration_ms} />
        </span>
        <span className="tabular">{plural(talk.turns, "turn")}</span>
        <span className="tabular">{plural(talk.tool_calls, "tool call")}</span>
        <span className="tabular">{credits(talk.cost_micros)} credits</span>
        {talk.troubled > 0 && <span>{plural(talk.troubled, "turn")} did not end well</span>}
        <VerdictChip verdict={talk.status} />
        <Link
          to="/admin/playback"
          search={{ conversation: talk.conversation_id }}
          className={buttonStyle({ size: "sm" })}
        >
          Play
        </Link>
        <Link
          to="/admin/flows"
          search={{ q: `conversation:${talk.conversation_id}` }}
          className={buttonStyle({ size: "sm" })}
        >
          Its flows
        </Link>
      </div>
    </header>
  )
}

function Said({ talk, words }: { talk: TalkRow } & Pick<TalkPageProps, "words">) {
  const said = useQuery({ ...saidQuery(talk.conversation_id), enabled: !talk.deleted })
  const flows = useQuery(turnsQuery(talk.conversation_id))
  const error = errorState(said)
  if (talk.deleted) {
    return (
      <EmptyState
        title="The words are gone"
        words="This conversation was deleted by its user. Its flows stay on record."
      />
    )
  }
  if (!said.data) return error ? <ErrorState {...error} /> : <Waiting />
  return (
    <ol className="flex flex-col gap-5">
      {turnsOf(said.data).map((turn) => (
        <li key={turn.key}>
          <TurnBlock turn={turn} flow={flows.data?.get(turn.flow_id ?? "")} words={words} />
        </li>
      ))}
    </ol>
  )
}

function Waiting() {
  return (
    <div aria-busy="true" className="flex flex-col gap-4">
      <Skeleton className="h-7 w-96 max-w-full" />
      <Skeleton className="h-16" />
      <Skeleton className="h-24" />
    </div>
  )
}
