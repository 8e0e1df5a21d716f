"""登録簿の表の取込 (rows of the register from a table): checked line by line, compared, decided as one.

The received file stays as it came; what the approver sees and what takes effect are the same rows. R-159, R-160.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from intermediary.errors import RegisterRefused
from intermediary.items import titles_ja
from intermediary.models import RegisterRow
from intermediary.services.register import (
    FIELDS,
    LABELS,
    TABLE_KIND,
    faults_beside,
    row_content,
    row_shown,
)
from taxsys.kernel import wareki
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import approval_propose
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.files.tables import Table, table_read
from taxsys.platform.staff.models import Staff

FORMAT = "register_table"
NEW, CONFIRMED, CHANGED, SAME = "新規", "候補の確認", "変更", "変更なし"
_REQUIRED = ("登録番号", "区分", "提供先・移転先", "法令上の根拠", "事務", "項目", "方法", "開始日")
_CHOICES: Mapping[str, Mapping[str, str]] = {
    "kind": {label: value for value, label in RegisterRow.Kind.choices},
    "method": {label: value for value, label in RegisterRow.Method.choices},
    "protected_rule": {label: value for value, label in RegisterRow.ProtectedRule.choices},
}


@dataclass(frozen=True, slots=True)
class LineCheck:
    """One line: what it would make of its row, and why it may not."""

    line_no: int
    after: dict[str, Any]
    before: dict[str, Any]
    change: str
    faults: tuple[str, ...] = ()

    @property
    def differences(self) -> list[tuple[str, Any, Any]]:
        """(item, before, after) of what changes in a row that stands."""
        return [
            (LABELS[name], self.before.get(name, ""), self.after[name])
            for name in FIELDS
            if self.before and self.before.get(name, "") != self.after[name]
        ]


@dataclass(frozen=True, slots=True)
class TableCheck:
    """The whole table beside the register; `absent` are rows in force that the table does not name (they stay)."""

    lines: tuple[LineCheck, ...]
    absent: tuple[str, ...] = ()
    faults: tuple[str, ...] = field(default=())

    @property
    def is_clean(self) -> bool:
        """Whether it may be proposed: no fault, and something changes."""
        return not self.faults and not any(one.faults for one in self.lines) and bool(self.changing)

    @property
    def changing(self) -> list[LineCheck]:
        """The lines that would change the register."""
        return [one for one in self.lines if one.change != SAME]


def table_check(content: bytes) -> TableCheck:
    """Read and check a table. Raises FileRefused for a file that is no table."""
    table = table_read(content)
    if faults := _header_faults(table):
        return TableCheck((), faults=tuple(faults))
    current = {row.row_no: row for row in RegisterRow.objects.order_by("row_no", "version")}
    seen: dict[str, int] = {}
    lines = []
    for line_no, cells in zip(table.lines, table.rows, strict=True):
        after, faults = _line(cells)
        row_no = str(after["row_no"])
        if row_no in seen:
            faults.append(f"同じ登録番号が{seen[row_no]}行目にもあります")
        seen.setdefault(row_no, line_no)
        lines.append(_checked(line_no, after, faults, current.get(row_no)))
    standing = (no for no, row in current.items() if row.state == RegisterRow.State.APPROVED and row.valid_to is None)
    return TableCheck(tuple(lines), absent=tuple(sorted(set(standing) - set(seen))))


def _header_faults(table: Table) -> list[str]:
    known = set(LABELS.values())
    faults = []
    if missing := [name for name in _REQUIRED if name not in table.header]:
        faults.append(f"見出しが足りません: {'・'.join(missing)}")
    if extra := [name for name in table.header if name not in known]:
        faults.append(f"登録簿にない見出しです: {'・'.join(extra)}")
    if not table.rows:
        faults.append("表に行がありません")
    return faults


def _line(cells: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """The row of one line, labels and titles turned into codes, and what could not be read."""
    given: dict[str, Any] = {name: cells.get(label, "") for name, label in LABELS.items()}
    faults: list[str] = []
    for name, codes in _CHOICES.items():
        text = given[name]
        given[name] = codes.get(text, text)
        if text and given[name] not in codes.values():
            faults.append(f"{LABELS[name]}「{text[:20]}」は使えません")
    by_title = {title: name for name, title in titles_ja().items()}
    given["items"] = [by_title.get(one, one) for one in _parts(given["items"])]
    given["other_methods"] = [_CHOICES["method"].get(one, one) for one in _parts(given["other_methods"])]
    for name in ("valid_from", "valid_to"):
        given[name], problem = _day(given[name])
        faults += [f"{LABELS[name]}が日付として読めません"] if problem else []
    for name, limit in (("row_no", 20), ("recipient", 100), ("legal_base", 200), ("ordinance", 100), ("affair", 200)):
        if len(given[name]) > limit:
            faults.append(f"{LABELS[name]}が{limit}字を超えています")
    return row_content(given), faults


def _parts(text: str) -> list[str]:
    for mark in (",", ";", "；", "，", "\n"):
        text = text.replace(mark, "、")
    return [one.strip() for one in text.split("、") if one.strip()]


def _day(text: str) -> tuple[str, bool]:
    if not text:
        return "", False
    try:
        return wareki.parse(text).isoformat(), False
    except wareki.WarekiError:
        return "", True


def _checked(line_no: int, after: dict[str, Any], faults: list[str], current: RegisterRow | None) -> LineCheck:
    before = row_shown(current)
    if current is None:
        change = NEW
    elif current.state == RegisterRow.State.CANDIDATE:
        change = CONFIRMED
    else:
        change = SAME if before == after else CHANGED
    if change == SAME:
        return LineCheck(line_no, after, before, change, tuple(faults))
    return LineCheck(line_no, after, before, change, tuple(dict.fromkeys([*faults, *faults_beside(after, current)])))


def table_propose(received: ReceivedFile, *, actor: Staff) -> Approval:
    """起案: the changing rows of a received table as one proposal. Raises RegisterRefused while a line has a fault."""
    checked = table_check(received.open_bytes())
    if not checked.is_clean:
        raise RegisterRefused(_why_not(checked))
    lines = checked.changing
    return approval_propose(
        kind=TABLE_KIND,
        subject_key=str(received.pk),
        title_ja=f"提供簿・移転簿の取込 {len(lines)}行（{received.name}）"[:200],
        content={
            "file": str(received.pk),
            "sha256": received.sha256,
            "rows": [one.after for one in lines],
            "shown": [one.before for one in lines],
            "before": [_before_ja(one) for one in lines],
        },
        actor=actor,
    )


def _why_not(checked: TableCheck) -> str:
    if not checked.faults and not any(one.faults for one in checked.lines):
        return "登録簿と違う行がないため、起案しませんでした。"
    bad: Sequence[str] = [*checked.faults, *(f"{one.line_no}行目" for one in checked.lines if one.faults)]
    return f"誤りがあるため起案しませんでした（{'、'.join(bad[:10])}）。表を直して、もう一度取り込んでください。"


def _before_ja(line: LineCheck) -> str:
    if line.change == NEW:
        return "（なし）"
    if line.change == CONFIRMED:
        return "候補"
    shown = [f"{label}：{_text(before)}" for label, before, _after in line.differences]
    return "、".join(shown)[:400]


def _text(value: Any) -> str:
    return "、".join(value) if isinstance(value, list) else str(value)
