/** What the classes of the record are, in words. */
import type { Subject } from "@/api/proof"

export const subjects: Record<Subject, { title: string; words: string; many: string }> = {
  content: {
    title: "Content",
    words:
      "What was asked, said, given to tools and returned, in flows and conversations. Who, when, which rule and what it cost stay.",
    many: "flows lose their content",
  },
  flows: { title: "Flows", words: "Whole flows with all their steps. Costs stay.", many: "flows go" },
  journal: { title: "Journal", words: "Sign-ins, blocks and changes of configuration.", many: "rows go" },
}
