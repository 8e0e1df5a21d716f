"""データ入力委託の受払簿 (R-178): how many papers went out to be keyed, how many records came back, and who counted."""

from taxsys.platform.registers.closing import day_of
from taxsys.platform.registers.declaration import CLOSED, OPEN, Deadline, Facts, Field, Kind, Step, Values
from taxsys.platform.registers.kinds.vendors import KEPT
from taxsys.platform.registers.permissions import CONTRACT

KEYED = "keyed"


def _difference_explained(facts: Facts) -> str:
    """Every paper is keyed or returned unkeyed; a difference closes only with its reason."""
    values = facts.values
    counted = int(values.get("keyed_count") or 0) + int(values.get("unkeyed_count") or 0)
    if counted == int(values.get("handed_count") or 0) or values.get("difference_reason"):
        return ""
    return "引き渡した枚数と、入力した件数・未入力で戻った枚数の合計が合いません。「差の理由」を入力してください。"


def _papers_back(facts: Facts) -> str:
    """The papers themselves come back, all of them, whatever was keyed."""
    is_whole = facts.values.get("returned_count") == facts.values.get("handed_count")
    return "" if is_whole else "戻った原票の枚数が、引き渡した枚数と合いません。原票がそろうまで完了できません。"


def _in_order(values: Values) -> tuple[str, str] | None:
    handed, returned = day_of(values, "handed_on"), day_of(values, "returned_on")
    is_before = handed is not None and returned is not None and returned < handed
    return ("returned_on", "返却日は、引渡日以後の日を入力してください。") if is_before else None


DATA_ENTRY = Kind(
    code="data_entry",
    title_ja="データ入力の受払簿",
    prefix="入",
    family=CONTRACT,
    purpose_ja="課税資料の入力を委託したときの、原票と入力件数の受払い。渡した人と別の職員が返却を確認し、枚数が合わなければ完了できません。",
    title_field="title",
    fields=(
        Field(name="title", title_ja="件名", required=True, help_ja="例：令和8年度 給与支払報告書 第12束"),
        Field(name="contract", title_ja="契約", type="row", links_to="contract", required=True),
        Field(name="handed_on", title_ja="引渡日", type="date", required=True),
        Field(name="handed_count", title_ja="引き渡した原票", type="count", unit_ja="枚", required=True),
        Field(name="received_by", title_ja="受け取った人（職員番号）", type="staff", required=True),
        Field(name="due_on", title_ja="返却の期限", type="date", required=True),
        Field(name="keyed_count", title_ja="入力した件数", type="count", unit_ja="件", step=KEYED),
        Field(name="unkeyed_count", title_ja="未入力で戻った原票", type="count", unit_ja="枚", step=KEYED),
        Field(name="difference_reason", title_ja="差の理由", step=KEYED, max_length=200),
        Field(name="returned_on", title_ja="返却日", type="date", step="close"),
        Field(name="returned_count", title_ja="戻った原票", type="count", unit_ja="枚", step="close"),
    ),
    checks=(_in_order,),
    states=((OPEN, "引渡し済"), (KEYED, "入力済"), (CLOSED, "完了")),
    steps=(
        Step(
            code=KEYED,
            title_ja="入力件数の報告",
            to_state=KEYED,
            fields=("keyed_count", "unkeyed_count", "difference_reason"),
            required=("keyed_count", "unkeyed_count"),
            checks=(_difference_explained,),
        ),
        Step(
            code="close",
            title_ja="返却と件数の確認（主任者）",
            from_states=(KEYED,),
            to_state=CLOSED,
            by="close",
            fields=("returned_on", "returned_count"),
            required=("returned_on", "returned_count"),
            apart_from=("create", KEYED),
            not_by=("received_by",),
            checks=(_papers_back,),
        ),
    ),
    deadlines=(
        Deadline(
            code="return",
            title_ja="原票の返却",
            due=lambda values, opened_on: day_of(values, "due_on"),
            done=lambda values: day_of(values, "returned_on"),
            remind_days="data_entry_return_reminder_days",
            law="番号法11条",
        ),
    ),
    columns=("contract", "handed_on", "handed_count", "due_on"),
    retention=KEPT,
    law="番号法11条",
)  # fmt: skip

KINDS = (DATA_ENTRY,)
