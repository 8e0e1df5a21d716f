"""個人情報の台帳 (R-275, R-276, R-282 to R-284): incidents with their timers, requests of people, the inquiry desk."""

from datetime import date
from typing import Any

from taxsys.platform import clock
from taxsys.platform.registers import rules
from taxsys.platform.registers.closing import day_of, has_paper, has_value
from taxsys.platform.registers.declaration import (
    CLOSED,
    OPEN,
    Check,
    Deadline,
    Facts,
    Field,
    Kind,
    Paper,
    Retention,
    Step,
    Values,
)
from taxsys.platform.registers.params import integer_at
from taxsys.platform.registers.permissions import PRIVACY

INCIDENTS_KEPT = Retention(code="incident-10y", years="keep_incident_years")
REQUESTS_KEPT = Retention(code="request-5y", years="keep_request_years")
CLASSES = (
    ("none", "どれにも当たらない"),
    ("system", "① 番号利用事務のシステム等からの漏えい等"),
    ("malicious", "② 不正の目的によるおそれ（職員の閲覧・不正アクセス・盗難を含む）"),
    ("public", "③ 不特定多数が電磁的に見られる状態"),
)
CATEGORIES = (
    ("leak", "漏えい"),
    ("loss", "滅失・紛失"),
    ("damage", "毀損"),
    ("misuse", "目的外の利用・閲覧"),
    ("mail", "誤送付・誤封入"),
    ("failure", "システムの障害"),
)
RESPONSIBLE = (
    ("city", "市（主管課）"),
    ("system", "市（情報システム部門）"),
    ("vendor", "委託先"),
    ("nation", "国・共同機構・ネットワーク"),
    ("unknown", "調査中"),
)
SERIOUSNESS = (("major", "重大（報告対象）"), ("minor", "報告対象でない"))
_REPORT_LAW = "番号法29条の4第1項・規則3条"
_NINE = (
    ("summary", "概要"),
    ("data_items", "漏えい等した項目"),
    ("persons", "本人の数"),
    ("cause", "原因"),
    ("secondary", "二次被害の有無・内容"),
    ("person_response", "本人への対応"),
    ("publication", "公表の状況"),
    ("prevention", "再発防止の措置"),
    ("other_notes", "その他参考となる事項"),
)


def is_reportable(values: Values) -> bool:
    """報告対象か (規則2条; N-081 to N-083): classes ① to ③, or more people than the rule's number.

    Not where the data are highly encrypted, nor where everything came back unopened.
    """
    if values.get("is_protected_data") or values.get("is_recovered"):
        return False
    known_on = day_of(values, "known_on") or clock.today()
    many = int(values.get("persons") or 0) > integer_at("incident_persons", known_on)
    return values.get("report_class") not in (None, "none") or many


def incident_computed(values: Values) -> dict[str, Any]:
    """Seriousness, and the day from which the timers count: of knowing, or of becoming reportable later."""
    if not is_reportable(values):
        return {"seriousness": "minor", "was_minor": True, "reportable_on": None}
    counted_from = values.get("reportable_on")
    if not counted_from:
        counted_from = clock.today().isoformat() if values.get("was_minor") else values.get("known_on")
    return {"seriousness": "major", "reportable_on": counted_from}


def _preliminary_due(values: Values, _opened_on: date) -> date | None:
    """速報: the days of the parameter, the day of knowing being day 1."""
    base = day_of(values, "reportable_on")
    return rules.day_count_limit(base, integer_at("incident_preliminary_days", base)) if base else None


def _final_due(values: Values, _opened_on: date) -> date | None:
    """確報: 30 days, 60 where a malicious purpose is feared."""
    base = day_of(values, "reportable_on")
    if base is None:
        return None
    name = "incident_final_malicious_days" if values.get("report_class") == "malicious" else "incident_final_days"
    return rules.day_count_limit(base, integer_at(name, base))


def _is_major(facts: Facts) -> bool:
    return facts.values.get("seriousness") == "major"


def _nine_items(facts: Facts) -> str:
    missing = [title for name, title in _NINE if facts.values.get(name) in (None, "")]
    return f"報告する9項目のうち、入力のないものがあります（{'、'.join(missing)}）。" if missing else ""


def _only_major(facts: Facts) -> str:
    return "" if _is_major(facts) else "報告対象でない事故に、委員会への報告は要りません。"


def _reported(facts: Facts) -> str:
    done = facts.did("report_final")
    return "" if done or not _is_major(facts) else "報告対象の事故は、確報を済ませるまで完了できません。"


