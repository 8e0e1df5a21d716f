"""How a year's tax is divided between withholders, pensions and bills, and over the instalments."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment.resident import collection_split as split
from assessment.resident.pension_split import PensionColumns, PensionKnown
from assessment.resident.rules.pipeline import resident_law
from assessment.resident.tax_parts import TaxParts, apportion

LAW = resident_law(2026, "012041")
YEN = st.integers(0, 5_000_000_000)


def column(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def parts(city: int, prefecture: int, forest: int = 0) -> TaxParts:
    return TaxParts(column(city), column(prefecture), column(forest))


def unknown(pension: TaxParts) -> split.Pensions:
    """People of whose withholding nothing is known before: the first year."""
    return split.Pensions(pension, PensionColumns.of([PensionKnown()] * len(pension.city_yen)))


def divide(annual: TaxParts, pension: TaxParts, per_capita: int, *, has_withholder: bool) -> dict:
    found = split.shares(annual, unknown(pension), column(per_capita), LAW, has_withholder=np.array([has_withholder]))
    return {one.method: one.instalments[0].tolist() for one in found if one.rows.size}


def test_a_bill_is_cut_to_the_unit_and_the_first_instalment_takes_the_rest() -> None:
    assert divide(parts(61_500, 41_300, 1_000), parts(0, 0), 5_000, has_withholder=False) == {
        "ordinary": [28_800, 25_000, 25_000, 25_000]
    }


def test_withheld_tax_runs_from_june_to_may_in_hundreds() -> None:
    assert divide(parts(61_500, 41_300, 1_000), parts(0, 0), 5_000, has_withholder=True) == {
        "wage": [9_200, *[8_600] * 11]
    }


def test_per_capita_tax_alone_is_collected_at_once() -> None:
    assert divide(parts(3_000, 1_000, 1_000), parts(0, 0), 5_000, has_withholder=False) == {
        "ordinary": [5_000, 0, 0, 0]
    }
    assert divide(parts(3_000, 1_000, 1_000), parts(0, 0), 5_000, has_withholder=True) == {"wage": [5_000, *[0] * 11]}


def test_half_of_the_tax_on_a_pension_is_billed_and_half_withheld_from_october() -> None:
    assert divide(parts(33_000, 21_000, 1_000), parts(30_000, 20_000), 5_000, has_withholder=False) == {
        "pension": [0, 0, 0, 8_400, 8_300, 8_300],
        # 25,000 of the pension in June and August, 5,000 of the rest over all four terms.
        "ordinary": [15_000, 13_000, 1_000, 1_000],
    }


def test_the_billed_half_of_a_pension_is_never_withheld_from_wages() -> None:
    with_wages = divide(parts(63_000, 41_000, 1_000), parts(30_000, 20_000), 5_000, has_withholder=True)
    assert {method: sum(yen) for method, yen in with_wages.items()} == {
        "pension": 25_000, "ordinary": 25_000, "wage": 55_000,
    }  # fmt: skip
    alone = divide(parts(30_000, 20_000), parts(30_000, 20_000), 5_000, has_withholder=True)
    assert {method: sum(yen) for method, yen in alone.items()} == {"pension": 25_000, "ordinary": 25_000}


def test_no_tax_no_share() -> None:
    assert divide(parts(0, 0), parts(0, 0), 0, has_withholder=True) == {}


@pytest.mark.req("R-019")
@given(st.lists(st.tuples(YEN, YEN, st.integers(0, 1000), YEN, YEN, st.booleans()), min_size=1, max_size=20))
def test_shares_and_instalments_always_add_up_to_the_year(people: list[tuple]) -> None:
    city, prefecture, forest, pension_city, pension_prefecture = (
        column(*(row[place] for row in people)) for place in range(5)
    )
    annual = TaxParts(city, prefecture, forest)
    pension = TaxParts(np.minimum(pension_city, city), np.minimum(pension_prefecture, prefecture), np.zeros_like(city))
    flags = np.array([row[5] for row in people])
    total = np.zeros_like(city)
    for one in split.shares(annual, unknown(pension), np.full_like(city, 5_000), LAW, has_withholder=flags):
        total[one.rows] += one.instalments.sum(axis=1)
        each = apportion(one.parts, one.instalments)
        assert (each.total_yen == one.instalments).all()
        assert (each.city_yen.sum(axis=1) == one.parts.city_yen).all()
        assert (each.prefecture_yen.sum(axis=1) == one.parts.prefecture_yen).all()
        assert (each.forest_yen.sum(axis=1) == one.parts.forest_yen).all()
        assert all((one >= 0).all() for one in (each.city_yen, each.prefecture_yen, each.forest_yen))
    assert (total == annual.total_yen).all()


def test_due_dates_roll_to_the_next_open_day() -> None:
    assert split.due_dates("ordinary", 2026) == [
        date(2026, 6, 30), date(2026, 8, 31), date(2026, 11, 2), date(2027, 2, 1)
    ]  # fmt: skip
    assert split.due_dates("wage", 2026)[:3] == [date(2026, 7, 10), date(2026, 8, 10), date(2026, 9, 10)]
    assert split.due_dates("pension", 2026)[-1] == date(2027, 3, 10)


REIWA_6 = resident_law(2024, "012041")


def divide_reduced(
    annual: TaxParts, pension: TaxParts, reduction: TaxParts, *, has_withholder: bool
) -> dict[str, list[int]]:
    """令和6年度: `annual` is what is left, `pension` the part on the pension before the reduction."""
    found = split.shares(
        annual, unknown(pension), column(5_000), REIWA_6, has_withholder=np.array([has_withholder]), reduction=reduction
    )
    return {one.method: one.instalments[0].tolist() for one in found if one.rows.size}


@pytest.mark.req("R-019")
def test_in_reiwa_6_wages_pay_nothing_in_june_and_eleven_parts_from_july() -> None:
    # 250,300 before, three people's 30,000 taken off: 220,300 over eleven months in hundreds, the rest in July.
    assert divide_reduced(parts(131_580, 87_720, 1_000), parts(0, 0), parts(18_000, 12_000), has_withholder=True) == {
        "wage": [0, 20_300, *[20_000] * 10]
    }
    # Nobody's reduction: June takes part as ever.
    assert divide_reduced(parts(61_500, 41_300, 1_000), parts(0, 0), parts(0, 0), has_withholder=True) == {
        "wage": [9_200, *[8_600] * 11]
    }


@pytest.mark.req("R-019")
def test_in_reiwa_6_bills_are_divided_before_the_reduction_and_lowered_from_the_first_on() -> None:
    before = divide(parts(61_500, 41_300, 1_000), parts(0, 0), 5_000, has_withholder=False)["ordinary"]
    assert before == [28_800, 25_000, 25_000, 25_000]
    after = divide_reduced(parts(43_500, 29_300, 1_000), parts(0, 0), parts(18_000, 12_000), has_withholder=False)
    assert after == {"ordinary": [0, 23_800, 25_000, 25_000]}


def test_in_reiwa_6_the_pension_is_lowered_from_october_when_the_bills_are_used_up() -> None:
    # 25,000 billed and 25,000 withheld before; 40,000 taken off: the bills vanish, October is lowered by 15,000.
    assert divide_reduced(parts(6_000, 4_000), parts(30_000, 20_000), parts(24_000, 16_000), has_withholder=False) == {
        "pension": [0, 0, 0, 0, 1_700, 8_300]
    }


@given(YEN, YEN, st.integers(0, 1000), YEN, YEN, YEN, YEN, st.booleans())
def test_in_reiwa_6_no_yen_is_lost_and_none_is_negative(
    city: int, prefecture: int, forest: int, pension_city: int, pension_prefecture: int, off_city: int,
    off_prefecture: int, has_withholder: bool,
) -> None:  # fmt: skip
    annual, off = parts(city, prefecture, forest), parts(off_city, off_prefecture)
    pension = parts(min(pension_city, city + off_city), min(pension_prefecture, prefecture + off_prefecture))
    found = split.shares(
        annual, unknown(pension), column(5_000), REIWA_6, has_withholder=np.array([has_withholder]), reduction=off
    )
    assert sum(int(one.parts.city_yen.sum()) for one in found) == city
    assert sum(int(one.parts.prefecture_yen.sum()) for one in found) == prefecture
    for one in found:
        assert (one.instalments.sum(axis=1) == one.parts.total_yen).all()
        assert one.instalments.min(initial=0) >= 0


def test_reiwa_7_divides_the_reduced_tax_as_ever() -> None:
    law = resident_law(2025, "012041")
    found = split.shares(
        parts(61_500, 41_300, 1_000), unknown(parts(0, 0)), column(5_000), law, has_withholder=np.array([True]),
        reduction=parts(6_000, 4_000),
    )  # fmt: skip
    assert {one.method: one.instalments[0].tolist() for one in found if one.rows.size} == {
        "wage": [9_200, *[8_600] * 11]
    }
