"""登録簿の登録・終了 (writes of the register): proposed by one officer, decided by another, effective in the same act.

An approved row never changes: it is ended, and another row takes its place. R-159, R-166, R-167; N-015, N-027.
"""

import csv
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction

from intermediary.errors import RegisterRefused
from intermediary.items import unknown_items
from intermediary.models import RegisterRow
from intermediary.permissions import DECIDE_REGISTER, PROPOSE_REGISTER
from taxsys.platform import clock
from taxsys.platform.approvals import registry
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import approval_propose
from taxsys.platform.staff.models import Staff

APPROVAL_KIND = "intermediary.register_row"
CANDIDATES = Path(__file__).resolve().parent.parent / "registers" / "candidates.csv"
_LABELS = {
    "row_no": "登録番号",
    "kind": "区分",
    "recipient": "提供先・移転先",
    "client_system": "連携先システム",
    "legal_base": "法令上の根拠",
    "ordinance": "条例の根拠",
    "affair": "事務",
    "items": "項目",
    "method": "方法",
    "protected_rule": "支援措置対象者",
    "valid_from": "開始日",
    "valid_to": "終了日",
}
_FIELDS = tuple(_LABELS)


@transaction.atomic
def candidates_load() -> int:
    """Put the candidate rows of the law's list into the register; rows that are there stay as they are.

    A candidate is a suggestion to be judged against the 主務省令 table and the ordinance; it opens nothing.
    """
    known = set(RegisterRow.objects.values_list("row_no", flat=True))
    with CANDIDATES.open(encoding="utf-8", newline="") as handle:
        rows = [
            RegisterRow(**row, state=RegisterRow.State.CANDIDATE, recorded_at=clock.now())
            for row in csv.DictReader(handle)
            if row["row_no"] not in known
        ]
    RegisterRow.objects.bulk_create(rows)
    return len(rows)


def row_propose(content: dict[str, Any], *, actor: Staff) -> Approval:
    """起案: a row to be opened, or a candidate to be approved. Raises RegisterRefused for one that may not stand."""
    after = {name: content.get(name, "") for name in _FIELDS}
    _check(after)
    before = RegisterRow.objects.filter(row_no=after["row_no"]).values(*_FIELDS).first()
    shown = {name: _plain(value) for name, value in before.items()} if before else {}
    return approval_propose(
        kind=APPROVAL_KIND,
        subject_key=str(after["row_no"]),
        title_ja=f"提供簿・移転簿 {after['row_no']} {after['recipient']}"[:100],
        content={"before": shown, "after": after},
        actor=actor,
    )


def row_end_propose(row_no: str, *, valid_to: date, actor: Staff) -> Approval:
    """終了の起案: from 00:00 of `valid_to` the row opens nothing."""
    row = RegisterRow.objects.filter(row_no=row_no, state=RegisterRow.State.APPROVED).first()
    if row is None or row.valid_from is None or valid_to < row.valid_from:
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


def _check(after: dict[str, Any]) -> None:
    items = after["items"] or []
    faults = []
    if not items:
        faults.append("項目がありません")
    if unknown := unknown_items(items):
        faults.append(f"項目辞書にない項目です: {'・'.join(unknown)}")
    if not after["legal_base"]:
        faults.append("法令上の根拠がありません")
    if after["kind"] == RegisterRow.Kind.TRANSFER and not after["ordinance"]:
        faults.append("庁内の移転には条例の根拠が必要です(番号法9条2項)")
    if after["method"] == RegisterRow.Method.API and not after["client_system"]:
        faults.append("APIによる提供には連携先システムの指定が必要です")
    if not after["valid_from"]:
        faults.append("開始日がありません")
    if RegisterRow.objects.filter(row_no=after["row_no"]).exclude(state=RegisterRow.State.CANDIDATE).exists():
        faults.append("承認済の行は変更できません。終了して新しい登録番号で起案してください")
    if faults:
        raise RegisterRefused("。".join(faults) + "。")


def row_stale(approval: Approval) -> str:
    """Why the proposal no longer stands: the row is not the one that was shown beside it."""
    content = approval.content
    row = RegisterRow.objects.filter(row_no=content["after"]["row_no"]).values(*_FIELDS).first() or {}
    now = {name: _plain(row[name]) for name in content["before"] if name in row}
    if now != content["before"] or (row and not content["before"]):
        return "起案の後に、登録簿の行が変わりました。"
    return ""


def _approved(approval: Approval) -> None:
    """The decision takes effect: the row opens or ends. Runs in the transaction of the decision."""
    after = dict(approval.content["after"])
    if after.pop("is_end", False):
        row = RegisterRow.objects.select_for_update().get(row_no=after["row_no"])
        row.valid_to = date.fromisoformat(after["valid_to"])
        row.save(update_fields=["valid_to"])
        return
    _check(after)
    row_no = after.pop("row_no")
    decided_by = approval.decided_by
    RegisterRow.objects.update_or_create(
        row_no=row_no,
        defaults={
            **after,
            "valid_from": date.fromisoformat(after["valid_from"]),
            "valid_to": date.fromisoformat(after["valid_to"]) if after["valid_to"] else None,
            "state": RegisterRow.State.APPROVED,
            "proposed_by": approval.proposed_by.staff_no,
            "approved_by": decided_by.staff_no if decided_by else "",
            "approved_at": clock.now(),
            "recorded_at": clock.now(),
        },
    )


def approval_kind_register() -> None:
    """Tell the approvals desk of this kind of proposal (from AppConfig.ready)."""
    registry.register(
        APPROVAL_KIND,
        on_approved=_approved,
        title_ja="提供簿・移転簿の登録",
        proposes=PROPOSE_REGISTER.code,
        permission=DECIDE_REGISTER.code,
        stale=row_stale,
        voided_by_ja="登録簿の行が起案の後に承認・終了・変更されたとき",
        labels=_LABELS,
    )
