"""機能 of the 宛名 duty (CONVENTIONS §8). Functions that handle numbers name their legal base (R-010)."""

from taxsys.platform.staff.catalogue import Permission

LEGAL_BASE_TAX = "番号法9条1項・別表24"
_NUMBER_UNITS = ("市民税課", "資産税課", "納税管理課")

SEARCH_PARTY = Permission(
    "addressbook.search_party",
    "宛名の検索",
    actions=frozenset({"search"}),
    risk="personal",
    function_ids=("F-CM-020", "F-CM-023"),
)
VIEW_PARTY = Permission(
    "addressbook.view_party",
    "宛名の照会",
    actions=frozenset({"view"}),
    risk="personal",
    function_ids=("F-CM-018", "F-CM-019", "F-CM-023"),
)
EDIT_PARTY = Permission(
    "addressbook.edit_party",
    "住登外者・送付先・関係の登録",
    actions=frozenset({"create", "update"}),
    risk="personal",
    function_ids=("F-CM-002", "F-CM-003", "F-CM-007", "F-CM-009", "F-CM-010", "F-CM-013"),
)
WRITE_CONTACT = Permission(
    "addressbook.write_contact",
    "対応記録の登録",
    actions=frozenset({"create"}),
    risk="personal",
    function_ids=("F-CM-023",),
)
MERGE_PARTY = Permission(
    "addressbook.merge_party",
    "名寄せ・分離",
    actions=frozenset({"update"}),
    risk="personal",
    four_eyes=True,
    function_ids=("F-CM-002", "F-JT-009"),
)
REVEAL_PROTECTED = Permission(
    "addressbook.reveal_protected",
    "支援措置対象者の住所の表示",
    actions=frozenset({"view"}),
    risk="personal",
    step_up=True,
    function_ids=("F-CM-015",),
)
REVIEW_REVEALS = Permission(
    "addressbook.review_reveals",
    "支援措置対象者の表示の日報の確認",
    actions=frozenset({"view", "update"}),
    risk="personal",
    default_roles=("auditor",),
    function_ids=("F-CM-015",),
)
MANAGE_PROTECTION = Permission(
    "addressbook.manage_protection",
    "支援措置の登録・期限の管理",
    actions=frozenset({"view", "update"}),
    risk="personal",
    four_eyes=True,
    function_ids=("F-CM-015",),
)
IMPORT_FEED = Permission(
    "addressbook.import_feed",
    "住民記録異動・支援措置の取込み",
    actions=frozenset({"create", "update", "write_number"}),
    risk="number",
    legal_base=LEGAL_BASE_TAX,
    function_ids=("F-CM-001", "F-CM-015"),
)
MATCH_NUMBER = Permission(
    "addressbook.match_number",
    "個人番号による突合",
    actions=frozenset({"search", "write_number"}),
    risk="number",
    legal_base=LEGAL_BASE_TAX,
    default_units=_NUMBER_UNITS,
    function_ids=("F-CM-016", "F-CM-020"),
)
REGISTER_NUMBER = Permission(
    "addressbook.register_number",
    "個人番号の登録",
    actions=frozenset({"write_number"}),
    risk="number",
    legal_base=LEGAL_BASE_TAX,
    step_up=True,
    four_eyes=True,
    default_units=_NUMBER_UNITS,
    function_ids=("F-CM-016",),
)
APPROVE_NUMBER = Permission(
    "addressbook.approve_number",
    "個人番号の登録の照合・承認",
    actions=frozenset({"write_number"}),
    risk="number",
    legal_base=LEGAL_BASE_TAX,
    step_up=True,
    four_eyes=True,
    default_units=_NUMBER_UNITS,
    default_roles=("chief",),
    function_ids=("F-CM-016",),
)
CHECK_NUMBER_FILE = Permission(
    "addressbook.check_number_file",
    "取り込んだ個人番号の標本の照合・起案",
    actions=frozenset({"search", "update"}),
    risk="number",
    legal_base=LEGAL_BASE_TAX,
    step_up=True,
    four_eyes=True,
    default_units=_NUMBER_UNITS,
    function_ids=("F-CM-016",),
)
APPROVE_NUMBER_FILE = Permission(
    "addressbook.approve_number_file",
    "取り込んだ個人番号の再照合・承認",
    actions=frozenset({"search", "update"}),
    risk="number",
    legal_base=LEGAL_BASE_TAX,
    step_up=True,
    four_eyes=True,
    default_units=_NUMBER_UNITS,
    default_roles=("chief",),
    function_ids=("F-CM-016",),
)
REVEAL_NUMBER = Permission(
    "addressbook.reveal_number",
    "個人番号の表示",
    actions=frozenset({"reveal_number"}),
    risk="number",
    legal_base=LEGAL_BASE_TAX,
    step_up=True,
    default_units=_NUMBER_UNITS,
    function_ids=("F-CM-016",),
)
VIEW_NUMBER_STATE = Permission(
    "addressbook.view_number_state",
    "個人番号の登録状況の照会",
    actions=frozenset({"view"}),
    risk="number",
    legal_base=LEGAL_BASE_TAX,
    default_units=_NUMBER_UNITS,
    function_ids=("F-CM-016",),
)
SEARCH_NUMBER = Permission(
    "addressbook.search_number",
    "個人番号による検索",
    actions=frozenset({"search"}),
    risk="number",
    legal_base=LEGAL_BASE_TAX,
    step_up=True,
    default_units=_NUMBER_UNITS,
    function_ids=("F-CM-020",),
)
REVIEW_NUMBER_USE = Permission(
    "addressbook.review_number_use",
    "個人番号の利用の点検",
    actions=frozenset({"view", "update"}),
    risk="personal",
    default_roles=("auditor",),
)
ROTATE_KEYS = Permission(
    "addressbook.rotate_keys",
    "個人番号の鍵の更新・消去",
    actions=frozenset({"write_number", "update", "delete"}),
    risk="number",
    legal_base=LEGAL_BASE_TAX,
    step_up=True,
    four_eyes=True,
    default_roles=("operator",),
    function_ids=("F-CM-016",),
)
APPROVE_KEYS = Permission(
    "addressbook.approve_keys",
    "個人番号の鍵の更新・消去の承認",
    actions=frozenset({"update"}),
    risk="number",
    legal_base=LEGAL_BASE_TAX,
    step_up=True,
    four_eyes=True,
    default_roles=("auditor",),
    function_ids=("F-CM-016",),
)
SCAN_NUMBERS = Permission(
    "addressbook.scan_numbers",
    "個人番号の漏えいの点検",
    actions=frozenset({"search", "read_number"}),
    risk="number",
    legal_base="番号法12条",
    default_roles=("operator",),
)

DISCLOSE_LOG = Permission(
    "addressbook.disclose_log",
    "アクセス記録の本人への開示",
    actions=frozenset({"view", "print"}),
    risk="personal",
    legal_base="個人情報の保護に関する法律76条",
    step_up=True,
    default_roles=("auditor",),
)

PERMISSIONS = (
    DISCLOSE_LOG,
    SEARCH_PARTY,
    VIEW_PARTY,
    EDIT_PARTY,
    WRITE_CONTACT,
    MERGE_PARTY,
    REVEAL_PROTECTED,
    MANAGE_PROTECTION,
    REVIEW_REVEALS,
    IMPORT_FEED,
    MATCH_NUMBER,
    REGISTER_NUMBER,
    APPROVE_NUMBER,
    CHECK_NUMBER_FILE,
    APPROVE_NUMBER_FILE,
    REVEAL_NUMBER,
    VIEW_NUMBER_STATE,
    SEARCH_NUMBER,
    REVIEW_NUMBER_USE,
    ROTATE_KEYS,
    APPROVE_KEYS,
    SCAN_NUMBERS,
)
