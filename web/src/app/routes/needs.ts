/** A guard for pages that a permission opens; the words say why another role does not see them. */
import { Problem } from "@/api/problem"
import type { Me, Permission } from "@/api/types"

export function needs(permission: Permission) {
  return ({ context }: { context: { me: Me } }) => {
    const { permissions, role } = context.me
    if (permissions.includes(permission)) return
    const detail = `Your role (${role}) does not open this page. An administrator can give you another role.`
    throw new Problem({ code: "forbidden", status: 403, detail })
  }
}
