"""課税状況の統計: how many people stand in each band of income, and what they are taxed. F-PI (統計), R-172.

Sums of whole bands in thousands of yen; nothing in it names, numbers or singles out a person.
"""

from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, Sum, Value, When

from assessment.decisions.selectors import standing_decisions
from assessment.models import ResidentResult
from taxsys.platform.datasets.declaration import Column, Dataset

_RESULT = "assessment.ResidentResult."
# Upper ends of the bands of total income (合計所得金額), in yen; the last band has none.
BANDS: tuple[int, ...] = (
    0, 1_000_000, 2_000_000, 3_000_000, 4_000_000, 5_500_000, 7_000_000, 10_000_000, 20_000_000,
)  # fmt: skip
_SUMS = ("total_income_yen", "total_deduction_yen", "taxable_income_yen", "city_tax_yen", "prefectural_tax_yen")


def band_ja(number: int) -> str:
    """The band in words: 0円, 100万円以下, …, 2,000万円超."""
    if number == 0:
        return "0円"
    if number == len(BANDS):
        return f"{BANDS[-1] // 10_000:,}万円超"
    return f"{BANDS[number] // 10_000:,}万円以下"


def income_band_rows(params: Mapping[str, int]) -> Iterable[Sequence[int | str]]:
    """One row a band with people in it: the band, people, people taxed on income, sums in thousands of yen."""
    standing = standing_decisions(tax_year=params["tax_year"]).filter(party=OuterRef("party"), run=OuterRef("run"))
    cases = [When(total_income_yen__lte=end, then=Value(number)) for number, end in enumerate(BANDS)]
    found = (
        ResidentResult.objects.filter(Exists(standing))
        .annotate(band=Case(*cases, default=Value(len(BANDS)), output_field=IntegerField()))
        .values("band")
        .annotate(
            people=Count("pk"),
            taxed=Count("pk", Q(income_levy_city_yen__gt=0)),
            **{f"sum_{name}": Sum(name) for name in _SUMS},
        )
        .order_by("band")
    )
    for band, people, taxed, *sums in found.values_list("band", "people", "taxed", *(f"sum_{name}" for name in _SUMS)):
        yield (band_ja(band), people, taxed, *(int(one) // 1000 for one in sums))


INCOME_BANDS = Dataset(
    id="resident-income-bands",
    title_ja="個人住民税 所得段階別の課税状況",
    use="statistics",
    note_ja="決定中の納税義務者を合計所得金額の段階で集計したもの。金額は千円（千円未満切捨て）。",
    columns=(
        Column(name="band", title_ja="合計所得金額の段階", fields=(_RESULT + "total_income_yen",)),
        Column(name="people", title_ja="人数"),
        Column(name="taxed", title_ja="うち所得割のある人", fields=(_RESULT + "income_levy_city_yen",)),
        Column(name="income", title_ja="合計所得金額（千円）", fields=(_RESULT + "total_income_yen",)),
        Column(name="deduction", title_ja="所得控除（千円）", fields=(_RESULT + "total_deduction_yen",)),
        Column(name="base", title_ja="課税標準額（千円）", fields=(_RESULT + "taxable_income_yen",)),
        Column(name="city_tax", title_ja="市民税（千円）", fields=(_RESULT + "city_tax_yen",)),
        Column(name="prefectural_tax", title_ja="道民税（千円）", fields=(_RESULT + "prefectural_tax_yen",)),
    ),
    rows=income_band_rows,
)
