"""委託の台帳 (R-179, R-182 to R-184): vendors, contracts, subcontracts, their people, yearly audits."""

from datetime import date
from typing import Any

from taxsys.kernel import wareki
from taxsys.platform.registers import rules
from taxsys.platform.registers.closing import all_answered, day_of, has_paper, has_value, linked_state
from taxsys.platform.registers.declaration import (
    CLOSED,
    OPEN,
    Deadline,
    Facts,
    Field,
    FollowUp,
    Item,
    Kind,
    Paper,
    Retention,
    Step,
    Values,
)
from taxsys.platform.registers.params import integer_at
from taxsys.platform.registers.permissions import CONTRACT

KEPT = Retention(code="contract-5y", years="keep_contract_years")
CERTIFICATES = (("pmark", "プライバシーマーク"), ("isms", "ISMS（ISO/IEC 27001）"), ("both", "両方"), ("none", "なし"))
# 契約書の必須事項 (R-182; 番号法11条, ガイドライン 第4-2-(1)).
CLAUSES = (
    Item(code="secrecy", title_ja="秘密保持義務", ground_ja="契約終了後も続くこと"),
    Item(code="carry_out", title_ja="事業所からの持出しの禁止"),
    Item(code="purpose", title_ja="目的外利用・第三者提供の禁止"),
    Item(code="subcontract", title_ja="再委託の制限", ground_ja="市の許諾・再委託先の条件"),
    Item(code="copying", title_ja="複写・複製の禁止"),
    Item(code="people", title_ja="従業者の明確化・監督・教育"),
    Item(code="inspection", title_ja="報告・実地の検査"),
    Item(code="incident", title_ja="漏えい等の事故の報告と委託先の責任"),
    Item(code="returning", title_ja="返還・消去・廃棄と証明書"),
    Item(code="termination", title_ja="契約違反のときの解除・損害賠償"),
)
AUDIT_ITEMS = (
    Item(code="area", title_ja="作業場所・入退室の管理"),
    Item(code="access", title_ja="アクセス権限と操作記録の管理"),
    Item(code="media", title_ja="媒体・紙の保管と受渡しの記録"),
    Item(code="subcontract", title_ja="再委託が許諾の範囲であること"),
    Item(code="education", title_ja="従業者の教育・誓約"),
    Item(code="erasure", title_ja="消去・廃棄の実施と証明書"),
)


def clauses() -> tuple[Item, ...]:
    """契約書の必須事項."""
    return CLAUSES


def audit_items() -> tuple[Item, ...]:
    """監査の項目."""
    return AUDIT_ITEMS


def _certified(values: Values) -> bool:
    return values.get("certificate") not in (None, "none")


def _certificate_due(values: Values, _opened_on: date) -> date | None:
    """認証の更新の確認: the last day of its validity, while the vendor is in use."""
    return day_of(values, "certified_until_on") if _certified(values) else None


def _certificate_date_given(values: Values) -> tuple[str, str] | None:
    if _certified(values) and not values.get("certified_until_on"):
        return "certified_until_on", "認証の有効期限を入力してください（登録証で確かめます）。"
    return None


def _forward(start: str, end: str, message_ja: str) -> Any:
    def check(values: Values) -> tuple[str, str] | None:
        first, last = day_of(values, start), day_of(values, end)
        return (end, message_ja) if first and last and last < first else None

    return check


_PERIOD = _forward("from_on", "to_on", "終了日は、開始日以後の日を入力してください。")

