"""機能: looking at the access log, its seals, its reviews, and the lists the reviews use."""

from taxsys.platform.staff.catalogue import Permission

VIEW_LOG = Permission(
    "audit.view_log",
    "アクセス記録の照会",
    actions=frozenset({"view", "search"}),
    risk="personal",
    default_roles=("auditor", "chief"),
)
VIEW_REVIEW = Permission(
    "audit.view_review",
    "アクセス記録の点検結果の照会・印刷",
    actions=frozenset({"view", "print"}),
    risk="personal",
    default_roles=("auditor",),
)
SIGN_REVIEW = Permission(
    "audit.sign_review",
    "アクセス記録の点検の確認",
    actions=frozenset({"update"}),
    step_up=True,
    default_roles=("auditor",),
)
RUN_REVIEW = Permission(
    "audit.run_review",
    "アクセス記録の点検・検証の実行",
    actions=frozenset({"create"}),
    default_roles=("auditor", "operator"),
)
KEEP_WATCH = Permission(
    "audit.keep_watch",
    "点検対象の宛名の照会・起案",
    actions=frozenset({"view", "create"}),
    risk="personal",
    four_eyes=True,
    default_roles=("auditor",),
)
DECIDE_WATCH = Permission(
    "audit.decide_watch",
    "点検対象の宛名の決裁",
    actions=frozenset({"update"}),
    risk="personal",
    step_up=True,
    four_eyes=True,
    default_roles=("auditor", "chief"),
)
VIEW_SEALS = Permission(
    "audit.view_seals",
    "アクセス記録の封印の照会・控えの印刷",
    actions=frozenset({"view", "print"}),
    default_roles=("auditor", "operator", "maintainer"),
)
VIEW_CHANGES = Permission(
    "audit.view_changes",
    "変更記録の照会",
    actions=frozenset({"view", "search"}),
    risk="personal",
    default_roles=("auditor", "chief"),
)

PERMISSIONS = (VIEW_LOG, VIEW_CHANGES, VIEW_REVIEW, SIGN_REVIEW, RUN_REVIEW, KEEP_WATCH, DECIDE_WATCH, VIEW_SEALS)
