/** The kinds of the journal in words. */

export const journal_kinds: Record<string, string> = {
  "user.signed_in": "Signed in",
  "user.joined": "Joined",
  "user.created": "Person invited",
  "user.changed": "Person changed",
  "user.link_created": "Link made",
  "user.password_changed": "Password changed",
  "user.password_reset": "Password reset",
  "user.exported": "Person exported",
  "user.erasing": "Erasure begun",
  "user.erased": "Content erased",
  "bundle.imported": "Bundle imported",
  "bundle.removed": "Bundle removed",
  "flows.exported": "Exported",
  "record.broken": "Record broken",
  "anchors.changed": "Anchors changed",
  "anchors.failing": "Anchors not taken",
  "anchors.sent": "Anchors taken again",
  "retention.changed": "Retention changed",
  "retention.ran": "Retention ran",
  "user.blocked": "Blocked",
  "user.unblocked": "Unblocked",
  "user.watched": "Watched live",
  "user.watch_ended": "Watch ended",
  "monitoring.started": "Monitoring set",
  "monitoring.ended": "Monitoring ended",
  "token.created": "Token made",
  "token.revoked": "Token revoked",
  "client.registered": "Program registered",
  "consent.given": "Program connected",
  "consent.revoked": "Program disconnected",
  "consent.reuse_detected": "Token reused",
  "grant.created": "Grant added",
  "grant.changed": "Grant changed",
  "grant.deleted": "Grant removed",
  "budget.changed": "Budget changed",
  "server.created": "Server added",
  "server.changed": "Server changed",
  "server.deleted": "Server removed",
  "server.tools_changed": "Tools changed",
  "server.connected": "Account connected",
  "server.connect_failed": "Account not connected",
  "server.disconnected": "Account disconnected",
  "server.sign_in_changed": "Sign-in changed",
  "server.sign_in_ended": "Sign-in ended",
  "tool.changed": "Tool changed",
  "model.created": "Model added",
  "model.changed": "Model changed",
  "model.deleted": "Model removed",
  "demo.removed": "Demo removed",
  "setup.completed": "Set up",
}

/** A kind without words of its own is still readable: "policy.adopted" is "Policy adopted". */
export function kindWords(kind: string): string {
  const known = journal_kinds[kind]
  if (known) return known
  const words = kind.replace(/[._]+/g, " ")
  return words.charAt(0).toUpperCase() + words.slice(1)
}
