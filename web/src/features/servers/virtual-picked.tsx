/** The chosen tools of a virtual server, in order, each with the bare name that it goes by. */
import { X } from "lucide-react"
import { IconButton } from "@/ui/button"
import { Input } from "@/ui/input"
import { collisions, isPlain, keyOf, type Picked } from "./virtual-choice"

interface PickedToolsProps {
  picked: readonly Picked[]
  onPicked: (picked: Picked[]) => void
}

export function PickedTools({ picked, onPicked }: PickedToolsProps) {
  const twice = collisions(picked)
  return (
    <section aria-label="Chosen tools" className="min-w-0">
      <h3 className="mb-1.5 font-medium text-xs">Chosen, with the name that clients see</h3>
      {picked.length === 0 ? (
        <p className="text-fg-3">Nothing is chosen yet.</p>
      ) : (
        <ul className="flex max-h-[46vh] flex-col gap-2 overflow-y-auto">
          {picked.map((one) => (
            <li key={keyOf(one)}>
              <PickedTool
                one={one}
                twice={twice.has(one.name)}
                onName={(name) =>
                  onPicked(picked.map((other) => (keyOf(other) === keyOf(one) ? { ...other, name } : other)))
                }
                onRemove={() => onPicked(picked.filter((other) => keyOf(other) !== keyOf(one)))}
              />
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

interface PickedToolProps {
  one: Picked
  twice: boolean
  onName: (name: string) => void
  onRemove: () => void
}

function PickedTool({ one, twice, onName, onRemove }: PickedToolProps) {
  const wrong = twice
    ? "Another tool has this name."
    : isPlain(one.name)
      ? null
      : "Use letters, digits, _ and -, at most 64."
  return (
    <div className="flex items-start gap-1">
      <div className="min-w-0 flex-1">
        <Input
          aria-label={`Name of ${one.server}.${one.tool}`}
          aria-invalid={wrong !== null || undefined}
          spellCheck={false}
          value={one.name}
          onChange={(event) => onName(event.target.value)}
          className="font-mono text-xs"
        />
        <p className={wrong ? "mt-0.5 text-bad text-xs" : "mt-0.5 truncate text-fg-3 text-xs"}>
          {wrong ?? `${one.server}.${one.tool}`}
        </p>
      </div>
      <IconButton icon={X} label={`Take ${one.server}.${one.tool} away`} size="sm" onClick={onRemove} />
    </div>
  )
}
