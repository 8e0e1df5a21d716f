"""Rows of the register for the tests: one transfer row that may stand, opened by two people; tables of rows."""

import csv
import io
from collections.abc import Mapping
from typing import Any

from openpyxl import Workbook

from intermediary.models import RegisterRow
from intermediary.services.register import row_propose
from taxsys.platform.approvals.services import approval_decide
from tests.platform.actors import officer

DECIDE = ["intermediary.decide_register", "intermediary.propose_register", "intermediary.view_register"]
ROW = {
    "row_no": "T-041", "kind": "transfer", "recipient": "介護保険課", "client_system": "",
    "legal_base": "番号法9条2項", "ordinance": "個人番号利用条例3条1項", "affair": "介護保険料の賦課",
    "items": ["status", "total_income"], "method": "file", "protected_rule": "held", "valid_from": "2026-04-01",
    "valid_to": "",
}  # fmt: skip
HEADER = (
    "登録番号", "区分", "提供先・移転先", "連携先システム", "法令上の根拠", "条例の根拠", "事務", "項目", "方法",
    "開始日", "終了日",
)  # fmt: skip
LINE = (
    "T-041", "移転", "介護保険課", "", "番号法9条2項", "個人番号利用条例3条1項", "介護保険料の賦課",
    "status、総所得金額等", "庁内連携(ファイル)", "R8.4.1", "",
)  # fmt: skip


def opened(**changes: Any) -> RegisterRow:
    """A row proposed by one officer and approved by another; its newest version."""
    approval = row_propose({**ROW, **changes}, actor=officer("5001", permissions=DECIDE))
    approval_decide(
        approval.pk, decision="approve", actor=officer("5002", permissions=DECIDE), seen_hash=approval.content_hash
    )
    return RegisterRow.objects.filter(row_no=changes.get("row_no", ROW["row_no"])).order_by("-version")[0]


def line(given: Mapping[str, str] | None = None, /) -> tuple[str, ...]:
    """The good line with some cells changed, by their headers."""
    changes = given or {}
    return tuple(changes.get(name, cell) for name, cell in zip(HEADER, LINE, strict=True))


def csv_table(*lines: tuple[str, ...], header: tuple[str, ...] = HEADER, encoding: str = "utf-8-sig") -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([header, *lines])
    return out.getvalue().encode(encoding)


def xlsx_table(*lines: tuple[Any, ...], header: tuple[str, ...] = HEADER) -> bytes:
    book = Workbook()
    sheet = book.active
    for one in (header, *lines):
        sheet.append(one)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
