"""前年から何が変わったか (what changed since last year), one sentence for the telephone and the calculation sheet.

The reasons are those found by recomputing (rules.year_change); their yen add up to the difference (N16).
"""

from assessment.models import ComparisonKind, YearComparison
from assessment.resident.comparison_selectors import ReasonPart, reasons_of
from taxsys.kernel import wareki
from taxsys.kernel.yen import format_yen

TOLD_MAX = 3


def year_words(row: YearComparison, tax_year: int) -> str:
    """The sentence for one person's comparison; the largest reasons by name, the others together."""
    last = f"前年度({wareki.format_year(tax_year - 1)}年度)"
    if row.kind == ComparisonKind.NEW:
        return f"{last}の決定はなく、本年度から課税計算の対象になりました。"
    difference = row.difference_yen
    if difference:
        told = f"{last}の年税額{format_yen(row.base_yen)}より{format_yen(abs(difference))}"
        told += "増えました。" if difference > 0 else "減りました。"
    else:
        told = f"{last}と同じ年税額です。"
    parts = sorted(reasons_of(row), key=lambda part: -abs(part.yen))
    if not parts:
        return told
    words = "、".join(_part(part) for part in parts[:TOLD_MAX])
    others = parts[TOLD_MAX:]
    rest = f"、ほか{len(others)}件で差引き{_moved(sum(part.yen for part in others))}" if others else ""
    return f"{told}理由は、{words}{rest}です。"


def _part(part: ReasonPart) -> str:
    return f"{part.title_ja}による{_moved(part.yen)}"


def _moved(yen: int) -> str:
    if yen == 0:
        return "0円"
    return f"{format_yen(abs(yen))}の{'増' if yen > 0 else '減'}"
