"""Rights of the duty 滞納."""

from taxsys.platform.staff.catalogue import Permission

_UNITS = ("納税管理課", "納税推進課")
_BASE = "地方税法（賦課徴収事務）"

VIEW_ARREARS = Permission(
    "delinquency.view",
    "滞納の照会",
    actions=frozenset({"view"}),
    risk="personal",
    legal_base=_BASE,
    default_units=_UNITS,
    default_roles=("clerk", "chief"),
    function_ids=("F-DL-014", "F-DN-005"),
)
EXTRACT_REMINDERS = Permission(
    "delinquency.extract_reminders",
    "督促の抽出・督促状の作成",
    actions=frozenset({"create", "print"}),
    risk="money",
    legal_base=_BASE,
    default_units=_UNITS,
    default_roles=("clerk", "chief"),
    function_ids=("F-DN-001", "F-DN-002"),
)
RELEASE_REMINDERS = Permission(
    "delinquency.release_reminders",
    "督促の決裁(出力解放)",
    actions=frozenset({"approve"}),
    risk="money",
    legal_base=_BASE,
    step_up=True,
    four_eyes=True,
    default_units=_UNITS,
    default_roles=("chief",),
    function_ids=("F-DN-001",),
)
WITHDRAW_REMINDERS = Permission(
    "delinquency.withdraw_reminders",
    "督促の取消・返戻の記録",
    actions=frozenset({"update"}),
    risk="personal",
    legal_base=_BASE,
    default_units=_UNITS,
    default_roles=("chief",),
    function_ids=("F-DN-001",),
)
RECORD_CONTACTS = Permission(
    "delinquency.record_contacts",
    "折衝記録の登録",
    actions=frozenset({"create"}),
    risk="personal",
    legal_base=_BASE,
    default_units=_UNITS,
    default_roles=("clerk", "chief"),
    function_ids=("F-DL-013",),
)

PERMISSIONS = (VIEW_ARREARS, EXTRACT_REMINDERS, RELEASE_REMINDERS, WITHDRAW_REMINDERS, RECORD_CONTACTS)
