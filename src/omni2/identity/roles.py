"""Roles and the permissions that they carry. What is not named here is not allowed."""

from typing import Literal, get_args

Role = Literal["admin", "member", "auditor"]
Permission = Literal[
    "account.own", "chat.use", "tokens.own", "flows.own", "models.read",
    "users.read", "users.manage", "users.block", "servers.read", "servers.manage", "models.manage",
    "grants.read", "grants.manage", "budgets.read", "budgets.manage", "flows.read", "flows.content",
    "insight.read", "journal.read", "monitoring.manage", "record.manage",
]  # fmt: skip

ROLES: tuple[Role, ...] = get_args(Role)
_OWN: frozenset[Permission] = frozenset({"account.own", "chat.use", "tokens.own", "flows.own", "models.read"})
_READ: frozenset[Permission] = frozenset(
    {
        "users.read",
        "servers.read",
        "grants.read",
        "budgets.read",
        "flows.read",
        "insight.read",
        "journal.read",
    }
)
_PERMISSIONS: dict[str, frozenset[Permission]] = {
    "admin": frozenset(get_args(Permission)),
    "member": _OWN,
    "auditor": _OWN | _READ | frozenset[Permission]({"flows.content"}),
}


def permissions_of(role: str) -> frozenset[Permission]:
    """Return what `role` may do; an unknown role may do nothing."""
    return _PERMISSIONS.get(role, frozenset())
