"""The sentence of what changed since last year: base, difference, the largest reasons; their yen are the difference."""

import pytest

from assessment.models import ComparisonKind, YearComparison
from assessment.resident.comparison_words import year_words


def row(kind: str = ComparisonKind.CONTINUING, base: int = 100_000, **parts: int) -> YearComparison:
    difference = sum(parts.values())
    return YearComparison(kind=kind, base_yen=base, now_yen=base + difference, difference_yen=difference,
                          **{f"{code}_yen": yen for code, yen in parts.items()})  # fmt: skip


@pytest.mark.parametrize(
    ("compared", "words"),
    [
        (
            row(salary=15_000, law=-2_700),
            "前年度(令和7年度)の年税額100,000円より12,300円増えました。"
            "理由は、給与収入による15,000円の増、税制改正による2,700円の減です。",
        ),
        (
            row(family=-33_000, salary=1_000, insurance=-2_000, donation=-4_000, expense=500),
            "前年度(令和7年度)の年税額100,000円より37,500円減りました。"
            "理由は、配偶者・扶養親族による33,000円の減、寄附金による4,000円の減、社会保険料・保険料の控除による2,000円の減、"
            "ほか2件で差引き1,500円の増です。",
        ),
        (row(), "前年度(令和7年度)と同じ年税額です。"),
        (
            row(salary=5_000, insurance=-5_000),
            "前年度(令和7年度)と同じ年税額です。"
            "理由は、給与収入による5,000円の増、社会保険料・保険料の控除による5,000円の減です。",
        ),
        (
            row(ComparisonKind.NEW, base=0, new=50_000),
            "前年度(令和7年度)の決定はなく、本年度から課税計算の対象になりました。",
        ),
    ],
)
def test_the_sentence_tells_difference_and_reasons(compared: YearComparison, words: str) -> None:
    assert year_words(compared, 2026) == words
