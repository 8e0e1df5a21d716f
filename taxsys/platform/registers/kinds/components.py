"""部品の脆弱性点検の台帳 (R-271): a run of `manage.py advisories`, what it found, and what was done about it."""

from datetime import date

from taxsys.platform.registers import rules
from taxsys.platform.registers.closing import day_of, has_value
from taxsys.platform.registers.declaration import CLOSED, OPEN, Deadline, Facts, Field, Kind, Paper, Step, Values
from taxsys.platform.registers.kinds.operations import KEPT
from taxsys.platform.registers.params import integer_at
from taxsys.platform.registers.permissions import OPERATION


def _has_findings(facts: Facts) -> bool:
    return bool(facts.values.get("finding_count") or facts.values.get("unsure_count"))


def _settle_by(values: Values, opened_on: date) -> date | None:
    """So many days after the check, where anything was found."""
    if not (values.get("finding_count") or values.get("unsure_count")):
        return None
    return rules.days_after(opened_on, integer_at("advisory_settle_days", opened_on))


COMPONENT_CHECK = Kind(
    code="component_check",
    title_ja="部品の脆弱性点検",
    prefix="脆",
    family=OPERATION,
    purpose_ja="部品の一覧と、持ち込んだ脆弱性情報との照合の記録。点検のコマンドが行を開き、対応を確かめて完了します。",
    title_field="title",
    fields=(
        Field(name="title", title_ja="件名", required=True),
        Field(name="checked_on", title_ja="点検日", type="date", computed=True),
        Field(name="feed_sha256", title_ja="脆弱性情報のハッシュ（SHA-256）", computed=True),
        Field(name="advisory_count", title_ja="脆弱性情報の件数", type="count", unit_ja="件", computed=True),
        Field(name="withdrawn_count", title_ja="うち取り下げられたもの", type="count", unit_ja="件", computed=True),
        Field(name="component_count", title_ja="部品の数", type="count", unit_ja="個", computed=True),
        Field(name="finding_count", title_ja="該当", type="count", unit_ja="件", computed=True),
        Field(name="unsure_count", title_ja="要確認", type="count", unit_ja="件", computed=True,
              help_ja="版だけでは該当かどうか分からないもの"),
        Field(name="findings", title_ja="該当・要確認の内容", type="long", computed=True),
        Field(name="handling", title_ja="対応（更新した版、影響しない理由）", type="long", step="close"),
        Field(name="settled_on", title_ja="対応を終えた日", type="date", step="close"),
    ),
    states=((OPEN, "対応中"), (CLOSED, "対応済")),
    steps=(
        Step(code="close", title_ja="対応の確認", to_state=CLOSED, by="close", fields=("handling", "settled_on"),
             required=("settled_on",),
             checks=(has_value("handling", "対応（更新した版、影響しない理由）", when=_has_findings),)),
    ),
    deadlines=(
        Deadline(code="settle", title_ja="見つかった脆弱性への対応", due=_settle_by,
                 done=lambda values: day_of(values, "settled_on"), remind_days="advisory_reminder_days",
                 law="番号法12条"),
    ),
    papers=(Paper(code="report", title_ja="点検の記録（部品の一覧と該当）"),),
    columns=("checked_on", "component_count", "finding_count", "unsure_count"),
    retention=KEPT,
    law="番号法12条",
)  # fmt: skip

KINDS = (COMPONENT_CHECK,)
