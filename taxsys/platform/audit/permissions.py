"""機能: looking at the access log."""

from taxsys.platform.staff.catalogue import Permission

VIEW_LOG = Permission(
    "audit.view_log",
    "アクセス記録の照会",
    actions=frozenset({"view", "search"}),
    risk="personal",
    default_roles=("auditor", "chief"),
)

PERMISSIONS = (VIEW_LOG,)
