"""点検の記録 as a workbook: the result, what was found, every component with its hashes."""

import io
from collections.abc import Sequence
from datetime import date, datetime

import xlsxwriter

from taxsys.platform.components.advisories import Comparison
from taxsys.platform.components.inventory import Component

FOUND_HEAD = ("確からしさ", "環境", "部品", "版", "脆弱性", "別名", "重大さ", "直った版", "概要")
PARTS_HEAD = ("環境", "部品", "版", "ライセンス", "使うもの", "ハッシュ")


def found_rows(comparison: Comparison) -> list[tuple[str, ...]]:
    """One row a finding, in the order of FOUND_HEAD."""
    return [
        (
            "該当" if one.certain else "要確認",
            one.component.ecosystem,
            one.component.name,
            one.component.version,
            one.advisory,
            " ".join(one.aliases),
            one.severity,
            " ".join(one.fixed) or "なし",
            one.summary,
        )
        for one in comparison.findings
    ]


def part_rows(components: Sequence[Component]) -> list[tuple[str, ...]]:
    """One row a component, in the order of PARTS_HEAD."""
    return [
        (one.ecosystem, one.name, one.version, one.licence, " ".join(one.needed_by), " ".join(one.hashes))
        for one in components
    ]


def workbook_of(
    about: Sequence[tuple[str, str]], comparison: Comparison, components: Sequence[Component], *, made_on: date
) -> bytes:
    """The workbook: sheets 結果, 該当, 部品."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(buffer, options)
    book.set_properties({"created": datetime(made_on.year, made_on.month, made_on.day)})  # noqa: DTZ001 -- a day
    sheets = (
        ("結果", ("項目", "内容"), about),
        ("該当", FOUND_HEAD, found_rows(comparison)),
        ("部品", PARTS_HEAD, part_rows(components)),
    )
    for title, head, rows in sheets:
        sheet = book.add_worksheet(title)
        for at, row in enumerate((head, *rows)):
            for column, text in enumerate(row):
                sheet.write_string(at, column, text[:32_000])
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(head) - 1, 20)
    book.close()
    return buffer.getvalue()