VENDOR = Kind(
    code="vendor",
    title_ja="委託先",
    prefix="委",
    family=CONTRACT,
    purpose_ja="委託先の認証（プライバシーマーク・ISMS）の確認と連絡先。認証の期限を前もって知らせます。",
    title_field="name",
    fields=(
        Field(name="name", title_ja="名称", required=True),
        Field(name="corporate_no", title_ja="法人番号", max_length=13, help_ja="13桁（公表されている番号）"),
        Field(name="contact", title_ja="連絡先（部署・電話）", is_personal=True),
        Field(name="certificate", title_ja="認証", type="choice", choices=CERTIFICATES, required=True),
        Field(name="certificate_no", title_ja="認証の番号"),
        Field(name="certified_until_on", title_ja="認証の有効期限", type="date"),
        Field(name="measures", title_ja="認証がないときの確認方法", type="long", help_ja="実地調査の日など"),
        Field(name="note", title_ja="備考", type="long"),
    ),
    checks=(_certificate_date_given,),
    close_checks=(has_value("note", "備考"),),
    deadlines=(
        Deadline(
            code="certificate",
            title_ja="認証の更新の確認",
            due=_certificate_due,
            done=lambda values: None,
            remind_days="certification_reminder_days",
            law="番号法11条",
        ),
    ),
    papers=(Paper(code="certificate", title_ja="登録証の写し"),),
    columns=("certificate", "certified_until_on"),
    filters=("certificate",),
    retention=KEPT,
    law="番号法10条・11条",
)


def _audit_wanted(values: Values, year: int) -> bool:
    """Yearly while the contract handles personal data and runs in the fiscal year (R-184)."""
    first, last = day_of(values, "from_on"), day_of(values, "to_on")
    runs = first is not None and first <= rules.fiscal_year_end(year)
    return runs and bool(values.get("is_personal")) and (last is None or last >= rules.in_fiscal_year(year, 4, 1))


def _certified_or_measured(facts: Facts) -> str:
    vendor = facts.linked.get("vendor", {})
    if vendor.get("certificate") == "none" and not vendor.get("measures"):
        return "委託先の認証がなく、確認方法も記録されていません。委託先の台帳に確認方法を入力してください。"
    until = day_of(vendor, "certified_until_on")
    if until is not None and until < facts.today:
        return "委託先の認証の有効期限が過ぎています。更新を確かめ、委託先の台帳を直してください。"
    return ""


CONTRACTS = Kind(
    code="contract",
    title_ja="委託契約",
    prefix="契",
    family=CONTRACT,
    purpose_ja="委託契約と契約書の必須事項。すべて「適」にならなければ発効できません。毎年度、監査の行を自動で開きます。",
    title_field="title",
    fields=(
        Field(name="title", title_ja="契約名", required=True),
        Field(name="vendor", title_ja="委託先", type="row", links_to="vendor", required=True),
        Field(name="duties", title_ja="委託する事務", type="long", required=True),
        Field(name="from_on", title_ja="契約の始め", type="date", required=True),
        Field(name="to_on", title_ja="契約の終り", type="date", required=True),
        Field(name="is_personal", title_ja="個人情報を扱う", type="flag", required=True),
        Field(name="has_numbers", title_ja="特定個人情報（個人番号）を扱う", type="flag", required=True),
        Field(name="amount_yen", title_ja="契約額", type="yen"),
        Field(name="clauses", title_ja="契約書の必須事項", type="checklist", items=clauses),
        Field(name="returned_on", title_ja="返還・消去を確かめた日", type="date", step="close"),
    ),
    checks=(_PERIOD,),
    states=((OPEN, "準備中"), ("active", "契約中"), (CLOSED, "終了")),
    steps=(
        Step(
            code="activate",
            title_ja="発効",
            to_state="active",
            checks=(
                all_answered("clauses", clauses, "契約書の必須事項", none_is_no=True),
                has_paper("contract", "契約書"),
                _certified_or_measured,
            ),
            second_person=True,
            help_ja="必須事項がすべて「適」（または該当なし）で、契約書の写しがあるときに発効できます。",
        ),
        Step(
            code="close",
            title_ja="終了",
            from_states=("active",),
            to_state=CLOSED,
            by="close",
            fields=("returned_on",),
            required=("returned_on",),
            checks=(
                has_paper("erasure", "返還・消去の証明書", when=lambda facts: bool(facts.values.get("is_personal"))),
            ),
        ),
    ),
    deadlines=(
        Deadline(
            code="end",
            title_ja="契約の終了・更新の手続",
            due=lambda values, opened_on: day_of(values, "to_on"),
            done=lambda values: day_of(values, "returned_on"),
            remind_days="contract_end_reminder_days",
            law="契約規則",
        ),
    ),
    follow_ups=(
        FollowUp(
            code="audit",
            creates="contract_audit",
            wanted=_audit_wanted,
            values=lambda row_id, values, year: {
                "title": f"{values.get('title', '')}（監査）",
                "contract": row_id,
                "audit_year": f"{wareki.format_year(year)}年度",
                "due_on": rules.fiscal_year_end(year).isoformat(),
            },
        ),
    ),
    papers=(
        Paper(code="contract", title_ja="契約書"),
        Paper(code="erasure", title_ja="返還・消去の証明書"),
    ),
    columns=("vendor", "from_on", "to_on", "has_numbers"),
    retention=KEPT,
    law="番号法10条・11条",
)

