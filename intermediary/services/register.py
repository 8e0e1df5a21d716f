"""登録簿の登録・変更・終了 (writes of the register): proposed by one officer, decided by another, effective at once.

An approved version never changes: a change is the next version, which ends the one before on its first day. R-159,
R-160, R-166, R-167; N-015, N-027.
"""

import csv
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction
from django.urls import reverse

from intermediary.errors import RegisterRefused
from intermediary.models import RegisterRow
from intermediary.permissions import DECIDE_REGISTER, PROPOSE_REGISTER
from intermediary.register_checks import row_faults
from intermediary.services.pia import pia_compare
from taxsys.platform import clock
from taxsys.platform.approvals import registry
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import approval_propose
from taxsys.platform.staff.models import Staff

APPROVAL_KIND = "intermediary.register_row"
TABLE_KIND = "intermediary.register_table"
CANDIDATES = Path(__file__).resolve().parent.parent / "registers" / "candidates.csv"
State = RegisterRow.State
LABELS = {
    "row_no": "登録番号",
    "kind": "区分",
    "recipient": "提供先・移転先",
    "client_system": "連携先システム",
    "legal_base": "法令上の根拠",
    "ordinance": "条例の根拠",
    "affair": "事務",
    "items": "項目",
    "population_ja": "対象となる本人の数",
    "method": "方法",
    "other_methods": "その他の方法",
    "timing_ja": "時期",
    "protected_rule": "支援措置対象者",
    "valid_from": "開始日",
    "valid_to": "終了日",
}
FIELDS = tuple(LABELS)
_DEFAULTS: Mapping[str, Any] = {"timing_ja": "求められた都度", "protected_rule": "held", "other_methods": []}


@transaction.atomic
def candidates_load() -> int:
    """Put the candidate rows of the law's list into the register; rows that are there stay as they are.

    A candidate is a suggestion to be judged against the 主務省令 table and the ordinance; it opens nothing.
    """
    known = set(RegisterRow.objects.values_list("row_no", flat=True))
    with CANDIDATES.open(encoding="utf-8", newline="") as handle:
        rows = [
            RegisterRow(**row, state=State.CANDIDATE, recorded_at=clock.now())
            for row in csv.DictReader(handle)
            if row["row_no"] not in known
        ]
    RegisterRow.objects.bulk_create(rows)
    return len(rows)


