"""機能: the queue of proposals and deciding them."""

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

PERMISSIONS = (VIEW_QUEUE, DECIDE)
