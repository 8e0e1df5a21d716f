"""Rights of the intermediary: copies to the intermediary server, the register, answers to neighbouring systems."""

from taxsys.platform.staff.catalogue import Permission

_UNITS = ("市民税課",)

MAKE_COPIES = Permission(
    "intermediary.make_copies",
    "副本データの作成・照合",
    actions=frozenset({"create"}),
    risk="personal",
    legal_base="番号法19条8号・21条の2",
    default_units=_UNITS,
    default_roles=("clerk", "chief"),
    function_ids=("F-PL-025", "F-TG-021"),
)
RELEASE_COPIES = Permission(
    "intermediary.release_copies",
    "副本データの提供承認",
    actions=frozenset({"approve"}),
    risk="personal",
    legal_base="番号法19条8号・21条の2",
    four_eyes=True,
    default_units=_UNITS,
    default_roles=("chief",),
    function_ids=("F-TG-009",),
)
VIEW_REGISTER = Permission(
    "intermediary.view_register",
    "提供簿・移転簿の閲覧",
    actions=frozenset({"view"}),
    default_units=(*_UNITS, "税制課"),
    default_roles=("clerk", "chief", "auditor"),
    function_ids=("F-OT-022",),
)
PROPOSE_REGISTER = Permission(
    "intermediary.propose_register",
    "提供簿・移転簿の起案・取込",
    actions=frozenset({"create", "update"}),
    default_units=_UNITS,
    default_roles=("clerk", "chief"),
    function_ids=("F-OT-022",),
)
DECIDE_REGISTER = Permission(
    "intermediary.decide_register",
    "提供簿・移転簿の登録の決裁",
    actions=frozenset({"approve"}),
    risk="personal",
    four_eyes=True,
    default_units=_UNITS,
    default_roles=("chief",),
    function_ids=("F-OT-022",),
)
PROVIDE_INCOME = Permission(
    "intermediary.provide_income",
    "所得・課税情報の照会(庁内連携)",
    actions=frozenset({"provide"}),
    risk="personal",
    legal_base="番号法9条2項・市条例",
    default_roles=("client",),
    function_ids=("F-LK-001", "F-LK-013"),
)

REQUEST_TRANSFER = Permission(
    "intermediary.request_transfer",
    "税情報の提供・移転の依頼",
    actions=frozenset({"create", "view"}),
    risk="personal",
    legal_base="番号法9条2項・19条・市条例",
    default_roles=("neighbour",),
    function_ids=("F-LK-001",),
)
VIEW_TRANSFERS = Permission(
    "intermediary.view_transfers",
    "提供・移転の依頼の一覧",
    actions=frozenset({"view"}),
    risk="personal",
    default_units=_UNITS,
    default_roles=("clerk", "chief", "auditor"),
    function_ids=("F-LK-001",),
)
CHECK_TRANSFER = Permission(
    "intermediary.check_transfer",
    "提供・移転の依頼の法的確認",
    actions=frozenset({"update"}),
    risk="personal",
    default_units=_UNITS,
    default_roles=("clerk", "chief"),
    function_ids=("F-LK-001",),
)
APPROVE_TRANSFER = Permission(
    "intermediary.approve_transfer",
    "提供・移転の依頼の承認",
    actions=frozenset({"approve"}),
    risk="personal",
    four_eyes=True,
    default_units=_UNITS,
    default_roles=("chief",),
    function_ids=("F-LK-001",),
)
EXECUTE_TRANSFER = Permission(
    "intermediary.execute_transfer",
    "提供・移転の実行・引渡し",
    actions=frozenset({"provide"}),
    risk="personal",
    legal_base="番号法9条2項・19条・市条例",
    step_up=True,
    default_units=_UNITS,
    default_roles=("clerk", "chief"),
    function_ids=("F-LK-001", "F-LK-013"),
)

INQUIRE_ACCOUNT = Permission(
    "intermediary.inquire_account",
    "公金受取口座の照会・結果の取込",
    actions=frozenset({"view", "create", "update"}),
    risk="personal",
    legal_base="番号法19条8号・公金受取口座登録法9条",
    default_units=("納税管理課",),
    default_roles=("clerk", "chief"),
    function_ids=("F-OT-021",),
)
RELEASE_ACCOUNT_INQUIRY = Permission(
    "intermediary.release_account_inquiry",
    "公金受取口座の照会の承認",
    actions=frozenset({"provide"}),
    risk="personal",
    legal_base="番号法19条8号・公金受取口座登録法9条",
    four_eyes=True,
    default_units=("納税管理課",),
    default_roles=("chief",),
    function_ids=("F-OT-021",),
)

PERMISSIONS = (
    MAKE_COPIES,
    RELEASE_COPIES,
    VIEW_REGISTER,
    PROPOSE_REGISTER,
    DECIDE_REGISTER,
    PROVIDE_INCOME,
    REQUEST_TRANSFER,
    VIEW_TRANSFERS,
    CHECK_TRANSFER,
    APPROVE_TRANSFER,
    EXECUTE_TRANSFER,
    INQUIRE_ACCOUNT,
    RELEASE_ACCOUNT_INQUIRY,
)
