"""点検・監査・研修の台帳 (R-279 to R-281): the yearly self-check, audits with their evidence, trainings."""

import csv
import re
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path

from taxsys.kernel.calendar import fiscal_year
from taxsys.platform.registers import rules
from taxsys.platform.registers.closing import all_answered, day_of, has_paper, has_value
from taxsys.platform.registers.declaration import (
    CLOSED,
    OPEN,
    Deadline,
    Facts,
    Field,
    Item,
    Kind,
    Paper,
    Retention,
    Step,
    Values,
)
from taxsys.platform.registers.permissions import OVERSIGHT
from taxsys.platform.staff.models import Staff
from taxsys.platform.staff.pledges import is_trained, training_note

KEPT = Retention(code="oversight-7y", years="keep_oversight_years")


@cache
def self_check_items() -> tuple[Item, ...]:
    """自己点検の項目: one question for each measure of the assessment, by its number (kinds/self_check.csv)."""
    path = Path(__file__).with_name("self_check.csv")
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return tuple(
        Item(code=row["code"], title_ja=row["question"], ground_ja=f"{row['area']}・{row['code']}") for row in rows
    )


def _has_faults(facts: Facts) -> bool:
    return "no" in (facts.values.get("answers") or {}).values()


SELF_CHECK = Kind(
    code="self_check",
    title_ja="自己点検",
    prefix="点",
    family=OVERSIGHT,
    purpose_ja="全項目評価書のとおりに運用しているかの年1回の点検。年度に1行が自動で開き、年度末が期限です。",
    title_field="title",
    fields=(
        Field(name="title", title_ja="件名", required=True),
        Field(name="checked_on", title_ja="点検日", type="date"),
        Field(name="checker_no", title_ja="点検した人（職員番号）", type="staff"),
        Field(name="answers", title_ja="点検の項目", type="checklist", items=self_check_items),
        Field(name="plan", title_ja="「否」の項目の改善計画", type="long"),
        Field(name="plan_due_on", title_ja="改善の期限", type="date"),
        Field(name="improved_on", title_ja="改善を終えた日", type="date"),
    ),
    states=((OPEN, "点検中"), ("confirmed", "確認済"), (CLOSED, "完了")),
    steps=(
        Step(
            code="confirm",
            title_ja="点検結果の確認",
            to_state="confirmed",
            checks=(
                has_value("checked_on", "点検日"),
                has_value("checker_no", "点検した人"),
                all_answered("answers", self_check_items, "点検の項目"),
                has_value("plan", "「否」の項目の改善計画", when=_has_faults),
                has_value("plan_due_on", "改善の期限", when=_has_faults),
            ),
            second_person=True,
        ),
        Step(
            code="close",
            title_ja="完了",
            from_states=("confirmed",),
            to_state=CLOSED,
            by="close",
            fields=("improved_on",),
            checks=(has_value("improved_on", "改善を終えた日", when=_has_faults),),
        ),
    ),
    deadlines=(
        Deadline(
            code="check",
            title_ja="年1回の自己点検",
            due=lambda values, opened_on: rules.fiscal_year_end(fiscal_year(opened_on)),
            done=lambda values: day_of(values, "checked_on"),
            remind_days="self_check_check_reminder_days",
            law="全項目評価書 IV-1①",
        ),
        Deadline(
            code="improve",
            title_ja="点検で「否」の項目の改善",
            due=lambda values, opened_on: day_of(values, "plan_due_on"),
            done=lambda values: day_of(values, "improved_on"),
            remind_days="self_check_improve_reminder_days",
        ),
    ),
    yearly=True,
    columns=("checked_on", "answers", "plan_due_on"),
    retention=KEPT,
    law="全項目評価書 IV-1①",
)

