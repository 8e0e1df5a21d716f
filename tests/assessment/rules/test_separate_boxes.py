"""What the third and fourth tables of a return say, as facts: read back exactly, or told as a contradiction."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment.resident import separate_boxes
from assessment.resident.consolidation import Paper, Subject, consolidate
from assessment.resident.facts import facts_columns
from assessment.resident.rules.facts import RESIDENT_FACTS
from assessment.resident.rules.pipeline import compute, resident_law
from assessment.resident.separate_boxes import LAND_KINDS, separate_facts
from assessment.sources.contents import CONTENTS, TAX_RETURN

YEN = st.integers(-99_999_999_999, 99_999_999_999)
PLAIN = st.integers(0, 50_000_000)


def test_the_amounts_read_back_are_those_of_the_rules() -> None:
    law = resident_law(2026, "012041")
    assert law["resident.income.gains_special_deduction"].integer == separate_boxes.GAINS_SPECIAL_YEN
    assert law["resident.income.forestry_special_deduction"].integer == separate_boxes.FORESTRY_SPECIAL_YEN
    assert law["resident.deduction.self_medication_floor"].integer == separate_boxes.SELF_MEDICATION_FLOOR_YEN


def test_a_resident_return_has_the_boxes_of_a_national_one() -> None:
    assert CONTENTS["resident_return"] == CONTENTS["return"] == TAX_RETURN
    names = [box.name for box in TAX_RETURN]
    assert len(names) == len(set(names))


@given(st.dictionaries(st.sampled_from([box.name for box in TAX_RETURN if box.kind == "yen"]), YEN))
def test_whatever_is_written_gives_known_facts_of_whole_yen(content: dict[str, int]) -> None:
    facts, differences = separate_facts(content)
    known = {column.name for column in RESIDENT_FACTS}
    assert set(facts) <= known
    assert all(type(value) is int for value in facts.values())
    assert all(len(one) == 3 for one in differences)
    total = facts["dividend_ordinary_yen"] + facts["dividend_trust_yen"] + facts["dividend_currency_trust_yen"]
    if all(content.get(f"dividend_{kind}_yen", 0) >= 0 for kind in ("trust", "currency_trust", "no_credit")):
        assert total <= max(content.get("dividend_income_yen", 0), 0)


@given(st.tuples(*[PLAIN] * 5), st.tuples(*[PLAIN] * 5))
def test_land_incomes_of_the_paper_are_the_incomes_after_the_special_deductions(
    incomes: tuple[int, ...], specials: tuple[int, ...]
) -> None:
    content = {f"{kind}_income_yen": yen for kind, yen in zip(LAND_KINDS, incomes, strict=True)}
    content |= {f"{kind}_special_yen": yen for kind, yen in zip(LAND_KINDS, specials, strict=True)}
    facts, differences = separate_facts(content)
    left = [facts.get(f"{kind}_gain_yen", 0) - facts.get(f"{kind}_special_yen", 0) for kind in LAND_KINDS]
    assert left == list(incomes)
    assert differences == []


def test_dividends_of_three_kinds_get_three_rates() -> None:
    facts, differences = separate_facts(
        {"dividend_income_yen": 900_000, "dividend_trust_yen": 300_000, "dividend_currency_trust_yen": 200_000,
         "dividend_no_credit_yen": 100_000}
    )  # fmt: skip
    assert facts["dividend_ordinary_yen"] == 300_000
    assert differences == []
    assert separate_facts({"dividend_income_yen": 1, "dividend_trust_yen": 5})[1] == [("dividend_kinds", 1, 5)]


def test_a_balance_on_the_paper_goes_before_what_it_sets_off() -> None:
    facts, _ = separate_facts({"shares_loss_carried_yen": 700_000, "shares_loss_used_yen": 100_000})
    assert facts["shares_loss_carried_yen"] == 700_000


@pytest.mark.parametrize("kind", ["return", "resident_return"])
def test_losses_and_foreign_tax_reach_the_levy(kind: str) -> None:
    content = {
        "business_income_yen": 6_000_000, "loss_carried_forward_yen": 1_000_000, "casualty_carried_yen": 500_000,
        "foreign_tax_limit_yen": 100_000, "foreign_tax_excess_yen": 20_000,
    }  # fmt: skip
    subject = Subject(birth_on=date(1970, 1, 2), sex="2", tax_year=2026)
    found = consolidate(subject, [Paper(1, kind, content, date(2026, 3, 1))])
    columns = compute(facts_columns([found]), resident_law(2026, "012041")).columns
    assert int(columns["gross_income_yen"][0]) == 4_500_000
    assert int(columns["net_loss_used_yen"][0]) == 1_000_000
    # 12 % of the national limit for the prefecture, then the rest up to 18 % for the city.
    names = ("foreign_credit_prefecture_yen", "foreign_credit_city_yen")
    assert [int(columns[name][0]) for name in names] == [12_000, 8_000]


def test_a_gain_and_a_loss_beside_each_other_are_told() -> None:
    assert separate_facts({"short_gain_after_yen": -1, "long_gain_after_yen": 5})[1] == [("gains_not_netted", -1, 5)]
