"""試算の結果の表 (CSV): one file, every line with its table's name; cells that no spreadsheet takes for a formula."""

from __future__ import annotations

from assessment.resident.what_if.services import WhatIf
from assessment.resident.what_if.shown import HIDDEN_JA, Line
from assessment.resident.what_if.terms import terms
from taxsys.kernel import wareki
from taxsys.platform.files.payloads.spreadsheet import table_csv

HEADER = (
    "表", "区分", "人数", "現行の年税額", "試算の年税額", "増減額",
    "増える人", "増える額", "減る人", "減る額",
)  # fmt: skip


def csv_bytes(answer: WhatIf) -> bytes:
    """The whole answer in UTF-8 with its mark, as a spreadsheet reads it."""
    first, *head = _head(answer)
    rows = (*head, HEADER, *_rows(answer))
    return table_csv(
        [str(cell) for cell in first], [[HIDDEN_JA if cell is None else cell for cell in row] for row in rows]
    )


def _head(answer: WhatIf) -> list[tuple[str | int, ...]]:
    head = answer.base.head
    return [
        ("政策試算", f"{wareki.format_year(answer.tax_year)}年度 個人住民税"),
        ("計算の基礎", f"{wareki.format_long(head.built_day)}現在の決定 {answer.base.rows:,}人"),
        ("制度", f"{wareki.format_year(answer.law_year)}年度"),
        *(("変えた値", edit.title_ja, edit.id, edit.before_ja, edit.after_ja) for edit in answer.edits),
        ("注", f"{HIDDEN_JA}は、{terms().minimum_people}人未満が分かるため表示しない数字です。"),
    ]


def _rows(answer: WhatIf) -> list[tuple[str | int | None, ...]]:
    shown = answer.shown
    rows: list[tuple[str | int | None, ...]] = [_row("合計", shown.total)]
    for label, before, after in shown.receivers:
        rows.append(("税の帰属", label, "", before, after, after - before, "", "", "", ""))
    for one in shown.breakdowns:
        rows += [_row(one.title_ja, line) for line in one.lines]
    rows += [(terms().change.title_ja, label, people, *[""] * 7) for label, people in shown.spread]
    return rows


def _row(table: str, line: Line) -> tuple[str | int | None, ...]:
    return (
        table, line.label, line.people, line.before_yen, line.after_yen, line.change_yen,
        line.up_people, line.up_yen, line.down_people, line.down_yen,
    )  # fmt: skip