INCIDENT = Kind(
    code="incident",
    title_ja="事故（漏えい等・障害）",
    prefix="事",
    family=PRIVACY,
    purpose_ja="特定個人情報の漏えい等と障害の記録。報告対象かを判定し、速報・確報の期限を計算します。氏名・番号は書きません。",
    title_field="title",
    fields=(
        Field(name="title", title_ja="件名", required=True),
        Field(name="category", title_ja="種類", type="choice", choices=CATEGORIES, required=True),
        Field(name="known_on", title_ja="知った日（最初に知った所属の日）", type="date", required=True),
        Field(name="occurred_on", title_ja="発生日", type="date"),
        Field(name="report_class", title_ja="報告対象の区分", type="choice", choices=CLASSES, required=True),
        Field(name="persons", title_ja="本人の数（最大の見込み）", type="count", unit_ja="人", required=True),
        Field(name="is_protected_data", title_ja="高度な暗号化がされている", type="flag", required=True),
        Field(name="is_recovered", title_ja="開封されずにすべて回収した", type="flag", required=True),
        Field(name="responsible", title_ja="対応の責任者", type="choice", choices=RESPONSIBLE, required=True),
        Field(name="vendor", title_ja="責任のある委託先", type="row", links_to="vendor"),
        Field(name="summary", title_ja="概要", type="long", required=True),
        Field(name="data_items", title_ja="漏えい等した項目", type="long"),
        Field(name="cause", title_ja="原因", type="long"),
        Field(name="secondary", title_ja="二次被害の有無・内容", type="long"),
        Field(name="person_response", title_ja="本人への対応", type="long"),
        Field(name="notified_on", title_ja="本人に通知した日", type="date"),
        Field(name="publication", title_ja="公表の状況", type="long"),
        Field(name="prevention", title_ja="再発防止の措置", type="long"),
        Field(name="other_notes", title_ja="その他参考となる事項", type="long"),
        Field(name="preliminary_on", title_ja="速報の日", type="date", step="report_preliminary"),
        Field(name="final_on", title_ja="確報の日", type="date", step="report_final"),
        Field(name="seriousness", title_ja="重大さ", type="choice", choices=SERIOUSNESS, computed=True),
        Field(name="reportable_on", title_ja="期限を数え始める日", type="date", computed=True),
    ),
    checks=(
        lambda values: ("vendor", "責任のある委託先を選んでください。")
        if values.get("responsible") == "vendor" and not values.get("vendor") else None,
    ),
    computes=incident_computed,
    states=((OPEN, "対応中"), ("preliminary", "速報済"), ("final", "確報済"), (CLOSED, "完了")),
    steps=(
        Step(code="report_preliminary", title_ja="速報", to_state="preliminary", fields=("preliminary_on",),
             required=("preliminary_on",), checks=(_only_major,), second_person=True),
        Step(code="report_final", title_ja="確報", from_states=("preliminary",), to_state="final",
             fields=("final_on",), required=("final_on",), checks=(_only_major, _nine_items), second_person=True),
        Step(code="close", title_ja="完了", from_states=(OPEN, "preliminary", "final"), to_state=CLOSED, by="close",
             checks=(
                 _reported,
                 has_value("cause", "原因"),
                 has_value("prevention", "再発防止の措置"),
                 has_value("notified_on", "本人に通知した日", when=_is_major),
                 lambda facts: "対応の責任者が「調査中」のままです。"
                 if facts.values.get("responsible") == "unknown" else "",
             )),
    ),
    deadlines=(
        Deadline(code="preliminary", title_ja="個人情報保護委員会への速報", due=_preliminary_due,
                 done=lambda values: day_of(values, "preliminary_on"),
                 remind_days="incident_preliminary_reminder_days", law=_REPORT_LAW),
        Deadline(code="final", title_ja="個人情報保護委員会への確報", due=_final_due,
                 done=lambda values: day_of(values, "final_on"),
                 remind_days="incident_final_reminder_days", law=_REPORT_LAW),
    ),
    papers=(
        Paper(code="preliminary", title_ja="速報の写し"),
        Paper(code="final", title_ja="確報の写し"),
        Paper(code="notice", title_ja="本人への通知の写し"),
    ),
    columns=("category", "seriousness", "known_on", "persons", "responsible"),
    filters=("category", "seriousness", "responsible"),
    retention=INCIDENTS_KEPT,
    law="番号法29条の4",
    statistics=("seriousness", "category", "responsible"),
)  # fmt: skip

