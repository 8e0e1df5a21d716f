"""運用の台帳 (R-164, R-185, R-186, R-193, R-212, R-274, R-285): tickets, media, changes, migrations, exports."""

from datetime import date

from taxsys.platform.registers import rules
from taxsys.platform.registers.closing import day_of, has_paper, has_value
from taxsys.platform.registers.declaration import (
    CLOSED,
    OPEN,
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
from taxsys.platform.registers.permissions import OPERATION

KEPT = Retention(code="operation-7y", years="keep_operation_years")
OPERATIONS = (
    ("data_fix", "データの直接の修正"),
    ("data_read", "データの直接の参照・抽出"),
    ("maintenance", "保守員の作業（機器・ソフトウェア）"),
    ("restore", "バックアップからの復元"),
    ("configuration", "設定の変更"),
)
ROUTES = (("network", "庁内連携システム"), ("media", "電子記録媒体"), ("flash", "フラッシュメモリ"), ("paper", "紙"))
MEDIA = (
    ("dvd", "DVD・CD"),
    ("usb", "USBメモリ"),
    ("disk", "ハードディスク・SSD"),
    ("tape", "磁気テープ"),
    ("paper", "紙"),
)


def _forward(start: str, end: str) -> object:
    def check(values: Values) -> tuple[str, str] | None:
        first, last = day_of(values, start), day_of(values, end)
        return (end, "終了日は、開始日以後の日を入力してください。") if first and last and last < first else None

    return check


def _within_period(facts: Facts) -> str:
    """The work is done inside the approved days."""
    first, last = day_of(facts.values, "from_on"), day_of(facts.values, "to_on")
    done = day_of(facts.values, "worked_on")
    inside = done is None or ((first is None or first <= done) and (last is None or done <= last))
    return "" if inside else "作業日が、承認された期間の外です。"


WORK_TICKET = Kind(
    code="work_ticket",
    title_ja="作業指示書",
    prefix="作",
    family=OPERATION,
    purpose_ja="データを直接扱う作業・保守作業の指示書。承認→事前確認→実施→事後確認の順で、確認は実施者と別の人が行います。",
    title_field="title",
    fields=(
        Field(name="title", title_ja="件名", required=True),
        Field(name="operation", title_ja="作業の種類", type="choice", choices=OPERATIONS, required=True),
        Field(name="reason", title_ja="作業の理由", type="long", required=True),
        Field(name="procedure", title_ja="手順・対象・戻し方", type="long", required=True),
        Field(name="worker_no", title_ja="作業者（職員番号）", type="staff", required=True),
        Field(name="from_on", title_ja="作業の期間の始め", type="date", required=True),
        Field(name="to_on", title_ja="作業の期間の終り", type="date", required=True),
        Field(name="rows_planned", title_ja="対象の予定件数", type="count", unit_ja="件"),
        Field(name="checked_before", title_ja="事前確認の内容", type="long", step="check_before",
              help_ja="手順書、対象の件数、控えの取得、立会い"),
        Field(name="worked_on", title_ja="作業日", type="date", step="work"),
        Field(name="rows_done", title_ja="実施した件数", type="count", unit_ja="件", step="work"),
        Field(name="result", title_ja="作業の結果", type="long", step="work"),
        Field(name="checked_after", title_ja="事後確認の内容", type="long", step="check_after",
              help_ja="結果の件数・金額、操作記録との突合、控えの扱い"),
        Field(name="difference_reason", title_ja="件数が違う理由", type="long", step="check_after"),
    ),
    checks=(_forward("from_on", "to_on"),),  # type: ignore[arg-type]  # a check of the whole form
    states=(
        (OPEN, "起案"),
        ("approved", "承認済"),
        ("ready", "事前確認済"),
        ("worked", "実施済"),
        (CLOSED, "事後確認済"),
    ),
    steps=(
        Step(code="approve", title_ja="承認", to_state="approved", second_person=True,
             not_by=("worker_no",), help_ja="承認されるまで、作業はできません。"),
        Step(code="check_before", title_ja="事前確認", from_states=("approved",), to_state="ready",
             fields=("checked_before",), required=("checked_before",), not_by=("worker_no",)),
        Step(code="work", title_ja="実施の記録", from_states=("ready",), to_state="worked",
             fields=("worked_on", "rows_done", "result"), required=("worked_on", "result"),
             checks=(_within_period,), apart_from=("check_before",)),
        Step(code="check_after", title_ja="事後確認", from_states=("worked",), to_state=CLOSED,
             fields=("checked_after", "difference_reason"), required=("checked_after",), by="close",
             apart_from=("work",), not_by=("worker_no",),
             checks=(has_value("difference_reason", "件数が違う理由", when=lambda facts: _differs(facts)),)),
    ),
    deadlines=(
        Deadline(code="after", title_ja="作業指示書の事後確認",
                 due=lambda values, opened_on: _after_work(values), done=lambda values: None,
                 remind_days="work_ticket_after_reminder_days"),
    ),
    papers=(Paper(code="procedure", title_ja="手順書"), Paper(code="evidence", title_ja="作業の証跡")),
    columns=("operation", "worker_no", "from_on", "to_on"),
    filters=("operation",),
    retention=KEPT,
    law="番号法12条",
    statistics=("operation",),
)  # fmt: skip


def _differs(facts: Facts) -> bool:
    planned, done = facts.values.get("rows_planned"), facts.values.get("rows_done")
    return planned is not None and planned != done


def _after_work(values: Values) -> date | None:
    """So many open days after the approved period ends."""
    last = day_of(values, "to_on")
    return rules.business_days_after(last, integer_at("work_ticket_after_open_days", last)) if last else None


def _bare_refused(facts: Facts) -> str:
    """A medium with numbers does not go out of the house unencrypted."""
    values = facts.values
    leaves = values.get("outcome") == "handed" and values.get("media") != "paper"
    is_bare = leaves and bool(values.get("has_numbers")) and not values.get("is_encrypted")
    return (
        "特定個人情報を含む暗号化していない電子媒体は引き渡せません。暗号化したものに替えてください。"
        if is_bare
        else ""
    )


def _is_destroyed(facts: Facts) -> bool:
    return facts.values.get("outcome") == "destroyed"


def _is_given(facts: Facts) -> bool:
    """Returned or handed over: somebody takes it."""
    return not _is_destroyed(facts)


MEDIUM = Kind(
    code="medium",
    title_ja="媒体の受渡し",
    prefix="媒",
    family=OPERATION,
    purpose_ja="電子媒体・紙の受領、保管、引渡し・返却。暗号化していない電子媒体は引き渡せません。受け取る人の署名を残します。",
    title_field="medium_no",
    fields=(
        Field(name="medium_no", title_ja="媒体番号", required=True, max_length=40),
        Field(name="media", title_ja="媒体の種類", type="choice", choices=MEDIA, required=True),
        Field(name="direction", title_ja="区分", type="choice", required=True,
              choices=(("received", "受領したもの"), ("copied", "市で書き出したもの"))),
        Field(name="route", title_ja="提供・移転の方法", type="choice", choices=ROUTES, required=True),
        Field(name="content", title_ja="内容（件名と件数）", required=True, help_ja="氏名・番号は書きません。"),
        Field(name="record_count", title_ja="件数", type="count", unit_ja="件", required=True),
        Field(name="has_numbers", title_ja="特定個人情報を含む", type="flag", required=True),
        Field(name="is_encrypted", title_ja="暗号化している", type="flag", required=True),
        Field(name="no_encryption_reason", title_ja="暗号化していない理由", type="long"),
        Field(name="received_on", title_ja="受領・書出しの日", type="date", required=True),
        Field(name="counterpart", title_ja="相手方（機関名）", required=True),
        Field(name="copy_reason", title_ja="書き出す理由", type="long", help_ja="市で書き出したもののとき"),
        Field(name="return_due_on", title_ja="返却・引渡しの期限", type="date"),
        Field(name="place", title_ja="保管場所（施錠）", step="store"),
        Field(name="stored_on", title_ja="保管した日", type="date", step="store"),
        Field(name="handed_on", title_ja="返却・引渡し・廃棄の日", type="date", step="hand_over"),
        Field(name="outcome", title_ja="結果", type="choice", step="hand_over",
              choices=(("returned", "返却"), ("handed", "引渡し（移転・提供）"), ("destroyed", "消去・廃棄"))),
        Field(name="receiver", title_ja="受け取った人（署名）", step="hand_over", is_personal=True,
              help_ja="受領書の署名のとおり"),
    ),
    checks=(
        lambda values: ("copy_reason", "書き出す理由を入力してください。")
        if values.get("direction") == "copied" and not values.get("copy_reason") else None,
        lambda values: ("no_encryption_reason", "暗号化していない理由を入力してください。")
        if values.get("media") != "paper" and not values.get("is_encrypted")
        and not values.get("no_encryption_reason") else None,
    ),
    states=((OPEN, "受領"), ("allowed", "書出し承認済"), ("stored", "保管中"), (CLOSED, "返却・引渡し・廃棄済")),
    steps=(
        Step(code="allow", title_ja="書出しの承認", to_state="allowed", second_person=True,
             checks=(lambda facts: "" if facts.values.get("direction") == "copied" else
                     "書出しの承認は、市で書き出すものだけに要ります。",)),
        Step(code="store", title_ja="保管", from_states=(OPEN, "allowed"), to_state="stored",
             fields=("place", "stored_on"), required=("place", "stored_on"),
             checks=(lambda facts: "先に「書出しの承認」を受けてください。"
                     if facts.values.get("direction") == "copied" and not facts.did("allow") else "",)),
        Step(code="hand_over", title_ja="返却・引渡し・廃棄", from_states=("stored",), to_state=CLOSED,
             fields=("handed_on", "outcome", "receiver"), required=("handed_on", "outcome"),
             checks=(
                 has_value("receiver", "受け取った人（署名）", when=_is_given),
                 has_paper("receipt", "受領書（署名のあるもの）", when=_is_given),
                 has_paper("destruction", "消去・廃棄の記録", when=_is_destroyed),
                 _bare_refused,
             )),
    ),
    deadlines=(
        Deadline(code="return", title_ja="媒体の返却・引渡し",
                 due=lambda values, opened_on: day_of(values, "return_due_on"),
                 done=lambda values: day_of(values, "handed_on"),
                 remind_days="medium_return_reminder_days", law="番号法12条"),
    ),
    papers=(
        Paper(code="receipt", title_ja="受領書（署名のあるもの）"),
        Paper(code="destruction", title_ja="消去・廃棄の記録"),
    ),
    columns=("media", "counterpart", "record_count", "is_encrypted", "place"),
    filters=("media", "direction", "route"),
    retention=KEPT,
    law="番号法12条",
    statistics=("media", "route"),
)  # fmt: skip


CHANGE_REQUEST = Kind(
    code="change_request",
    title_ja="変更要求",
    prefix="変",
    family=OPERATION,
    purpose_ja="システムの変更。「特定個人情報保護評価の重要な変更か」に答え、重要な変更なら評価を済ませるまで適用できません。",
    title_field="title",
    fields=(
        Field(name="title", title_ja="件名", required=True),
        Field(name="content", title_ja="変更の内容", type="long", required=True),
        Field(name="reason", title_ja="変更の理由", type="long", required=True),
        Field(name="planned_on", title_ja="適用の予定日", type="date", required=True),
        Field(name="is_major", title_ja="特定個人情報保護評価の重要な変更か", type="flag", step="answer",
              help_ja="個人番号の利用・連携・委託・保管の範囲や安全管理措置が変わるかどうか"),
        Field(name="answer_reason", title_ja="判定の理由", type="long", step="answer"),
        Field(name="published_on", title_ja="評価書の公表日", type="date", step="assess"),
        Field(name="released_on", title_ja="適用した日", type="date", step="release"),
        Field(name="release_note", title_ja="適用の結果", type="long", step="release"),
    ),
    states=((OPEN, "受付"), ("answered", "判定済"), ("assessed", "評価済"), (CLOSED, "適用済")),
    steps=(
        Step(code="answer", title_ja="重要な変更の判定", to_state="answered", fields=("is_major", "answer_reason"),
             required=("is_major", "answer_reason"), second_person=True),
        Step(code="assess", title_ja="評価書の公表の記録", from_states=("answered",), to_state="assessed",
             fields=("published_on",), required=("published_on",),
             checks=(has_paper("assessment", "公表した評価書"),)),
        Step(code="release", title_ja="適用", from_states=("answered", "assessed"), to_state=CLOSED, by="close",
             fields=("released_on", "release_note"), required=("released_on", "release_note"),
             checks=(lambda facts: pia_problem(facts.values, facts.today),)),
    ),
    deadlines=(
        Deadline(code="release", title_ja="変更の適用", due=lambda values, opened_on: day_of(values, "planned_on"),
                 done=lambda values: day_of(values, "released_on"),
                 remind_days="change_request_release_reminder_days"),
    ),
    papers=(Paper(code="assessment", title_ja="公表した評価書"), Paper(code="test", title_ja="試験の結果")),
    columns=("planned_on", "is_major", "released_on"),
    retention=KEPT,
    law="番号法28条1項",
)  # fmt: skip


def pia_problem(values: Values, on: date) -> str:
    """Why a change may not be applied yet, from the answer and the publication of the assessment; "" when it may."""
    if values.get("is_major") is None:
        return "「特定個人情報保護評価の重要な変更か」の判定が済んでいないため、適用できません。"
    published = day_of(values, "published_on")
    if values["is_major"] and (published is None or published > on):
        return "重要な変更のため、特定個人情報保護評価書を公表するまで適用できません（番号法28条1項）。"
    return ""


MIGRATION = Kind(
    code="migration",
    title_ja="移行の作業記録",
    prefix="移",
    family=OPERATION,
    purpose_ja="旧システムからの抽出・投入の件数と金額の突合、旧環境の破棄。1件・1円でも違えば完了できません。",
    title_field="title",
    fields=(
        Field(name="title", title_ja="件名（業務と範囲）", required=True),
        Field(name="planned_on", title_ja="移行の予定日", type="date", required=True),
        Field(name="extracted_on", title_ja="抽出日", type="date", step="extract"),
        Field(name="extracted_count", title_ja="抽出した件数", type="count", unit_ja="件", step="extract"),
        Field(name="extracted_yen", title_ja="抽出した金額", type="yen", step="extract"),
        Field(name="loaded_on", title_ja="投入日", type="date", step="load"),
        Field(name="loaded_count", title_ja="投入した件数", type="count", unit_ja="件", step="load"),
        Field(name="loaded_yen", title_ja="投入した金額", type="yen", step="load"),
        Field(name="set_aside_count", title_ja="除いた件数（理由を別紙に）", type="count", unit_ja="件", step="load"),
        Field(name="set_aside_yen", title_ja="除いた金額", type="yen", step="load"),
        Field(name="destroyed_on", title_ja="旧環境・媒体を破棄した日", type="date", step="close"),
        Field(name="destroyed_how", title_ja="破棄の方法", type="long", step="close"),
    ),
    states=((OPEN, "計画"), ("extracted", "抽出済"), ("loaded", "投入・突合済"), (CLOSED, "完了")),
    steps=(
        Step(code="extract", title_ja="抽出の記録", to_state="extracted",
             fields=("extracted_on", "extracted_count", "extracted_yen"),
             required=("extracted_on", "extracted_count", "extracted_yen")),
        Step(code="load", title_ja="投入と突合", from_states=("extracted",), to_state="loaded",
             fields=("loaded_on", "loaded_count", "loaded_yen", "set_aside_count", "set_aside_yen"),
             required=("loaded_on", "loaded_count", "loaded_yen", "set_aside_count", "set_aside_yen"),
             checks=(
                 lambda facts: reconciliation_problem(facts.values),
                 has_paper("set_aside", "除いたものの一覧と理由",
                           when=lambda facts: bool(facts.values.get("set_aside_count"))),
             ), second_person=True),
        Step(code="close", title_ja="完了", from_states=("loaded",), to_state=CLOSED, by="close",
             fields=("destroyed_on", "destroyed_how"), required=("destroyed_on", "destroyed_how"),
             checks=(has_paper("reconciliation", "突合表"), has_paper("destruction", "破棄の証明書"))),
    ),
    deadlines=(
        Deadline(code="destroy", title_ja="旧環境・媒体の破棄の確認",
                 due=lambda values, opened_on: _months_after_load(values),
                 done=lambda values: day_of(values, "destroyed_on"),
                 remind_days="migration_destroy_reminder_days", law="番号法12条"),
    ),
    papers=(
        Paper(code="reconciliation", title_ja="突合表"),
        Paper(code="set_aside", title_ja="除いたものの一覧と理由"),
        Paper(code="destruction", title_ja="破棄の証明書"),
    ),
    columns=("planned_on", "extracted_count", "loaded_count", "destroyed_on"),
    retention=KEPT,
    law="番号法12条",
)  # fmt: skip


def reconciliation_problem(values: Values) -> str:
    """抽出 = 投入 + 除いたもの, in rows and in yen; the difference in words, "" where there is none."""
    left = []
    for unit, title in (("count", "件"), ("yen", "円")):
        extracted, loaded, aside = (values.get(f"{part}_{unit}") or 0 for part in ("extracted", "loaded", "set_aside"))
        if extracted != loaded + aside:
            left.append(f"{extracted - loaded - aside:,}{title}")
    return f"抽出と、投入・除いたものの合計が合いません（差 {'、'.join(left)}）。" if left else ""


def _months_after_load(values: Values) -> date | None:
    loaded = day_of(values, "loaded_on")
    return rules.months_after(loaded, integer_at("migration_destroy_months", loaded)) if loaded else None


SUPPORT_EXPORT = Kind(
    code="support_export",
    title_ja="問合せ用データの提供",
    prefix="問",
    family=OPERATION,
    purpose_ja="保守業者などへの問合せに付けるデータ。既定は個人情報を伏せたもの。伏せないものは決裁を受けた行からだけ作れます。",
    title_field="title",
    fields=(
        Field(name="title", title_ja="件名", required=True),
        Field(name="receiver", title_ja="渡す相手（委託先）", type="row", links_to="vendor", required=True),
        Field(name="party", title_ja="対象の宛名", type="link", links_to="party", required=True),
        Field(name="question", title_ja="問合せの内容", type="long", required=True),
        Field(name="is_unmasked", title_ja="伏せないデータが必要", type="flag", required=True),
        Field(name="unmasked_reason", title_ja="伏せないデータが必要な理由", type="long"),
        Field(name="erased_on", title_ja="相手が消去した日", type="date", step="close"),
    ),
    checks=(
        lambda values: ("unmasked_reason", "伏せないデータが必要な理由を入力してください。")
        if values.get("is_unmasked") and not values.get("unmasked_reason") else None,
    ),
    states=((OPEN, "準備中"), ("unmasked_allowed", "伏せない提供の承認済"), (CLOSED, "完了")),
    steps=(
        Step(code="allow_unmasked", title_ja="伏せない提供の承認", to_state="unmasked_allowed", second_person=True,
             checks=(lambda facts: "" if facts.values.get("is_unmasked") else
                     "「伏せないデータが必要」が「いいえ」の行に、承認は要りません。",)),
        Step(code="close", title_ja="完了", from_states=(OPEN, "unmasked_allowed"), to_state=CLOSED, by="close",
             fields=("erased_on",), required=("erased_on",)),
    ),
    deadlines=(
        Deadline(code="erase", title_ja="渡したデータの消去の確認",
                 due=lambda values, opened_on: rules.months_after(
                     opened_on, integer_at("support_erase_months", opened_on)),
                 done=lambda values: day_of(values, "erased_on"),
                 remind_days="support_export_erase_reminder_days", law="番号法11条"),
    ),
    papers=(Paper(code="erasure", title_ja="消去の連絡"),),
    columns=("receiver", "is_unmasked"),
    retention=KEPT,
    law="番号法11条・12条",
)  # fmt: skip

KINDS = (WORK_TICKET, MEDIUM, CHANGE_REQUEST, MIGRATION, SUPPORT_EXPORT)
