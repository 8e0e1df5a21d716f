"""The ledger of carried losses: oldest first, never more than arose, never below zero, lapsing after its years."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment.resident.loss_lots import LossYear, loss_ledger
from assessment.resident.rules.pipeline import resident_law
from assessment.resident.separate_boxes import CarriedLoss, separate_facts

YEARS = st.lists(
    st.builds(LossYear, st.integers(2020, 2032), st.integers(0, 10**9), st.integers(0, 10**9), st.sampled_from([3, 5])),
    unique_by=lambda one: one.tax_year,
)


@given(YEARS, st.randoms())
def test_what_was_used_never_exceeds_what_arose_and_no_order_of_years_matters(
    years: list[LossYear], shuffler: random.Random
) -> None:
    ledger = loss_ledger(years)
    for lot in ledger.lots:
        assert 0 <= lot.remaining_yen <= lot.arising_yen
        assert all(lot.origin < year <= lot.last_year for year in lot.used_by_year)
    taken = sum(sum(lot.used_by_year.values()) for lot in ledger.lots)
    assert taken + sum(ledger.beyond_yen.values()) == sum(one.used_yen for one in years)
    assert all(yen > 0 for yen in ledger.beyond_yen.values())
    mixed = list(years)
    shuffler.shuffle(mixed)
    assert loss_ledger(mixed) == ledger


@given(YEARS)
def test_a_younger_loss_is_not_touched_while_an_older_one_is_open(years: list[LossYear]) -> None:
    ledger = loss_ledger(years)
    for older, younger in zip(ledger.lots, ledger.lots[1:], strict=False):
        for year, yen in younger.used_by_year.items():
            after = sum(used for when, used in older.used_by_year.items() if when <= year)
            assert yen == 0 or older.arising_yen == after or year > older.last_year


def test_three_years_and_then_it_lapses() -> None:
    ledger = loss_ledger([LossYear(2026, 1_000, 0, 3), LossYear(2028, 0, 400, 3)])
    assert [ledger.open_yen(year) for year in (2026, 2027, 2029, 2030)] == [0, 600, 600, 0]
    assert (ledger.lapsing_yen(2028), ledger.lapsing_yen(2029)) == (0, 600)
    disaster = loss_ledger([LossYear(2026, 1_000, 0, 5)])
    assert [disaster.open_yen(year) for year in (2031, 2032)] == [1_000, 0]


def test_the_years_are_those_of_the_law() -> None:
    law = resident_law(2026, "012041")
    assert law["resident.loss.carry_years"].integer == 3
    assert law["resident.loss.carry_years_disaster"].integer == 5


def test_the_ledger_speaks_where_the_paper_is_silent_and_is_compared_where_it_is_not() -> None:
    losses = {"net": CarriedLoss(700_000), "shares": CarriedLoss(300_000, 100_000)}
    facts, found = separate_facts({}, losses)
    assert (facts["loss_carried_forward_yen"], facts["shares_loss_carried_yen"]) == (700_000, 300_000)
    assert found == []
    facts, found = separate_facts({"loss_carried_forward_yen": 900_000}, losses)
    assert facts["loss_carried_forward_yen"] == 900_000
    assert found == [("carried_net", 900_000, 700_000)]
    assert separate_facts({"carried_used_yen": 800_000}, losses)[1] == [("carried_net", 800_000, 700_000)]


@pytest.mark.parametrize(
    ("goes_on", "gain", "differences"),
    [
        # 300,000 of the ledger, 50,000 set off, 50,000 of the last year lapse: 200,000 go on by themselves.
        (200_000, 0, []),
        (650_000, -450_000, []),
        (150_000, 0, [("shares_goes_on", 150_000, 200_000)]),
    ],
)
def test_a_loss_of_this_year_is_read_from_what_goes_on(
    goes_on: int, gain: int, differences: list[tuple[str, int, int]]
) -> None:
    content = {"shares_loss_used_yen": 50_000, "shares_loss_next_yen": goes_on}
    facts, found = separate_facts(content, {"shares": CarriedLoss(300_000, 100_000)})
    assert (facts["shares_listed_gain_yen"], found) == (gain, differences)
