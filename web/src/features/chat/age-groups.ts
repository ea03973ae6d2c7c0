/** Conversations by age: today, yesterday, this week, older. */
import type { ConversationView } from "@/api/types"
import { calendarDaysBetween } from "@/lib/time"

export interface AgeGroup {
  title: string
  items: ConversationView[]
}

export function ageGroups(conversations: readonly ConversationView[], now: Date): AgeGroup[] {
  const groups: AgeGroup[] = []
  for (const conversation of conversations) {
    const title = ageTitle(calendarDaysBetween(new Date(conversation.updated_at), now))
    const last = groups.at(-1)
    if (last?.title === title) last.items.push(conversation)
    else groups.push({ title, items: [conversation] })
  }
  return groups
}

function ageTitle(days: number): string {
  if (days <= 0) return "Today"
  if (days === 1) return "Yesterday"
  return days < 7 ? "This week" : "Older"
}
