/** Which servers a token reaches: all that its owner may use, or some of them. */
import { useQuery } from "@tanstack/react-query"
import { accessOfQuery } from "@/api/access"
import { useMe } from "@/api/me"
import { MultiSelect } from "@/ui/multi-select"

interface ServersFieldProps {
  servers: string[]
  onServers: (servers: string[]) => void
}

export function ServersField({ servers, onServers }: ServersFieldProps) {
  const { user } = useMe()
  const { data } = useQuery(accessOfQuery(user.user_id))
  const real = (data?.servers ?? []).filter((server) => server.allowed)
  const options = [...real, ...(data?.virtual ?? [])].map((server) => ({
    value: server.slug,
    label: server.title,
  }))
  return (
    <div className="flex flex-col gap-1.5">
      <p className="font-medium text-xs">Servers</p>
      <MultiSelect
        label="Servers"
        any="All servers that I may use"
        values={servers}
        onValues={onServers}
        options={options}
        className="w-full"
      />
      <p className="text-fg-3 text-xs">
        Choose some, and this token reaches no other. A virtual server is reached at its own address alone.
      </p>
    </div>
  )
}
