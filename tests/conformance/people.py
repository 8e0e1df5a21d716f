"""Edge-biased random people: amounts crowd around the steps of the law, families and flags are plentiful."""

from __future__ import annotations

import numpy as np

from assessment.resident.rules.facts import RESIDENT_FACTS
from taxsys.kernel.columns import Batch

PAY_EDGES = np.array(
    [550_999, 651_000, 740_999, 965_000, 1_000_000, 1_065_000, 1_100_000, 1_155_000, 1_190_000, 1_618_999, 1_620_000,
     1_627_999, 1_800_000, 1_900_000, 1_903_999, 2_190_999, 2_193_000, 2_200_000, 2_215_999, 3_599_999, 6_600_000,
     8_499_999, 8_500_000, 10_000_000, 10_950_000, 11_450_000, 11_950_000, 20_000_000, 25_950_000, 26_950_000]
)  # fmt: skip
INCOME_EDGES = np.array(
    [415_000, 450_000, 480_000, 500_000, 550_000, 580_000, 620_000, 750_000, 850_000, 919_000, 1_000_000, 1_050_000,
     1_120_000, 1_330_000, 1_350_000, 3_360_000, 4_890_000, 5_000_000, 9_000_000, 10_000_000, 18_050_000, 24_000_000]
)  # fmt: skip
PREMIUM_EDGES = np.array([5_000, 12_000, 15_000, 20_000, 32_000, 40_000, 50_000, 56_000, 70_000, 100_000])


class Crowd:
    """A seeded source of columns of equal length."""

    def __init__(self, seed: int, rows: int) -> None:
        self.random, self.rows = np.random.default_rng(seed), rows

    def share(self, part: float) -> np.ndarray:
        """Flags that hold for about `part` of the people."""
        return self.random.random(self.rows) < part

    def amount(self, part: float, edges: np.ndarray, top: int) -> np.ndarray:
        """Amounts for about `part` of the people: half at an edge plus or minus a little, half anywhere to `top`."""
        near = self.random.choice(edges, self.rows) + self.random.integers(-2, 3, self.rows)
        wide = (self.random.random(self.rows) ** 3 * top).astype(np.int64)
        value = np.where(self.share(0.5), near, wide)
        return np.where(self.share(part), np.maximum(value, 0), 0)

    def count(self, part: float, top: int = 3) -> np.ndarray:
        """Small counts for about `part` of the people."""
        return np.where(self.share(part), self.random.integers(1, top + 1, self.rows), 0)


def random_people(seed: int, rows: int) -> Batch:
    """A complete RESIDENT_FACTS batch of `rows` people."""
    crowd = Crowd(seed, rows)
    given: dict[str, np.ndarray] = {
        "is_domiciled": crowd.share(0.97),
        "salary_receipts_yen": crowd.amount(0.75, PAY_EDGES, 40_000_000),
        "pension_receipts_yen": crowd.amount(0.35, PAY_EDGES, 15_000_000),
        "spouse_income_yen": crowd.amount(0.6, INCOME_EDGES, 3_000_000),
        "social_insurance_yen": crowd.amount(0.8, PREMIUM_EDGES * 10, 2_000_000),
        "disability_code": crowd.count(0.08, 2),
        "single_parent_code": crowd.count(0.08, 2),
        "housing_loan_code": crowd.count(0.2, 2),
        "housing_loan_available_yen": crowd.amount(0.3, PREMIUM_EDGES * 5, 400_000),
        "national_income_tax_yen": crowd.amount(0.3, PREMIUM_EDGES * 2, 300_000),
        "national_taxable_income_yen": crowd.amount(0.4, INCOME_EDGES, 8_000_000),
        "hometown_donation_yen": crowd.amount(0.2, PREMIUM_EDGES, 300_000),
        "withheld_dividend_tax_yen": crowd.amount(0.1, PREMIUM_EDGES, 200_000),
        "loss_carried_forward_yen": crowd.amount(0.05, INCOME_EDGES, 3_000_000),
    }
    for name, part in {
        "has_local_premises": 0.3, "receives_livelihood_aid": 0.01, "is_minor": 0.03, "is_exempt_at_domicile": 0.2,
        "is_age_65": 0.4, "is_widow": 0.08,
        "is_working_student": 0.05, "has_spouse": 0.5, "is_spouse_elderly": 0.2, "is_spouse_abroad": 0.05,
        "has_dependant_under_23": 0.4, "chooses_self_medication": 0.2, "is_one_stop": 0.5,
    }.items():  # fmt: skip
        given[name] = crowd.share(part)
    for column in RESIDENT_FACTS:
        if column.name in given:
            continue
        if column.kind == "count":
            given[column.name] = crowd.count(0.1 if column.name.startswith("dependants") else 0.04, 2)
        elif column.name.endswith("_donation_yen") or column.name.startswith(("life_", "earth", "old_long")):
            given[column.name] = crowd.amount(0.3, PREMIUM_EDGES, 200_000)
        elif column.minimum < 0:
            sign = np.where(crowd.share(0.3), -1, 1)
            given[column.name] = crowd.amount(0.12, INCOME_EDGES, 12_000_000) * sign
        else:
            given[column.name] = crowd.amount(0.08, INCOME_EDGES, 1_500_000)
    heads = sum(given[name] for name in given if name.startswith("dependants_") and name != "dependants_abroad")
    given["dependants_abroad"] = np.minimum(given["dependants_abroad"], heads)
    given["dividend_income_yen"] = (
        given["dividend_ordinary_yen"] + given["dividend_trust_yen"] + given["dividend_currency_trust_yen"]
        + given["dividend_income_yen"]
    )  # fmt: skip
    return RESIDENT_FACTS.batch(given)