SUBCONTRACT = Kind(
    code="subcontract",
    title_ja="再委託の許諾",
    prefix="再",
    family=CONTRACT,
    purpose_ja="再委託の申請と市の許諾。許諾は別の職員の決裁によります。",
    title_field="scope",
    fields=(
        Field(name="contract", title_ja="元の契約", type="row", links_to="contract", required=True),
        Field(name="subcontractor", title_ja="再委託先", type="row", links_to="vendor", required=True),
        Field(name="scope", title_ja="再委託する範囲", required=True, help_ja="例：現地対応・問合せ"),
        Field(name="reason", title_ja="再委託する理由", type="long", required=True),
        Field(name="has_numbers", title_ja="特定個人情報を扱う", type="flag", required=True),
        Field(name="applied_on", title_ja="申請日", type="date", required=True),
        Field(name="from_on", title_ja="期間の始め", type="date", required=True),
        Field(name="to_on", title_ja="期間の終り", type="date", required=True),
        Field(name="conditions", title_ja="許諾の条件", type="long", step="license"),
        Field(name="licensed_on", title_ja="許諾日", type="date", step="license", computed=True),
        Field(name="ended_on", title_ja="終了日", type="date", step="close"),
    ),
    checks=(_PERIOD,),
    states=((OPEN, "申請"), ("licensed", "許諾済"), (CLOSED, "終了・不許諾")),
    steps=(
        Step(
            code="license",
            title_ja="許諾",
            to_state="licensed",
            fields=("conditions",),
            checks=(
                has_paper("application", "再委託の申請書"),
                linked_state("contract", ("active",), "元の契約が発効していないため、許諾できません。"),
            ),
            second_person=True,
            computes=lambda values, on: {"licensed_on": on.isoformat()},
        ),
        Step(
            code="close",
            title_ja="終了・不許諾",
            from_states=(OPEN, "licensed"),
            to_state=CLOSED,
            by="close",
            fields=("ended_on",),
            required=("ended_on",),
        ),
    ),
    deadlines=(
        Deadline(
            code="decide",
            title_ja="許諾するかどうかの判断",
            due=lambda values, opened_on: rules.business_days_after(
                opened_on, integer_at("subcontract_decide_open_days", opened_on)
            ),
            done=lambda values: day_of(values, "licensed_on") or day_of(values, "ended_on"),
            remind_days="subcontract_decide_reminder_days",
            law="番号法10条1項",
        ),
    ),
    papers=(Paper(code="application", title_ja="再委託の申請書"), Paper(code="license", title_ja="許諾書の写し")),
    columns=("contract", "subcontractor", "licensed_on"),
    retention=KEPT,
    law="番号法10条",
)


def _pledges_complete(facts: Facts) -> str:
    people, pledges = facts.values.get("people"), facts.values.get("pledges")
    return "" if people == pledges else "誓約書の数が従業者の数と合いません。足りない人の誓約書を受け取ってください。"


