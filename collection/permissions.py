"""Rights of the duty 収納."""

from taxsys.platform.staff.catalogue import Permission

_UNITS = ("納税管理課",)
# Who answers taxpayers: the five divisions and the branches; never a neighbouring division.
_READING_UNITS = (
    "税制課", "市民税課", "資産税課", "納税管理課", "納税推進課", "神居支所", "江丹別支所", "永山支所", "東旭川支所",
    "神楽支所", "西神楽支所", "東鷹栖支所", "東部まちづくりセンター",
)  # fmt: skip

POST_RECEIPTS = Permission(
    "collection.post_receipts",
    "収納データの取込・消込",
    actions=frozenset({"create"}),
    risk="money",
    default_units=_UNITS,
    default_roles=("clerk", "chief"),
    function_ids=("F-CL-020", "F-CL-004"),
)
ISSUE_SLIPS = Permission(
    "collection.issue_slips",
    "納付書の発行",
    actions=frozenset({"create", "print"}),
    risk="money",
    default_units=_UNITS,
    default_roles=("clerk", "chief"),
    function_ids=("F-CL-010",),
)

MANAGE_DEBIT = Permission(
    "collection.manage_debit",
    "口座振替の申込・依頼",
    actions=frozenset({"create", "update"}),
    risk="money",
    default_units=_UNITS,
    default_roles=("clerk", "chief"),
    function_ids=("F-CL-025", "F-CL-026"),
)
RELEASE_DEBIT = Permission(
    "collection.release_debit",
    "口座振替依頼データの送付",
    actions=frozenset({"provide"}),
    risk="money",
    four_eyes=True,
    default_units=_UNITS,
    default_roles=("chief",),
    function_ids=("F-CL-026",),
)
PROVE_LEDGER = Permission(
    "collection.prove_ledger",
    "元帳の証明",
    actions=frozenset({"view"}),
    default_roles=("clerk", "chief", "auditor", "operator"),
    function_ids=("F-CL-029",),
)

VIEW_LEDGER = Permission(
    "collection.view_ledger",
    "収納の照会",
    actions=frozenset({"view"}),
    risk="personal",
    default_units=_READING_UNITS,
    default_roles=("clerk", "chief"),
    function_ids=("F-CL-028",),
)
TAKE_PAYMENT = Permission(
    "collection.take_payment",
    "窓口収納",
    actions=frozenset({"create", "print"}),
    risk="money",
    default_units=_UNITS,
    default_roles=("clerk", "chief"),
    function_ids=("F-CL-004", "F-CL-014"),
)
REVERSE_RECEIPT = Permission(
    "collection.reverse_receipt",
    "収納・消込の取消",
    actions=frozenset({"update"}),
    risk="money",
    step_up=True,
    default_units=_UNITS,
    default_roles=("chief",),
    function_ids=("F-CL-017",),
)
WORK_SUSPENSE = Permission(
    "collection.work_suspense",
    "仮受(不明金)の処理",
    actions=frozenset({"view", "update"}),
    risk="money",
    default_units=_UNITS,
    default_roles=("clerk", "chief"),
    function_ids=("F-CL-013", "F-CL-024"),
)
CLOSE_DAY = Permission(
    "collection.close_day",
    "日計・窓口の締め",
    actions=frozenset({"view", "create"}),
    risk="money",
    default_units=_UNITS,
    default_roles=("clerk", "chief"),
    function_ids=("F-CL-020", "F-CL-029"),
)