AUDIT_RECORD = Kind(
    code="audit_record",
    title_ja="内部監査",
    prefix="査",
    family=OVERSIGHT,
    purpose_ja="内部監査の計画・指摘・改善。監査の期間の証拠資料（台帳、アクセス記録の件数、棚卸、封印の検証）をまとめて書き出せます。",
    title_field="title",
    fields=(
        Field(name="title", title_ja="件名", required=True),
        Field(name="scope", title_ja="監査の範囲", type="long", required=True),
        Field(name="auditor_no", title_ja="監査責任者（職員番号）", type="staff", required=True),
        Field(name="period_from_on", title_ja="対象期間の始め", type="date", required=True),
        Field(name="period_to_on", title_ja="対象期間の終り", type="date", required=True),
        Field(name="planned_on", title_ja="実施の予定日", type="date", required=True),
        Field(name="held_on", title_ja="実施日", type="date"),
        Field(name="findings", title_ja="指摘", type="long"),
        Field(name="improve_due_on", title_ja="改善の期限", type="date"),
        Field(name="improved_on", title_ja="改善を確かめた日", type="date"),
    ),
    checks=(
        lambda values: (
            ("period_to_on", "対象期間の終りは、始め以後の日を入力してください。")
            if str(values.get("period_to_on", "")) < str(values.get("period_from_on", ""))
            else None
        ),
    ),
    close_checks=(
        has_value("held_on", "実施日"),
        has_paper("report", "監査の報告書"),
        has_value("improved_on", "改善を確かめた日", when=lambda facts: bool(facts.values.get("findings"))),
    ),
    deadlines=(
        Deadline(
            code="hold",
            title_ja="内部監査の実施",
            due=lambda values, opened_on: day_of(values, "planned_on"),
            done=lambda values: day_of(values, "held_on"),
            remind_days="audit_record_hold_reminder_days",
            law="全項目評価書 IV-1②",
        ),
        Deadline(
            code="improve",
            title_ja="監査の指摘の改善",
            due=lambda values, opened_on: day_of(values, "improve_due_on"),
            done=lambda values: day_of(values, "improved_on"),
            remind_days="audit_record_improve_reminder_days",
        ),
    ),
    papers=(Paper(code="report", title_ja="監査の報告書"),),
    columns=("planned_on", "held_on", "improve_due_on"),
    retention=KEPT,
    law="全項目評価書 IV-1②",
)


def attendee_numbers(values: Values) -> list[str]:
    """受講者 as typed: staff numbers separated by spaces, commas or lines, each once."""
    return list(dict.fromkeys(part for part in re.split(r"[\s,、，]+", str(values.get("attendees", ""))) if part))


def _attendees_known(values: Values) -> tuple[str, str] | None:
    numbers = attendee_numbers(values)
    known = set(Staff.objects.filter(staff_no__in=numbers).values_list("staff_no", flat=True))
    unknown = [number for number in numbers if number not in known]
    return ("attendees", f"登録のない職員番号があります（{'、'.join(unknown[:5])}）。") if unknown else None


def _penalties_told(facts: Facts) -> str:
    told = bool(facts.values.get("tells_penalties"))
    return "" if told else "罰則を含まない研修は、年1回の研修として記録できません。"


def _trainings_noted(values: Values, _done_on: date) -> None:
    """Each attendee's account carries the day; number functions stay open for a year (N-110)."""
    held_on = day_of(values, "held_on")
    if held_on is None:
        return
    for staff in Staff.objects.filter(staff_no__in=attendee_numbers(values)):
        training_note(staff, on=held_on)


def _held(facts: Facts) -> str:
    held_on = day_of(facts.values, "held_on")
    return "先の日付の研修は、受講として記録できません。" if held_on is not None and held_on > facts.today else ""


TRAINING = Kind(
    code="training",
    title_ja="研修",
    prefix="研",
    family=OVERSIGHT,
    purpose_ja="年1回の研修（罰則を含む）と受講者。記録すると受講者の受講日が更新されます。未受講の人は所属長の業務ホームに出ます。",
    title_field="title",
    fields=(
        Field(name="title", title_ja="研修名", required=True),
        Field(name="held_on", title_ja="実施日", type="date", required=True),
        Field(name="content", title_ja="内容", type="long", required=True),
        Field(name="tells_penalties", title_ja="罰則（番号法48条以下）を含む", type="flag", required=True),
        Field(
            name="attendees",
            title_ja="受講者（職員番号）",
            type="long",
            required=True,
            help_ja="空白・読点・改行で区切って入力してください。",
        ),
    ),
    checks=(_attendees_known,),
    steps=(
        Step(
            code="close",
            title_ja="受講の記録",
            to_state=CLOSED,
            by="close",
            checks=(has_paper("roster", "出席簿・受講の記録"), _penalties_told, _held),
            effect=_trainings_noted,
        ),
    ),
    papers=(Paper(code="roster", title_ja="出席簿・受講の記録"), Paper(code="text", title_ja="教材")),
    columns=("held_on",),
    retention=KEPT,
    law="番号法29条の2",
)


def untrained_among(people: Sequence[Staff], on: date) -> list[Staff]:
    """研修を受けていない人: those of the given people without a training in the last year."""

    return [one for one in people if one.is_active and not is_trained(one, on)]


KINDS = (SELF_CHECK, AUDIT_RECORD, TRAINING)
