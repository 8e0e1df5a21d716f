"""印刷・封入封緘の委託 (R-180): what was lent, what came back, and that the contractor keeps nothing."""

from datetime import date

from taxsys.platform.registers import rules
from taxsys.platform.registers.closing import day_of, equal_counts, has_paper
from taxsys.platform.registers.declaration import CLOSED, OPEN, Deadline, Field, Kind, Paper, Step, Values
from taxsys.platform.registers.kinds.vendors import KEPT
from taxsys.platform.registers.params import integer_at
from taxsys.platform.registers.permissions import CONTRACT

PRINT_ORDER = Kind(
    code="print_order",
    title_ja="印刷・封入封緘の委託",
    prefix="印",
    family=CONTRACT,
    purpose_ja="印刷・封入封緘に出したデータと帳票の受渡し。4つの書類がそろい、件数が合わなければ完了できません。",
    title_field="title",
    fields=(
        Field(name="title", title_ja="件名", required=True, help_ja="例：令和8年度 納税通知書"),
        Field(name="contract", title_ja="契約", type="row", links_to="contract", required=True),
        Field(name="package_no", title_ja="印刷の番号", max_length=60),
        Field(name="lent_on", title_ja="データの引渡日", type="date", required=True),
        Field(name="lent_count", title_ja="引き渡した件数", type="count", unit_ja="件", required=True),
        Field(name="return_due_on", title_ja="納品・返却の期限", type="date", required=True),
        Field(name="sheets_planned", title_ja="予定の枚数", type="count", unit_ja="枚", required=True),
        Field(name="returned_on", title_ja="返却日", type="date", step="return_goods"),
        Field(name="returned_count", title_ja="返却された件数", type="count", unit_ja="件", step="return_goods"),
        Field(name="sheets_counted", title_ja="数えた枚数", type="count", unit_ja="枚", step="return_goods"),
        Field(name="spoiled_sheets", title_ja="印刷し損じの枚数（すべて返却）", type="count", unit_ja="枚",
              step="return_goods"),
        Field(name="erased_on", title_ja="データ消去の日", type="date", step="close"),
    ),
    states=((OPEN, "引渡し済"), ("returned", "返却済"), (CLOSED, "完了")),
    steps=(
        Step(
            code="return_goods",
            title_ja="返却の確認",
            to_state="returned",
            fields=("returned_on", "returned_count", "sheets_counted", "spoiled_sheets"),
            required=("returned_on", "returned_count", "sheets_counted", "spoiled_sheets"),
            checks=(has_paper("loan", "借用書"),),
        ),
        Step(
            code="close",
            title_ja="完了",
            from_states=("returned",),
            to_state=CLOSED,
            by="close",
            fields=("erased_on",),
            required=("erased_on",),
            checks=(
                has_paper("loan", "借用書"),
                has_paper("returned_counts", "返却件数表"),
                has_paper("sheet_counts", "枚数確認表"),
                has_paper("erasure", "データ消去確認書"),
                equal_counts("lent_count", "returned_count", "引き渡した件数と返却された件数が合いません。"),
                equal_counts("sheets_planned", "sheets_counted", "予定の枚数と数えた枚数が合いません。"),
            ),
        ),
    ),
    deadlines=(
        Deadline(
            code="return",
            title_ja="納品・返却の確認",
            due=lambda values, opened_on: day_of(values, "return_due_on"),
            done=lambda values: day_of(values, "returned_on"),
            remind_days="print_order_return_reminder_days",
        ),
        Deadline(
            code="erasure",
            title_ja="データ消去確認書の受領",
            due=lambda values, opened_on: _erasure_due(values),
            done=lambda values: day_of(values, "erased_on"),
            remind_days="print_order_erasure_reminder_days",
            law="番号法11条",
        ),
    ),
    papers=(
        Paper(code="loan", title_ja="借用書"),
        Paper(code="returned_counts", title_ja="返却件数表"),
        Paper(code="sheet_counts", title_ja="枚数確認表"),
        Paper(code="erasure", title_ja="データ消去確認書"),
    ),
    columns=("contract", "lent_on", "lent_count", "return_due_on"),
    retention=KEPT,
    law="番号法11条",
)  # fmt: skip


def _erasure_due(values: Values) -> date | None:
    """So many open days after the return; None while it is not returned."""
    base = day_of(values, "returned_on")
    return rules.business_days_after(base, integer_at("print_erasure_open_days", base)) if base else None


KINDS = (PRINT_ORDER,)
