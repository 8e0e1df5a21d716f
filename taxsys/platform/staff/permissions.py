"""機能: staff administration, and the acts every officer may do on the own behalf."""

from taxsys.platform.staff.catalogue import Permission

CONTRACTOR_ROLES = ("operator", "entry", "printer", "maintainer")
ALL_ROLES = ("clerk", "chief", "auditor", "administrator", "planner", "neighbour", *CONTRACTOR_ROLES)

HOME = Permission("staff.home", "業務ホーム", actions=frozenset({"view"}), default_roles=ALL_ROLES)
SELF = Permission("staff.self", "自分の設定・再確認", actions=frozenset({"view", "update"}), default_roles=ALL_ROLES)
VIEW_STAFF = Permission(
    "staff.view",
    "職員・権限の照会",
    actions=frozenset({"view"}),
    default_roles=("chief", "auditor"),
    function_ids=("F-CM-016",),
)

PERMISSIONS = (HOME, SELF, VIEW_STAFF)
