"""徴収取扱費の計算 (fee for levying and collecting the prefecture's tax): pure, whole yen.

地方税法47条1項. Counts and sums come in, five parts with their arithmetic in words go out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from taxsys.kernel.rates import Rate
from taxsys.kernel.rounding import floor_1

PARTS_JA: Mapping[str, str] = {
    "taxpayers": "納税義務者数による額（1号）",
    "refunds": "払込後の過誤納の還付（2号）",
    "interest": "還付加算金（3号）",
    "rewards": "納期前納付の報奨金（4号）",
    "shortfalls": "配当割額等の控除不足額（5号）",
}


@dataclass(frozen=True, slots=True)
class FeeLaw:
    """徴収取扱費の定め: yen a taxpayer, the prefecture's share of shortfalls, the months of each term."""

    per_taxpayer_yen: int
    shortfall_share: Rate
    terms: Sequence[Sequence[int]]

    def period(self, fiscal_year: int, term: int) -> tuple[date, date]:
        """First day of a term (from 1) of a fiscal year and of the month after it. ValueError for no such term."""
        if not 1 <= term <= len(self.terms):
            raise ValueError(f"no term {term}")
        months = self.terms[term - 1]
        first, last = months[0], months[-1]
        start = date(fiscal_year + (first < 4), first, 1)
        end_year, end_month = (fiscal_year + (last < 4), last + 1) if last < 12 else (fiscal_year + 1, 1)
        return start, date(end_year, end_month, 1)


@dataclass(frozen=True, slots=True)
class InterestPaid:
    """還付加算金 of one tax year in the term, and what of that year's levies is the prefecture's, in yen."""

    tax_year: int
    interest_yen: int
    prefecture_yen: int
    total_yen: int


@dataclass(frozen=True, slots=True)
class FeePart:
    """One part: its number in the law by name, the arithmetic in words, yen."""

    part: str
    formula_ja: str
    yen: int


def fee_parts(
    *, taxpayers: int, counted_before: int, interest: Sequence[InterestPaid], shortfall_yen: int, law: FeeLaw
) -> list[FeePart]:
    """The five parts of a term. Refunds (2号) are 0: reductions are set off in the next month's remittance already."""
    new = taxpayers - counted_before
    shares = [floor_1(one.interest_yen * one.prefecture_yen, one.total_yen) if one.total_yen else 0 for one in interest]
    words = "、".join(
        f"{one.tax_year}年度 {one.interest_yen:,}円×{one.prefecture_yen:,}÷{one.total_yen:,}＝{share:,}円"
        for one, share in zip(interest, shares, strict=True)
    )
    share = law.shortfall_share
    return [
        FeePart(
            "taxpayers",
            f"（{taxpayers:,}人－前期までの{counted_before:,}人）×{law.per_taxpayer_yen:,}円",
            new * law.per_taxpayer_yen,
        ),
        FeePart("refunds", "減額と還付は翌月の払込で差し引いて精算済み", 0),
        FeePart("interest", words or "支払なし", sum(shares)),
        FeePart("rewards", "報奨金の制度なし", 0),
        FeePart(
            "shortfalls", f"{shortfall_yen:,}円×{share.num}/{share.den}（1円未満切捨て）",
            floor_1(shortfall_yen * share.num, share.den),
        ),
    ]  # fmt: skip
