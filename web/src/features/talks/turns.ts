/** Messages folded into turns: the question, the calls, the answer, and the flow that holds all of it. */
import type { MessageView } from "@/api/types"

export interface TalkTurn {
  key: string
  flow_id: string | null
  question: MessageView | null
  calls: MessageView[]
  answers: MessageView[]
}

export function turnsOf(messages: readonly MessageView[]): TalkTurn[] {
  const turns: TalkTurn[] = []
  for (const message of messages) {
    let turn = turns.at(-1)
    if (!turn || message.kind === "user") {
      turn = { key: message.message_id, flow_id: null, question: null, calls: [], answers: [] }
      turns.push(turn)
    }
    turn.flow_id = message.flow_id ?? turn.flow_id
    if (message.kind === "user") turn.question = message
    else if (message.kind === "tool") turn.calls.push(message)
    else if (message.text) turn.answers.push(message)
  }
  return turns
}