def row_content(given: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a row as a proposal keeps them: every one present, dates as ISO text."""
    return {name: given.get(name) or _DEFAULTS.get(name, "") for name in FIELDS}


def row_current(row_no: str) -> RegisterRow | None:
    """The newest version of a row: approved where one is, else the candidate."""
    return RegisterRow.objects.filter(row_no=row_no).order_by("-version").first()


def row_shown(row: RegisterRow | None) -> dict[str, Any]:
    """A stored version in the shape of a proposal; empty for none."""
    return {name: _plain(getattr(row, name)) for name in FIELDS} if row else {}


def row_propose(content: Mapping[str, Any], *, actor: Staff) -> Approval:
    """起案: a row to be opened, a candidate to be approved, or the next version of a row.

    Raises RegisterRefused for a row that may not stand, or a change that does not start after what it changes.
    """
    after = row_content(content)
    current = row_current(after["row_no"])
    refuse(faults_beside(after, current))
    return approval_propose(
        kind=APPROVAL_KIND,
        subject_key=str(after["row_no"]),
        title_ja=f"提供簿・移転簿 {after['row_no']} {after['recipient']}"[:100],
        content={"before": row_shown(current), "after": after},
        actor=actor,
    )


def row_end_propose(row_no: str, *, valid_to: date, actor: Staff) -> Approval:
    """終了の起案: from 00:00 of `valid_to` the row opens nothing."""
    row = row_current(row_no)
    if row is None or row.state != State.APPROVED or row.valid_from is None or valid_to < row.valid_from:
        raise RegisterRefused("承認済の行がないか、終了日が開始日より前です。登録番号と日付を確かめてください。")
    before = row.valid_to.isoformat() if row.valid_to else ""
    return approval_propose(
        kind=APPROVAL_KIND,
        subject_key=row_no,
        title_ja=f"提供簿・移転簿 {row_no} の終了",
        content={
            "before": {"row_no": row_no, "valid_to": before},
            "after": {"row_no": row_no, "valid_to": valid_to.isoformat(), "is_end": True},
        },
        actor=actor,
    )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else ("" if value is None else value)


def faults_beside(after: Mapping[str, Any], current: RegisterRow | None) -> list[str]:
    """Faults of the row itself, and of its place beside the version that stands."""
    faults = row_faults(after)
    if current is None or current.state != State.APPROVED or not after["valid_from"]:
        return faults
    if after["kind"] != current.kind:
        faults.append("提供と移転の区分は変えられません。終了して新しい登録番号で起案してください")
    if current.valid_from and str(after["valid_from"]) <= current.valid_from.isoformat():
        faults.append("承認済の行の変更は、その開始日より後の日からです")
    return faults


def refuse(faults: Sequence[str]) -> None:
    """Raise RegisterRefused when there are faults."""
    if faults:
        raise RegisterRefused("。".join(faults) + "。")


def row_stale(approval: Approval) -> str:
    """Why the proposal no longer stands: the row is not the one that was shown beside it."""
    content = approval.content
    return _moved(str(content["after"]["row_no"]), content["before"])


def table_stale(approval: Approval) -> str:
    """The same for every row of a table."""
    content = approval.content
    pairs = zip(content["rows"], content["shown"], strict=True)
    return next((why for after, shown in pairs if (why := _moved(str(after["row_no"]), shown))), "")


def _moved(row_no: str, shown: Mapping[str, Any]) -> str:
    now = row_shown(row_current(row_no))
    if bool(now) != bool(shown) or any(now.get(name) != value for name, value in shown.items()):
        return f"起案の後に、登録簿の行（{row_no}）が変わりました。"
    return ""


def _approved(approval: Approval) -> None:
    """The decision takes effect: the row opens or ends. Runs in the transaction of the decision."""
    after = dict(approval.content["after"])
    if after.pop("is_end", False):
        row = RegisterRow.objects.select_for_update().filter(row_no=after["row_no"]).order_by("-version")[0]
        row.valid_to = date.fromisoformat(after["valid_to"])
        row.save(update_fields=["valid_to"])
    else:
        row_open(after, approval)
    pia_compare(on=clock.today())


def _table_approved(approval: Approval) -> None:
    """Every row of the table opens in the transaction of the one decision."""
    for after in approval.content["rows"]:
        row_open(after, approval)
    pia_compare(on=clock.today())


def row_open(after: Mapping[str, Any], approval: Approval) -> RegisterRow:
    """The next version of a row, in force from its first day; checked again as things stand now."""
    versions = RegisterRow.objects.select_for_update().filter(row_no=after["row_no"]).order_by("-version")
    current = versions.first()
    refuse(faults_beside(after, current))
    values = {
        **after,
        "valid_from": date.fromisoformat(after["valid_from"]),
        "valid_to": date.fromisoformat(after["valid_to"]) if after["valid_to"] else None,
        "state": State.APPROVED,
        "proposed_by": approval.proposed_by.staff_no,
        "approved_by": approval.decided_by.staff_no if approval.decided_by else "",
        "approved_at": clock.now(),
        "recorded_at": clock.now(),
    }
    if current is not None and current.state == State.CANDIDATE:
        for name, value in values.items():
            setattr(current, name, value)
        current.save()
        return current
    if current is not None and (current.valid_to is None or current.valid_to > values["valid_from"]):
        current.valid_to = values["valid_from"]
        current.save(update_fields=["valid_to"])
    return RegisterRow.objects.create(**values, version=current.version + 1 if current else 1)


def _table_rows(approval: Approval) -> list[tuple[str, str, str]]:
    """One line a row for the approver: what it is, what stood before, what opens."""
    return [
        (f"{after['row_no']} {after['recipient']} {after['affair']}"[:120], before, _line_ja(after))
        for before, after in zip(approval.content["before"], approval.content["rows"], strict=True)
    ]


def _line_ja(after: Mapping[str, Any]) -> str:
    until = f"{after['valid_to']}の前日まで" if after["valid_to"] else ""
    base = f"{after['legal_base']} {after['ordinance']}".strip()
    return f"{after['valid_from']}から{until} {base} 項目{len(after['items'])}（{'、'.join(after['items'])}）"


def approval_kind_register() -> None:
    """Tell the approvals desk of these kinds of proposal (from AppConfig.ready)."""
    voided = "登録簿の行が起案の後に承認・終了・変更されたとき"
    registry.register(
        APPROVAL_KIND,
        on_approved=_approved,
        title_ja="提供簿・移転簿の登録",
        permission=DECIDE_REGISTER.code,
        proposes=PROPOSE_REGISTER.code,
        labels=LABELS,
        stale=row_stale,
        rework=lambda approval: reverse("provision-row", args=[approval.subject_key]),
        voided_by_ja=voided,
    )
    registry.register(
        TABLE_KIND,
        on_approved=_table_approved,
        title_ja="提供簿・移転簿の取込（表）",
        permission=DECIDE_REGISTER.code,
        proposes=PROPOSE_REGISTER.code,
        present=_table_rows,
        stale=table_stale,
        rework=lambda approval: reverse("provision-table", args=[approval.subject_key]),
        voided_by_ja=voided,
    )