CLOSE_PERIOD = Permission(
    "collection.close_period",
    "日締め・月締め",
    actions=frozenset({"view", "create"}),
    risk="money",
    default_units=_UNITS,
    default_roles=("clerk", "chief"),
    function_ids=("F-CL-020", "F-CL-023"),
)
REOPEN_PERIOD = Permission(
    "collection.reopen_period",
    "締めの解除",
    actions=frozenset({"update"}),
    risk="money",
    step_up=True,
    default_units=_UNITS,
    default_roles=("chief",),
    function_ids=("F-CL-023",),
)
VIEW_BOOKS = Permission(
    "collection.view_books",
    "調定簿・収入簿、収納率",
    actions=frozenset({"view", "export"}),
    default_units=("税制課", "市民税課", "資産税課", "納税管理課", "納税推進課"),
    default_roles=("clerk", "chief"),
    function_ids=("F-CL-001", "F-CL-030"),
)
CLOSE_YEAR = Permission(
    "collection.close_year",
    "出納閉鎖・滞納繰越",
    actions=frozenset({"create"}),
    risk="money",
    default_units=_UNITS,
    default_roles=("chief",),
    function_ids=("F-CL-003", "F-CL-023"),
)
REMIT = Permission(
    "collection.remit",
    "道府県民税・森林環境税の払込",
    actions=frozenset({"view", "create", "export"}),
    risk="money",
    default_units=_UNITS,
    default_roles=("clerk", "chief"),
    function_ids=("F-CL-021", "F-CL-022"),
)
RELEASE_REMITTANCE = Permission(
    "collection.release_remittance",
    "払込の決定",
    actions=frozenset({"approve"}),
    risk="money",
    four_eyes=True,
    default_units=_UNITS,
    default_roles=("chief",),
    function_ids=("F-CL-022",),
)
TAKE_OVER = Permission(
    "collection.take_over",
    "旧システムからの移行・並行稼働の比較",
    actions=frozenset({"view", "create", "export"}),
    risk="money",
    default_units=_UNITS,
    default_roles=("chief",),
    function_ids=("F-AC-017",),
)

WORK_REFUND = Permission(
    "collection.work_refund",
    "還付・充当の起案、支払の準備と結果",
    actions=frozenset({"view", "create", "update", "print"}),
    risk="money",
    default_units=_UNITS,
    default_roles=("clerk", "chief"),
    function_ids=("F-RF-001", "F-RF-002", "F-RF-006", "F-RF-008"),
)
APPROVE_REFUND = Permission(
    "collection.approve_refund",
    "還付・充当の決裁",
    actions=frozenset({"approve"}),
    risk="money",
    four_eyes=True,
    default_units=_UNITS,
    default_roles=("chief",),
    function_ids=("F-RF-002",),
)
RELEASE_REFUND = Permission(
    "collection.release_refund",
    "還付支払データの送付",
    actions=frozenset({"provide"}),
    risk="money",
    four_eyes=True,
    default_units=_UNITS,
    default_roles=("chief",),
    function_ids=("F-RF-008",),
)
KEEP_DEFERMENT = Permission(
    "collection.keep_deferment",
    "猶予・延滞金の免除・納期限の延長の起案",
    actions=frozenset({"view", "create"}),
    risk="money",
    default_units=("納税管理課", "納税推進課"),
    default_roles=("clerk", "chief"),
    function_ids=("F-DN-003",),
)
DECIDE_DEFERMENT = Permission(
    "collection.decide_deferment",
    "猶予・延滞金の免除・納期限の延長の決裁",
    actions=frozenset({"approve"}),
    risk="money",
    four_eyes=True,
    default_units=("納税管理課", "納税推進課"),
    default_roles=("chief",),
    function_ids=("F-DN-003",),
)
PAY_REFUND = Permission(
    "collection.pay_refund",
    "還付金の窓口払",
    actions=frozenset({"view", "update"}),
    risk="money",
    default_units=_UNITS,
    default_roles=("clerk", "chief"),
    function_ids=("F-RF-006",),
)

PERMISSIONS = (
    POST_RECEIPTS,
    ISSUE_SLIPS,
    MANAGE_DEBIT,
    RELEASE_DEBIT,
    PROVE_LEDGER,
    VIEW_LEDGER,
    TAKE_PAYMENT,
    REVERSE_RECEIPT,
    WORK_SUSPENSE,
    CLOSE_DAY,
    CLOSE_PERIOD,
    REOPEN_PERIOD,
    VIEW_BOOKS,
    CLOSE_YEAR,
    REMIT,
    RELEASE_REMITTANCE,
    TAKE_OVER,
    WORK_REFUND,
    APPROVE_REFUND,
    RELEASE_REFUND,
    KEEP_DEFERMENT,
    DECIDE_DEFERMENT,
    PAY_REFUND,
)
