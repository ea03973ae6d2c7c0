/** Every shortcut in one place. */
import { Dialog } from "@/ui/dialog"
import { Kbd } from "@/ui/kbd"

const groups: { title: string; keys: [string, string][] }[] = [
  {
    title: "Everywhere",
    keys: [
      ["Mod+K", "Search or jump to a page, a person, an action"],
      ["[", "Narrow or widen the navigation"],
      ["?", "This list"],
    ],
  },
  {
    title: "Chat",
    keys: [
      ["Enter", "Send"],
      ["Shift+Enter", "New line"],
      ["\u2191", "Edit what you said last, from an empty field"],
      ["Esc", "Stop the answer"],
    ],
  },
  {
    title: "Lists",
    keys: [
      ["J", "Next row"],
      ["K", "Previous row"],
      ["Enter", "Open the row"],
      ["X", "Pick the row"],
      ["Esc", "Close the drawer"],
    ],
  },
  {
    title: "Flow",
    keys: [
      ["J", "Next step"],
      ["K", "Previous step"],
      ["E", "Next step that was denied or failed"],
    ],
  },
  {
    title: "Player",
    keys: [
      ["Space", "Play or pause"],
      ["\u2190 \u2192", "A little back or on"],
      ["Shift+\u2190 \u2192", "The step before or behind"],
      ["E", "Next error"],
      ["[ ]", "Slower or faster"],
    ],
  },
]

export default function ShortcutsDialog({ onOpen }: { onOpen: (open: boolean) => void }) {
  return (
    <Dialog open onOpen={onOpen} title="Keyboard shortcuts">
      {groups.map((group) => (
        <section key={group.title} className="mt-4">
          <h3 className="mb-1 font-medium text-fg-3 text-xs">{group.title}</h3>
          <dl>
            {group.keys.map(([keys, words]) => (
              <div
                key={keys + words}
                className="flex min-h-8 items-center justify-between gap-4 border-b last:border-b-0"
              >
                <dt>{words}</dt>
                <dd>
                  <Kbd keys={keys} />
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </Dialog>
  )
}
