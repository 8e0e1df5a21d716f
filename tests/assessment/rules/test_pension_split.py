"""年金特別徴収: first year, 仮徴収 and 本徴収 of the years after, stops, to the yen and without a yen lost."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment.resident.pension_split import PensionColumns, PensionKnown, pension_split, provisional_months
from assessment.resident.rules.pipeline import resident_law
from assessment.resident.tax_parts import TaxParts

LAW = resident_law(2027, "012041")
TAX = st.integers(0, 40_000_000)


def column(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def parts(total: int) -> TaxParts:
    """Six tenths are the city's."""
    prefecture = total * 2 // 5
    return TaxParts(column(total - prefecture), column(prefecture), column(0))


def spring(last_year: int) -> tuple[int, ...]:
    return tuple(provisional_months(column(last_year), LAW)[0].tolist())


def months(total: int, known: PensionKnown) -> list[int]:
    return pension_split(parts(total), PensionColumns.of([known]), LAW).instalments[0].tolist()


@pytest.mark.req("R-153")
@pytest.mark.parametrize(
    ("last_year", "this_year", "expected"),
    [
        # The published sequence: 60,000, then 36,000, then 60,000.
        (60_000, 36_000, [10_000, 10_000, 10_000, 2_000, 2_000, 2_000]),
        (36_000, 60_000, [6_000, 6_000, 6_000, 14_000, 14_000, 14_000]),
        (60_000, 60_000, [10_000] * 6),
        # Hundreds; the odd yen in April and October.
        (50_300, 61_000, [8_550, 8_300, 8_300, 12_050, 11_900, 11_900]),
        # Below the 仮徴収: nothing from October on, August and June lowered.
        (60_000, 14_000, [10_000, 4_000, 0, 0, 0, 0]),
        (60_000, 0, [0] * 6),
    ],
)  # fmt: skip
def test_from_the_second_year_on_spring_withholds_half_of_last_year_and_autumn_the_rest(
    last_year: int, this_year: int, expected: list[int]
) -> None:
    assert months(this_year, PensionKnown(spring(last_year))) == expected


def test_the_first_year_withholds_half_from_october() -> None:
    assert months(50_000, PensionKnown()) == [0, 0, 0, 8_400, 8_300, 8_300]
    found = pension_split(parts(50_000), PensionColumns.of([PensionKnown()]), LAW)
    assert int(found.first_year_bill.total_yen[0]) == 25_000


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (PensionKnown((10_000,) * 3, stopped_from=1), [0] * 6),
        (PensionKnown((10_000,) * 3, stopped_from=3), [10_000, 10_000, 0, 0, 0, 0]),
        (PensionKnown((10_000,) * 3, stopped_from=3, partial_yen=1_200), [10_000, 10_000, 1_200, 0, 0, 0]),
        (PensionKnown((10_000,) * 3, stopped_from=4), [10_000, 10_000, 10_000, 0, 0, 0]),
        (PensionKnown((10_000,) * 3, stopped_from=5), [10_000, 10_000, 10_000, 10_000, 0, 0]),
        (PensionKnown(stopped_from=4), [0] * 6),
    ],
)
def test_after_a_stop_only_what_was_withheld_stays_and_the_rest_is_billed(
    known: PensionKnown, expected: list[int]
) -> None:
    assert months(60_000, known) == expected
    found = pension_split(parts(60_000), PensionColumns.of([known]), LAW)
    assert int(found.billed.total_yen[0]) == 60_000 - sum(expected)


@pytest.mark.req("R-153")
@given(st.lists(TAX, min_size=3, max_size=3), st.integers(1, 7), st.integers(0, 9_000_000))
def test_over_three_years_no_yen_is_lost_and_none_is_negative(taxes: list[int], stop: int, partial: int) -> None:
    known = PensionKnown()
    for place, tax in enumerate(taxes):
        is_last = place == len(taxes) - 1
        if is_last:
            known = PensionKnown(known.provisional, stop, partial)
        found = pension_split(parts(tax), PensionColumns.of([known]), LAW)
        whole = found.withheld.plus(found.billed).plus(found.first_year_bill)
        assert (whole.city_yen, whole.prefecture_yen) == (parts(tax).city_yen, parts(tax).prefecture_yen)
        assert found.instalments.sum() == found.withheld.total_yen[0]
        assert all((one >= 0).all() for one in (found.instalments, found.withheld.city_yen, found.billed.city_yen))
        assert all(yen % 100 == 0 for yen in found.instalments[0][4:]) or (is_last and partial)
        spring_yen = found.instalments[0][:3]
        assert (spring_yen <= column(*known.provisional)).all()
        known = PensionKnown(spring(tax))
