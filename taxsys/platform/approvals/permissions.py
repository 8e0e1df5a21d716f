"""機能: the queue of proposals, deciding them, and naming who decides in one's absence (代決)."""

from taxsys.platform.staff.catalogue import Permission

VIEW_QUEUE = Permission(
    "approvals.view",
    "決裁一覧",
    actions=frozenset({"view"}),
    default_roles=("clerk", "chief", "operator", "administrator"),
)
DECIDE = Permission(
    "approvals.decide",
    "決裁（承認・差戻し）",
    actions=frozenset({"update"}),
    step_up=True,
    four_eyes=True,
    default_roles=("chief", "administrator"),
)
NAME_DEPUTY = Permission(
    "approvals.name_deputy",
    "代決者の指定",
    actions=frozenset({"view", "create", "update"}),
    default_roles=("chief", "administrator"),
)
APPROVE_DEPUTY = Permission(
    "approvals.approve_deputy",
    "代決者の指定の決裁",
    actions=frozenset({"update"}),
    step_up=True,
    four_eyes=True,
    default_roles=("administrator",),
)

PERMISSIONS = (VIEW_QUEUE, DECIDE, NAME_DEPUTY, APPROVE_DEPUTY)
