"""Why a tax differs from last year's: every yen has a reason, found by the same rules, and the reasons add up."""

import numpy as np
import pytest

from assessment.resident.rules.facts import RESIDENT_FACTS
from assessment.resident.rules.pipeline import compute, resident_law
from assessment.resident.rules.year_change import FACT_GROUPS, REASONS, ungrouped_columns, year_change
from tests.conformance.people import random_people

CITY_CODE = "012041"


def test_every_fact_stands_in_exactly_one_group() -> None:
    assert ungrouped_columns() == set()
    assert len({code for code, _ in REASONS}) == len(REASONS) == len(FACT_GROUPS) + 5


@pytest.mark.req("R-016")
def test_reasons_add_up_to_the_yen_for_random_pairs_of_years() -> None:
    base, now = random_people(11, 4000), random_people(12, 4000)
    last, this = resident_law(2025, CITY_CODE), resident_law(2026, CITY_CODE)
    change = year_change(base, last, now, this)
    before, after = compute(base, last).columns["annual_tax_yen"], compute(now, this).columns["annual_tax_yen"]
    assert np.array_equal(sum(change.parts.values()), after - before)
    assert np.array_equal(change.base, before)
    assert np.array_equal(change.now, after)


def test_each_cause_is_named_and_nothing_else() -> None:
    law = resident_law(2026, CITY_CODE)
    same = RESIDENT_FACTS.batch({"salary_receipts_yen": [5_000_000] * 3, "social_insurance_yen": [700_000] * 3})
    now = dict(same)
    now["salary_receipts_yen"] = np.array([5_500_000, 5_000_000, 5_000_000])
    now["social_insurance_yen"] = np.array([700_000, 700_000, 800_000])
    now["dependants_general"] = np.array([0, 1, 0], dtype=np.int32)
    change = year_change(same, law, now, law)
    named = [{code for code, yen in change.parts.items() if yen[row]} for row in range(3)]
    assert named == [{"salary"}, {"family"}, {"insurance"}]
    # 330,000 yen less base at 10 % of levy, less the change of the adjustment credit's floor.
    assert int(change.parts["family"][1]) == -33_000
    assert int(change.parts["insurance"][2]) == -10_000


def test_the_effect_of_the_law_alone() -> None:
    """令和8: the least 給与所得控除 rose to 650,000 yen; who earns 1,500,000 yen pays less on equal pay."""
    facts = RESIDENT_FACTS.batch({"salary_receipts_yen": [1_500_000]})
    change = year_change(facts, resident_law(2025, CITY_CODE), facts, resident_law(2026, CITY_CODE))
    assert {code for code, yen in change.parts.items() if yen[0]} == {"law"}
    assert int(change.parts["law"][0]) == -10_000