REQUESTS = (("disclose", "開示"), ("correct", "訂正"), ("suspend", "利用停止"))
APPLICANTS = (("self", "本人"), ("statutory", "法定代理人"), ("agent", "任意代理人"))
DECISIONS = (("full", "全部認める"), ("part", "一部認める"), ("refused", "認めない"), ("withdrawn", "取下げ"))
DELIVERY = (("view", "閲覧"), ("copy", "写しの交付（窓口）"), ("mail", "写しの送付"))


def request_due_on(values: Values) -> date | None:
    """決定の期限: 30 days after the request; days of correcting the form do not count; 30 more when extended."""
    received = day_of(values, "received_on")
    if received is None:
        return None
    days = integer_at("request_decision_days", received) + int(values.get("correction_days") or 0)
    if values.get("extended_on"):
        days += integer_at("request_extension_days", received)
    return rules.days_after(received, days)


def _extended_in_time(facts: Facts) -> str:
    extended = day_of(facts.values, "extended_on")
    due = request_due_on({**facts.values, "extended_on": None})
    late = extended is not None and due is not None and extended > due
    return "延長の通知は、もとの期限までにしなければなりません。" if late else ""


def _fee(values: Values) -> dict[str, Any]:
    """写しの手数料: sheets by the price of the day (yen); the request itself is free."""
    received, sheets = day_of(values, "received_on"), values.get("sheets")
    if received is None or sheets is None or values.get("delivery") == "view":
        return {"fee_yen": None}
    return {"fee_yen": rules.copy_fee_yen(int(sheets), integer_at("copy_fee_yen", received))}


def _granted(facts: Facts) -> bool:
    return facts.values.get("decision") in ("full", "part")


def _disclosed(facts: Facts) -> bool:
    return _granted(facts) and facts.values.get("request_kind") == "disclose"


def _agent_named(values: Values) -> tuple[str, str] | None:
    needs = values.get("applicant") not in (None, "self") and not values.get("agent_name")
    return ("agent_name", "代理人の氏名を入力してください。") if needs else None


def _needed(name: str, title_ja: str) -> Check:
    return has_value(name, title_ja, when=_disclosed)


RIGHTS_REQUEST = Kind(
    code="rights_request",
    title_ja="開示・訂正・利用停止の請求",
    prefix="請",
    family=PRIVACY,
    purpose_ja="本人からの請求。決定の期限を計算し、本人の記録（提供記録・閲覧した者の一覧を含む）をまとめて作れます。",
    title_field="subject_matter",
    fields=(
        Field(name="request_kind", title_ja="請求の種類", type="choice", choices=REQUESTS, required=True),
        Field(name="party", title_ja="本人", type="link", links_to="party", required=True),
        Field(name="applicant", title_ja="請求した人", type="choice", choices=APPLICANTS, required=True),
        Field(name="agent_name", title_ja="代理人の氏名", is_personal=True, max_length=100),
        Field(name="identity", title_ja="本人確認の書類", required=True, help_ja="例：運転免許証（番号は書きません）"),
        Field(name="received_on", title_ja="請求書を受けた日", type="date", required=True),
        Field(name="subject_matter", title_ja="請求する記録・訂正の内容", required=True),
        Field(name="correction_days", title_ja="請求書の補正にかかった日数", type="count", unit_ja="日"),
        Field(name="extended_on", title_ja="期限の延長を通知した日", type="date", step="extend"),
        Field(name="extension_reason", title_ja="延長の理由", type="long", step="extend"),
        Field(name="decision", title_ja="決定", type="choice", choices=DECISIONS, step="decide"),
        Field(name="decided_on", title_ja="決定の日", type="date", step="decide"),
        Field(name="ground", title_ja="認めない部分と理由（法の条項）", type="long", step="decide"),
        Field(name="notified_on", title_ja="決定を通知した日", type="date", step="close"),
        Field(name="delivery", title_ja="実施の方法", type="choice", choices=DELIVERY, step="close"),
        Field(name="sheets", title_ja="写しの枚数（白黒・A3まで）", type="count", unit_ja="枚", step="close"),
        Field(name="delivered_on", title_ja="実施した日", type="date", step="close"),
        Field(name="fee_yen", title_ja="写しの手数料", type="yen", computed=True),
    ),
    checks=(_agent_named,),
    computes=_fee,
    states=((OPEN, "審査中"), ("decided", "決定済"), (CLOSED, "完了")),
    steps=(
        Step(code="decide", title_ja="決定", to_state="decided", fields=("decision", "decided_on", "ground"),
             required=("decision", "decided_on"), second_person=True,
             checks=(
                 has_paper("form", "請求書"),
                 has_value("ground", "認めない部分と理由", when=lambda facts: _is_cut(facts)),
             )),
        Step(code="extend", title_ja="期限の延長", to_state=OPEN, fields=("extended_on", "extension_reason"),
             required=("extended_on", "extension_reason"), checks=(_extended_in_time,), second_person=True),
        Step(code="close", title_ja="通知・実施（完了）", from_states=("decided",), to_state=CLOSED, by="close",
             fields=("notified_on", "delivery", "sheets", "delivered_on"), required=("notified_on",),
             checks=(
                 has_paper("notice", "決定通知書の写し"),
                 _needed("delivery", "実施の方法"),
                 _needed("delivered_on", "実施した日"),
                 has_value("sheets", "写しの枚数", when=lambda facts: _disclosed(facts)
                           and facts.values.get("delivery") in ("copy", "mail")),
             ),
             help_ja="請求は無料です。写しの手数料は枚数から計算します。"),
    ),
    deadlines=(
        Deadline(code="decide", title_ja="請求に対する決定", due=lambda values, opened_on: request_due_on(values),
                 done=lambda values: day_of(values, "decided_on"),
                 remind_days="rights_request_decide_reminder_days",
                 law="個人情報の保護に関する法律83条・94条・102条"),
    ),
    papers=(
        Paper(code="form", title_ja="請求書"),
        Paper(code="authority", title_ja="代理権の確認の書類"),
        Paper(code="notice", title_ja="決定通知書の写し"),
    ),
    columns=("request_kind", "applicant", "received_on", "decision"),
    filters=("request_kind", "decision"),
    retention=REQUESTS_KEPT,
    law="個人情報の保護に関する法律76条・90条・98条",
    statistics=("request_kind", "decision"),
)  # fmt: skip


