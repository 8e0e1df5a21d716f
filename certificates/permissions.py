"""Rights of the duty 証明: counters and branch offices issue, chiefs take back and hold."""

from taxsys.platform.staff.catalogue import Permission

_UNITS = (
    "税制課",
    "市民税課",
    "神居支所",
    "江丹別支所",
    "永山支所",
    "東旭川支所",
    "神楽支所",
    "西神楽支所",
    "東鷹栖支所",
    "東部まちづくりセンター",
)
_BASE = "地方税法（賦課徴収事務）・地方自治法227条"

ISSUE_CERTIFICATES = Permission(
    "certificates.issue",
    "証明書の受付・交付",
    actions=frozenset({"view", "create", "print"}),
    risk="personal",
    legal_base=_BASE,
    default_units=_UNITS,
    default_roles=("clerk", "chief"),
    function_ids=("F-CT-001", "F-CT-009", "F-CT-010", "F-CT-011", "F-CT-014"),
)
VIEW_REGISTER = Permission(
    "certificates.view_register",
    "証明書交付簿の照会",
    actions=frozenset({"view"}),
    risk="personal",
    legal_base=_BASE,
    default_units=_UNITS,
    default_roles=("clerk", "chief"),
    function_ids=("F-CT-015",),
)
VOID_CERTIFICATES = Permission(
    "certificates.void",
    "証明書の取消・再発行",
    actions=frozenset({"update", "create"}),
    risk="personal",
    legal_base=_BASE,
    default_units=_UNITS,
    default_roles=("chief",),
    function_ids=("F-CT-015",),
)
HOLD_CERTIFICATES = Permission(
    "certificates.hold",
    "証明書の発行停止・解除",
    actions=frozenset({"create", "update"}),
    risk="personal",
    legal_base=_BASE,
    default_units=_UNITS,
    default_roles=("chief",),
    function_ids=("F-CT-012",),
)

PERMISSIONS = (ISSUE_CERTIFICATES, VIEW_REGISTER, VOID_CERTIFICATES, HOLD_CERTIFICATES)
