/** People and teams: two lists side by side. */
import { useNavigate } from "@tanstack/react-router"
import { Segmented } from "@/ui/choice"

const paths = { people: "/admin/people", teams: "/admin/people/teams" } as const

type View = keyof typeof paths

export function PeopleViews({ value }: { value: View }) {
  const navigate = useNavigate()
  return (
    <Segmented
      label="People or teams"
      value={value}
      onValue={(view: View) => void navigate({ to: paths[view] })}
      options={[
        { value: "people", label: "People" },
        { value: "teams", label: "Teams" },
      ]}
    />
  )
}
