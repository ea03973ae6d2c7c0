/** The page of a server, with the grants that another feature owns. */
import { GrantsCard } from "@/features/access/grants-card"
import { ServerPage } from "@/features/servers/server-page"

export function Server() {
  return <ServerPage grants={(slug) => <GrantsCard server={slug} />} />
}
