"""機能: asking for rights, confirming them, the yearly recertification, and who is head, deputy or administrator."""

from taxsys.platform.staff.catalogue import Permission

VIEW = Permission(
    "rights.view",
    "権限の一覧",
    actions=frozenset({"view"}),
    default_roles=("chief", "auditor", "administrator"),
    function_ids=("F-CM-016",),
)
REQUEST = Permission(
    "rights.request",
    "権限の届出",
    actions=frozenset({"create"}),
    default_roles=("chief", "administrator"),
    function_ids=("F-CM-016",),
)
CONFIRM = Permission(
    "rights.confirm",
    "権限の確認（アクセス権限管理者・税制課）",
    actions=frozenset({"update"}),
    step_up=True,
    four_eyes=True,
    default_roles=("chief", "administrator"),
    function_ids=("F-CM-016",),
)
RECERTIFY = Permission(
    "rights.recertify",
    "権限の棚卸",
    actions=frozenset({"view", "update"}),
    step_up=True,
    default_roles=("chief", "administrator"),
    function_ids=("F-CM-016",),
)
PEOPLE = Permission(
    "rights.people",
    "所属の利用者（研修・誓約の記録、停止した職員番号の再開の届出）",
    actions=frozenset({"view", "update"}),
    default_roles=("chief", "administrator"),
)
APPROVE_REENABLE = Permission(
    "rights.approve_reenable",
    "職員番号の再開の決裁",
    actions=frozenset({"update"}),
    step_up=True,
    four_eyes=True,
    default_roles=("administrator",),
)
APPROVE_KEY = Permission(
    "rights.approve_key",
    "セキュリティキーの登録・再登録の決裁",
    actions=frozenset({"update"}),
    step_up=True,
    four_eyes=True,
    default_roles=("administrator",),
)
CAMPAIGN = Permission(
    "rights.campaign",
    "権限の棚卸の開始・締切の実行",
    actions=frozenset({"create", "update"}),
    default_roles=("administrator", "operator"),
)
APPOINT = Permission(
    "rights.appoint",
    "職責（長・代理・権限管理者）の届出",
    actions=frozenset({"create"}),
    four_eyes=True,
    default_roles=("administrator",),
)
APPROVE_APPOINTMENT = Permission(
    "rights.approve_appointment",
    "職責の届出の決裁",
    actions=frozenset({"update"}),
    step_up=True,
    four_eyes=True,
    default_roles=("administrator",),
)
TERMINALS = Permission(
    "rights.terminals",
    "端末の登録の届出・停止",
    actions=frozenset({"create", "update"}),
    step_up=True,
    four_eyes=True,
    default_roles=("administrator",),
)
APPROVE_TERMINAL = Permission(
    "rights.approve_terminal",
    "端末の登録の決裁",
    actions=frozenset({"update"}),
    step_up=True,
    four_eyes=True,
    default_roles=("administrator",),
)

PERMISSIONS = (
    VIEW,
    REQUEST,
    CONFIRM,
    RECERTIFY,
    PEOPLE,
    APPROVE_REENABLE,
    APPROVE_KEY,
    CAMPAIGN,
    APPOINT,
    APPROVE_APPOINTMENT,
    TERMINALS,
    APPROVE_TERMINAL,
)
