"""機能: looking at what is due, proposing and approving its erasure, carrying it out, stop orders, copies elsewhere."""

from taxsys.platform.staff.catalogue import Permission

VIEW = Permission(
    "retention.view",
    "保管期間と消去候補の照会",
    actions=frozenset({"view", "print"}),
    default_roles=("clerk", "chief", "operator", "auditor", "administrator"),
)
PROPOSE = Permission(
    "retention.propose",
    "消去の起案",
    actions=frozenset({"create"}),
    four_eyes=True,
    default_roles=("clerk", "operator"),
)
APPROVE_FIRST = Permission(
    "retention.approve_first",
    "消去の一次決裁",
    actions=frozenset({"update"}),
    step_up=True,
    four_eyes=True,
    default_roles=("chief",),
)
APPROVE_SECOND = Permission(
    "retention.approve_second",
    "消去の二次決裁",
    actions=frozenset({"update"}),
    step_up=True,
    four_eyes=True,
    default_roles=("auditor", "administrator"),
)
RUN = Permission(
    "retention.run",
    "消去候補の抽出と消去の実行",
    actions=frozenset({"create", "delete"}),
    default_roles=("operator",),
)
STOP = Permission(
    "retention.stop",
    "処分停止の登録",
    actions=frozenset({"create", "update"}),
    risk="personal",
    four_eyes=True,
    default_roles=("clerk", "chief"),
)
LIFT_STOP = Permission(
    "retention.lift_stop",
    "処分停止の解除の決裁",
    actions=frozenset({"update"}),
    risk="personal",
    step_up=True,
    four_eyes=True,
    default_roles=("chief",),
)
KEEP_COPIES = Permission(
    "retention.keep_copies",
    "控え（バックアップ）の登録と廃棄",
    actions=frozenset({"create", "update"}),
    default_roles=("operator",),
)

PERMISSIONS = (VIEW, PROPOSE, APPROVE_FIRST, APPROVE_SECOND, RUN, STOP, LIFT_STOP, KEEP_COPIES)
