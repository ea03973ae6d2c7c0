/** A person, the same everywhere: initials, name, e-mail; what the hover card holds is given from above. */
import { createContext, type ReactNode, use } from "react"
import { initials } from "@/lib/format"
import { cn } from "./cn"
import { HoverCard } from "./overlay"

export interface Person {
  user_id: string
  name: string | null
  email: string
}

interface UserSlots {
  /** The hover card of a person: state, role, credits, last seen, actions. */
  card: (person: Person) => ReactNode
  /** Wraps the name in a link to the person's page. */
  link: (person: Person, children: ReactNode) => ReactNode
}

/** Filled by the shell, so that a chip anywhere gets the same card and link without knowing the domain. */
export const UserSlotsContext = createContext<UserSlots | null>(null)

interface AvatarProps {
  name: string
  size?: "sm" | "md" | "lg"
  className?: string
}

const avatar_size = { sm: "size-5 text-[9px]", md: "size-6 text-2xs", lg: "size-9 text-sm" }

/** The hue follows from the name, so that a person keeps theirs. */
export function Avatar({ name, size = "md", className }: AvatarProps) {
  const hue = [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 360, 7)
  return (
    <span
      aria-hidden="true"
      style={{
        background: `color-mix(in oklch, oklch(62% 0.13 ${hue}) 22%, var(--surface))`,
        color: `color-mix(in oklch, oklch(60% 0.14 ${hue}) 55%, var(--text))`,
      }}
      className={cn(
        "inline-grid shrink-0 select-none place-items-center rounded-full font-semibold",
        avatar_size[size],
        className,
      )}
    >
      {initials(name)}
    </span>
  )
}

interface UserChipProps {
  person: Person
  /** Name alone, without the e-mail behind it. */
  short?: boolean
  className?: string
}

export function UserChip({ person, short, className }: UserChipProps) {
  const slots = use(UserSlotsContext)
  const name = person.name || person.email
  const label = (
    <span className={cn("inline-flex min-w-0 max-w-full items-center gap-2", className)}>
      <Avatar name={name} />
      <span className="truncate font-medium">{name}</span>
      {!short && person.name && <span className="truncate text-fg-2">{person.email}</span>}
    </span>
  )
  if (!slots) return label
  return <HoverCard card={slots.card(person)}>{slots.link(person, label)}</HoverCard>
}
