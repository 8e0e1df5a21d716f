"""Rights of the duty 賦課."""

from taxsys.platform.staff.catalogue import Permission

_UNITS = ("市民税課",)

RUN_ASSESSMENT = Permission(
    "assessment.run",
    "課税計算の実行",
    actions=frozenset({"create", "update"}),
    risk="personal",
    default_units=_UNITS,
    default_roles=("clerk", "chief"),
    function_ids=("F-PI-030",),
)
RELEASE_ASSESSMENT = Permission(
    "assessment.release",
    "賦課決定(出力解放)",
    actions=frozenset({"approve"}),
    risk="money",
    step_up=True,
    four_eyes=True,
    default_units=_UNITS,
    default_roles=("chief",),
    function_ids=("F-PI-031",),
)
PROPOSE_RECALL = Permission(
    "assessment.propose_recall",
    "賦課決定の撤回の起案",
    actions=frozenset({"create", "view"}),
    risk="money",
    default_units=_UNITS,
    default_roles=("clerk", "chief"),
    function_ids=("F-PI-031",),
)
PRINT_NOTICES = Permission(
    "assessment.print_notices",
    "税額通知の作成",
    actions=frozenset({"create", "print"}),
    risk="personal",
    default_units=_UNITS,
    default_roles=("clerk", "chief"),
    function_ids=("F-DC-001", "F-DC-002"),
)
RELEASE_NOTICES = Permission(
    "assessment.release_notices",
    "税額通知の発送承認",
    actions=frozenset({"approve"}),
    risk="personal",
    step_up=True,
    four_eyes=True,
    default_units=_UNITS,
    default_roles=("chief",),
    function_ids=("F-DC-002",),
)
PREVIEW_NOTICE = Permission(
    "assessment.preview_notice",
    "税額通知のプレビュー",
    actions=frozenset({"view"}),
    risk="personal",
    default_units=_UNITS,
    default_roles=("clerk", "chief"),
    function_ids=("F-DC-001",),
)

_READERS = ("市民税課", "税制課", "納税管理課", "納税推進課")
_BASE = "番号法9条1項・別表24"

