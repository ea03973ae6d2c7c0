/** Query keys, one factory a noun: invalidating a prefix invalidates everything below it. */

export const keys = {
  auth: {
    state: ["auth", "state"] as const,
    link: (token: string) => ["auth", "link", token] as const,
    me: ["auth", "me"] as const,
    sessions: ["auth", "sessions"] as const,
  },
  conversations: {
    all: ["conversations"] as const,
    lists: ["conversations", "list"] as const,
    list: (q: string) => ["conversations", "list", q] as const,
    messages: (conversation_id: string) => ["conversations", "messages", conversation_id] as const,
  },
  users: {
    all: ["users"] as const,
    list: (filter: object) => ["users", "list", filter] as const,
    one: (user_id: string) => ["users", "one", user_id] as const,
    part: (user_id: string, part: "access" | "blocks" | "budget" | "preview") =>
      ["users", "one", user_id, part] as const,
  },
  servers: {
    all: ["servers"] as const,
    list: ["servers", "list"] as const,
    one: (server_id: string) => ["servers", "one", server_id] as const,
    part: (server_id: string, part: "tools" | "prompts" | "resources" | "health" | "stderr") =>
      ["servers", "one", server_id, part] as const,
    /** A definition never changes under its digest. */
    definition: (server_id: string, tool: string, sha256: string | null) =>
      ["definitions", server_id, tool, sha256] as const,
    virtual: ["servers", "virtual"] as const,
  },
  grants: { all: ["grants"] as const, list: (filter: object) => ["grants", "list", filter] as const },
  models: { all: ["models"] as const, list: ["models", "list"] as const },
  tokens: { all: ["tokens"] as const },
  consents: {
    all: ["consents"] as const,
    list: ["consents", "list"] as const,
    asked: (query: string) => ["consents", "asked", query] as const,
    connection: ["consents", "connection"] as const,
  },
  budgets: { default: ["budgets", "default"] as const },
  flows: {
    all: ["flows"] as const,
    list: (filter: object) => ["flows", "list", filter] as const,
    counts: (q: string) => ["flows", "counts", q] as const,
    terms: (name: string, q: string) => ["flows", "terms", name, q] as const,
    views: ["flows", "views"] as const,
    one: (flow_id: string) => ["flows", "one", flow_id] as const,
    checkpoints: (flow_id: string) => ["flows", "one", flow_id, "checkpoints"] as const,
  },
  talks: {
    list: (filter: object) => ["talks", "list", filter] as const,
    one: (conversation_id: string) => ["talks", "one", conversation_id] as const,
    part: (conversation_id: string, part: "messages" | "flows") =>
      ["talks", "one", conversation_id, part] as const,
  },
  access: { snapshot: (access_id: string) => ["access", "snapshot", access_id] as const },
  insight: {
    overview: ["insight", "overview"] as const,
    own_usage: ["insight", "usage", "own"] as const,
    activity: (filter: object) => ["insight", "activity", filter] as const,
  },
  teams: {
    all: ["teams"] as const,
    lists: ["teams", "list"] as const,
    list: (filter: object) => ["teams", "list", filter] as const,
    one: (team_id: string) => ["teams", "one", team_id] as const,
  },
  monitoring: { all: ["monitoring"] as const, lists: ["watch-lists"] as const },
  bundles: {
    list: ["bundles", "list"] as const,
    flows: (bundle_id: string) => ["bundles", "one", bundle_id, "flows"] as const,
    flow: (bundle_id: string, flow_id: string) => ["bundles", "one", bundle_id, "flows", flow_id] as const,
  },
  proof: {
    record: ["proof", "record"] as const,
    flow: (flow_id: string) => ["proof", "flow", flow_id] as const,
    retention: ["proof", "retention"] as const,
    anchors: ["proof", "anchors"] as const,
    erasure: (user_id: string) => ["proof", "erasure", user_id] as const,
  },
  journal: { list: (filter: object) => ["journal", "list", filter] as const },
}