def _is_cut(facts: Facts) -> bool:
    return facts.values.get("decision") in ("part", "refused")


ROUTES = (("counter", "窓口"), ("phone", "電話"), ("letter", "手紙・ファクス"), ("mail", "メール・ホームページ"))
TOPICS = (
    ("handling", "個人情報・個人番号の取扱い"),
    ("request", "開示・訂正・利用停止"),
    ("leak", "漏えいの心配・苦情"),
    ("tax", "課税・納税の内容"),
    ("other", "その他"),
)

INQUIRY = Kind(
    code="inquiry",
    title_ja="問合せ受付簿",
    prefix="受",
    family=PRIVACY,
    purpose_ja="個人情報の取扱いなどの問合せ・苦情の受付と回答。5開庁日以内の回答を目安に知らせます。",
    title_field="title",
    fields=(
        Field(name="title", title_ja="件名", required=True),
        Field(name="received_on", title_ja="受付日", type="date", required=True),
        Field(name="route", title_ja="方法", type="choice", choices=ROUTES, required=True),
        Field(name="topic", title_ja="分類", type="choice", choices=TOPICS, required=True),
        Field(name="asker", title_ja="問い合わせた人・連絡先", is_personal=True, help_ja="名乗った場合だけ"),
        Field(name="content", title_ja="内容", type="long", required=True),
        Field(name="request_row", title_ja="開示などの請求になったとき", type="row", links_to="rights_request"),
        Field(name="answer", title_ja="回答", type="long", step="close"),
        Field(name="answered_on", title_ja="回答日", type="date", step="close"),
    ),
    steps=(
        Step(code="close", title_ja="回答（完了）", to_state=CLOSED, fields=("answer", "answered_on"),
             required=("answer", "answered_on")),
    ),
    deadlines=(
        Deadline(code="answer", title_ja="問合せへの回答",
                 due=lambda values, opened_on: _answer_due(values),
                 done=lambda values: day_of(values, "answered_on"), remind_days="inquiry_answer_reminder_days"),
    ),
    columns=("topic", "route", "received_on", "answered_on"),
    filters=("topic", "route"),
    retention=REQUESTS_KEPT,
    law="番号法・個人情報の保護に関する法律128条",
    statistics=("topic", "route"),
)  # fmt: skip


def _answer_due(values: Values) -> date | None:
    received = day_of(values, "received_on")
    return rules.business_days_after(received, integer_at("inquiry_answer_days", received)) if received else None


KINDS = (INCIDENT, RIGHTS_REQUEST, INQUIRY)