VIEW_ASSESSMENT = Permission(
    "assessment.view",
    "賦課・計算過程の照会",
    actions=frozenset({"view", "print"}),
    risk="personal",
    default_units=_READERS,
    function_ids=("F-PC-024",),
)
VIEW_RUNS = Permission(
    "assessment.view_runs",
    "課税計算と検証の照会",
    actions=frozenset({"view"}),
    risk="personal",
    default_units=_UNITS,
    function_ids=("F-PL-001",),
)
SETTLE_FINDING = Permission(
    "assessment.settle_finding",
    "検証結果の処理",
    actions=frozenset({"update"}),
    risk="personal",
    default_units=_UNITS,
    function_ids=("F-PL-001",),
)
VIEW_SOURCES = Permission(
    "assessment.view_sources",
    "課税資料の照会",
    actions=frozenset({"view"}),
    risk="personal",
    default_units=("市民税課",),
    function_ids=("F-PI-023", "F-PI-024"),
)
# The candidates are looked up by the number that came with the paper, inside the vault: a use of numbers.
MATCH_SOURCES = Permission(
    "assessment.match_sources",
    "課税資料の突合",
    actions=frozenset({"update", "search"}),
    risk="number",
    legal_base=_BASE,
    default_units=_UNITS,
    function_ids=("F-PI-017", "F-PI-018"),
)
PLACE_SOURCES = Permission(
    "assessment.place_sources",
    "紙の資料の保管場所の記録",
    actions=frozenset({"update"}),
    risk="personal",
    default_units=_UNITS,
    function_ids=("F-PI-023",),
)
FORWARD_SOURCES = Permission(
    "assessment.forward_sources",
    "課税資料の回送・返戻・重複の判断",
    actions=frozenset({"update", "print"}),
    risk="personal",
    default_units=_UNITS,
    function_ids=("F-PI-015", "F-PI-019", "F-PI-020", "F-PL-020"),
)
ENTER_SOURCES = Permission(
    "assessment.enter_sources",
    "紙の課税資料の入力",
    actions=frozenset({"create", "search"}),
    risk="personal",
    default_units=_UNITS,
    function_ids=("F-PI-006", "F-PI-008", "F-PI-009", "F-PI-011"),
)
MANAGE_BUNDLES = Permission(
    "assessment.manage_bundles",
    "入力の束の作成・相違の判定",
    actions=frozenset({"create", "update", "view"}),
    risk="personal",
    default_units=_UNITS,
    function_ids=("F-PI-006",),
)
# The data-entry contractor's one right: to key the papers of the own bundles. It opens no party and no search.
KEY_PAPERS = Permission(
    "assessment.key_papers",
    "束の原票の入力",
    actions=frozenset({"create"}),
    risk="personal",
    default_roles=("entry", "clerk", "chief"),
    default_units=_UNITS,
    function_ids=("F-PI-006",),
)
RECORD_CHANGES = Permission(
    "assessment.record_changes",
    "異動届・切替届の記録",
    actions=frozenset({"create", "update", "view"}),
    risk="personal",
    default_units=_UNITS,
    default_roles=("clerk", "chief"),
    function_ids=("F-PL-004",),
)
RECORD_WITHHOLDERS = Permission(
    "assessment.record_withholders",
    "特別徴収義務者の申請・届出の記録と起案",
    actions=frozenset({"create", "update", "view", "print"}),
    risk="personal",
    default_units=_UNITS,
    default_roles=("clerk", "chief"),
    function_ids=("F-PL-003", "F-PL-005", "F-PL-006"),
)
DECIDE_PRIVILEGE = Permission(
    "assessment.decide_privilege",
    "納期の特例・承継の決裁",
    actions=frozenset({"approve"}),
    risk="money",
    step_up=True,
    four_eyes=True,
    default_units=_UNITS,
    default_roles=("chief",),
    function_ids=("F-PL-003", "F-PL-005"),
)
AMEND = Permission(
    "assessment.amend",
    "更正事案・減免の登録と起案",
    actions=frozenset({"create", "update", "view"}),
    risk="money",
    default_units=_UNITS,
    default_roles=("clerk", "chief"),
    function_ids=("F-PC-022", "F-PC-021", "F-PL-018"),
)
RECORD_PREMISES = Permission(
    "assessment.record_premises",
    "家屋敷等の登録・終了・住所地への通知",
    actions=frozenset({"create", "update", "print"}),
    risk="personal",
    default_units=_UNITS,
    default_roles=("clerk", "chief"),
    function_ids=("F-PL-016", "F-PI-001"),
)
EXPORT_ITEMS = Permission(
    "assessment.export_items",
    "要調査事項のCSV",
    actions=frozenset({"export"}),
    risk="personal",
    default_units=_UNITS,
    function_ids=("F-PL-015", "F-PC-012"),
)
APPROVE_MATCH = Permission(
    "assessment.approve_match",
    "番号の合わない資料の突合の決裁",
    actions=frozenset({"approve"}),
    risk="number",
    legal_base=_BASE,
    four_eyes=True,
    default_units=_UNITS,
    default_roles=("chief",),
    function_ids=("F-PI-017", "F-PI-018"),
)
VIEW_SCANS = Permission(
    "assessment.view_scans",
    "紙の画像の照会",
    actions=frozenset({"view"}),
    risk="personal",
    default_units=_UNITS,
    function_ids=("F-PI-023",),
)
# Whoever registers and masks a paper has it in the hand, its number included.
REGISTER_SCANS = Permission(
    "assessment.register_scans",
    "紙の画像の登録・遮蔽・取消",
    actions=frozenset({"create", "update"}),
    risk="number",
    legal_base=_BASE,
    default_units=_UNITS,
    function_ids=("F-PI-023",),
)
VIEW_PARAMETERS = Permission(
    "assessment.view_parameters",
    "法定値・検証状況の照会",
    actions=frozenset({"view"}),
    default_roles=("clerk", "chief", "auditor"),
    function_ids=("F-PC-024",),
)

# Sums over the whole city, no name and no number: a right of its own that no other role carries.
WHAT_IF = Permission(
    "assessment.what_if",
    "政策試算",
    actions=frozenset({"view", "export"}),
    risk="personal",
    default_units=("税制課",),
    default_roles=("planner",),
    function_ids=("F-PL-034",),
)

EXTRACT = Permission(
    "assessment.extract",
    "EUC抽出(決定の抽出)",
    actions=frozenset({"search", "export", "create", "delete"}),
    risk="personal",
    default_units=_UNITS,
    default_roles=("clerk", "chief"),
    function_ids=("F-DC-009", "F-DC-010"),
)

PERMISSIONS = (
    EXTRACT,
    RUN_ASSESSMENT,
    RELEASE_ASSESSMENT,
    PROPOSE_RECALL,
    PRINT_NOTICES,
    RELEASE_NOTICES,
    PREVIEW_NOTICE,
    VIEW_ASSESSMENT,
    VIEW_RUNS,
    SETTLE_FINDING,
    VIEW_SOURCES,
    MATCH_SOURCES,
    PLACE_SOURCES,
    FORWARD_SOURCES,
    ENTER_SOURCES,
    MANAGE_BUNDLES,
    KEY_PAPERS,
    RECORD_CHANGES,
    RECORD_WITHHOLDERS,
    DECIDE_PRIVILEGE,
    AMEND,
    RECORD_PREMISES,
    EXPORT_ITEMS,
    APPROVE_MATCH,
    VIEW_SCANS,
    REGISTER_SCANS,
    VIEW_PARAMETERS,
    WHAT_IF,
)
