/** Real servers and virtual ones: two lists side by side. */
import { useNavigate } from "@tanstack/react-router"
import { Segmented } from "@/ui/choice"

const paths = { servers: "/admin/servers", virtual: "/admin/servers/virtual" } as const

type View = keyof typeof paths

export function ServerViews({ value }: { value: View }) {
  const navigate = useNavigate()
  return (
    <Segmented
      label="Which servers"
      value={value}
      onValue={(view: View) => void navigate({ to: paths[view] })}
      options={[
        { value: "servers", label: "Servers" },
        { value: "virtual", label: "Virtual servers" },
      ]}
      className="self-start"
    />
  )
}