STAFF_ROLL = Kind(
    code="staff_roll",
    title_ja="委託先の従業者届出・誓約書",
    prefix="従",
    family=CONTRACT,
    purpose_ja="委託先が届け出た従業者の名簿と誓約書。人数と誓約書の数が合わなければ完了できません。1年ごとに取り直します。",
    title_field="title",
    fields=(
        Field(name="title", title_ja="件名", required=True),
        Field(name="contract", title_ja="契約", type="row", links_to="contract", required=True),
        Field(name="received_on", title_ja="届出の受領日", type="date", required=True),
        Field(name="people", title_ja="従業者の数", type="count", unit_ja="人", required=True),
        Field(name="pledges", title_ja="誓約書の数", type="count", unit_ja="枚", required=True),
        Field(
            name="renewed_on", title_ja="次の届出を受けた日", type="date", help_ja="新しい届出を受けたら入力します。"
        ),
    ),
    close_checks=(
        has_paper("roll", "従業者名簿"),
        has_paper("pledges", "誓約書"),
        _pledges_complete,
        has_value("renewed_on", "次の届出を受けた日"),
    ),
    deadlines=(
        Deadline(
            code="renew",
            title_ja="従業者の届出・誓約書の取り直し",
            due=lambda values, opened_on: _roll_due(values),
            done=lambda values: day_of(values, "renewed_on"),
            remind_days="staff_roll_renew_reminder_days",
            law="番号法11条",
        ),
    ),
    papers=(Paper(code="roll", title_ja="従業者名簿"), Paper(code="pledges", title_ja="誓約書")),
    columns=("contract", "received_on", "people", "pledges"),
    retention=KEPT,
    law="番号法11条",
)


def _roll_due(values: Values) -> date | None:
    received = day_of(values, "received_on")
    return rules.months_after(received, integer_at("roll_months", received)) if received else None


def _has_faults(facts: Facts) -> bool:
    return "no" in (facts.values.get("items") or {}).values()


CONTRACT_AUDIT = Kind(
    code="contract_audit",
    title_ja="委託先の監査",
    prefix="監",
    family=CONTRACT,
    purpose_ja="主管課長による年1回の監査。契約ごと・年度ごとに自動で開き、年度末が期限です。",
    title_field="title",
    fields=(
        Field(name="title", title_ja="件名", required=True),
        Field(name="contract", title_ja="契約", type="row", links_to="contract", required=True),
        Field(name="audit_year", title_ja="対象年度", required=True, max_length=10),
        Field(name="due_on", title_ja="実施の期限", type="date", required=True),
        Field(name="held_on", title_ja="実施日", type="date"),
        Field(name="method", title_ja="方法", type="choice",
              choices=(("visit", "実地"), ("papers", "書面"), ("remote", "遠隔"))),
        Field(name="items", title_ja="監査の項目", type="checklist", items=audit_items),
        Field(name="findings", title_ja="指摘と改善の求め", type="long"),
        Field(name="improved_on", title_ja="改善を確かめた日", type="date"),
    ),
    close_checks=(
        has_value("held_on", "実施日"),
        has_value("method", "方法"),
        all_answered("items", audit_items, "監査の項目"),
        has_value("findings", "指摘と改善の求め", when=_has_faults),
        has_value("improved_on", "改善を確かめた日", when=lambda facts: bool(facts.values.get("findings"))),
        has_paper("report", "監査の報告書"),
    ),
    deadlines=(
        Deadline(
            code="audit",
            title_ja="委託先の監査の実施",
            due=lambda values, opened_on: day_of(values, "due_on"),
            done=lambda values: day_of(values, "held_on"),
            remind_days="contract_audit_audit_reminder_days",
            law="番号法11条",
        ),
    ),
    papers=(Paper(code="report", title_ja="監査の報告書"),),
    columns=("contract", "audit_year", "due_on", "held_on"),
    filters=("method",),
    retention=KEPT,
    law="番号法11条",
)  # fmt: skip


KINDS = (VENDOR, CONTRACTS, SUBCONTRACT, STAFF_ROLL, CONTRACT_AUDIT)
