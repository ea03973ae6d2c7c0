/** What is read about the tools, prompts and resources of a server, and what is decided about tools. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query"
import { api } from "@/api/client"
import { keys } from "@/api/keys"
import { asProblem, problemWords } from "@/api/problem"
import type { DefinitionView, JsonValue, PromptView, ResourcesView, ToolPatch, ToolView } from "@/api/shapes"
import { toast } from "@/ui/toast"
import { useRefresh } from "./queries"

const pathOf = (server_id: string, name: string) =>
  `/api/servers/${server_id}/tools/${encodeURIComponent(name)}`

export const toolsQuery = (server_id: string) =>
  queryOptions({
    queryKey: keys.servers.part(server_id, "tools"),
    queryFn: ({ signal }) =>
      api.get<{ items: ToolView[] }>(`/api/servers/${server_id}/tools`, undefined, signal),
  })

export const promptsQuery = (server_id: string) =>
  queryOptions({
    queryKey: keys.servers.part(server_id, "prompts"),
    queryFn: ({ signal }) =>
      api.get<{ items: PromptView[] }>(`/api/servers/${server_id}/prompts`, undefined, signal),
  })

export const resourcesQuery = (server_id: string) =>
  queryOptions({
    queryKey: keys.servers.part(server_id, "resources"),
    queryFn: ({ signal }) => api.get<ResourcesView>(`/api/servers/${server_id}/resources`, undefined, signal),
  })

/** Keyed by the definition that waits too, so that a newer one is never shown as the older. */
export const definitionQuery = (server_id: string, tool: ToolView) =>
  queryOptions({
    queryKey: keys.servers.definition(server_id, tool.name, tool.held_sha256),
    queryFn: ({ signal }) =>
      api.get<DefinitionView>(`${pathOf(server_id, tool.name)}/definition`, undefined, signal),
  })

export type Verdict = "approve" | "reject"

export function useDecide(server_id: string, name: string) {
  const refresh = useRefresh()
  return useMutation({
    mutationFn: ({ verdict, sha256 }: { verdict: Verdict; sha256: string }) =>
      api.post<ToolView>(`${pathOf(server_id, name)}/${verdict}`, { sha256 }),
    onSuccess: (_, { verdict }) => {
      toast.done(verdict === "approve" ? `${name} is offered` : `${name} stays away`)
    },
    onError: (thrown) => toast.failed("Nothing was decided", problemWords(asProblem(thrown))),
    onSettled: refresh,
  })
}

/** What came of a tool that was tried; its flow holds every step. */
export interface Tried {
  flow_id: string
  status: string
  rule: string | null
  text: string
  result: Record<string, JsonValue> | null
  duration_ms: number
}

export function useTryTool(server_id: string, name: string) {
  return useMutation({
    mutationFn: (args: Record<string, JsonValue>) =>
      api.post<Tried>(`${pathOf(server_id, name)}/call`, { arguments: args }),
  })
}

/** Saves what a form holds; the form shows what is wrong. */
export function useSaveTool(server_id: string, name: string) {
  const refresh = useRefresh()
  return useMutation({
    mutationFn: (patch: ToolPatch) => api.patch<ToolView>(pathOf(server_id, name), patch),
    onSuccess: refresh,
  })
}

/** Switched at once, put back when the server refuses. */
export function useSwitchTool(server_id: string) {
  const queryClient = useQueryClient()
  const { queryKey } = toolsQuery(server_id)
  return useMutation({
    mutationFn: ({ name, enabled }: { name: string; enabled: boolean }) =>
      api.patch<ToolView>(pathOf(server_id, name), { enabled }),
    onMutate: ({ name, enabled }) => {
      const before = queryClient.getQueryData(queryKey)
      queryClient.setQueryData(
        queryKey,
        (list) =>
          list && { items: list.items.map((tool) => (tool.name === name ? { ...tool, enabled } : tool)) },
      )
      return { before }
    },
    onError: (thrown, _, context) => {
      queryClient.setQueryData(queryKey, context?.before)
      toast.failed("The tool was not changed", problemWords(asProblem(thrown)))
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey }),
  })
}
