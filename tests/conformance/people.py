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
GAIN_EDGES = np.array(
    [0, 430_000, 450_000, 500_000, 1_000_000, 1_950_000, 2_000_000, 3_300_000, 6_950_000, 9_000_000, 9_750_000,
     10_000_000, 16_500_000, 18_050_000, 20_000_000, 25_000_000, 30_000_000, 40_000_000, 50_000_000, 60_000_000]
)  # fmt: skip
TOTAL_LINES = np.array([10_000_000, 18_050_000, 24_000_000, 25_000_000, 30_000_000, 30_000_000])
SPECIAL_EDGES = np.array([1_000_000, 8_000_000, 15_000_000, 20_000_000, 30_000_000, 50_000_000])
LAW_LIMIT_EDGES = np.array([0, 8, 9, 17, 100, 10_000, 99_999, 333_333, 1_000_000])
RELIEF_EDGES = np.array([100, 500, 1_000, 3_000, 4_000, 50_000, 300_000])
STEPS_ASIDE = np.array([-1_000, -2, -1, 0, 0, 0, 1, 2, 999, 1_000, 2_000, 430_000, 431_000])
LAND_KINDS = ("short_land", "short_state", "long_land", "long_housing", "long_home")
OUTSIDE_GENERAL = (
    *(f"{kind}_gain_yen" for kind in LAND_KINDS), "shares_unlisted_gain_yen", "shares_listed_gain_yen",
    "listed_dividend_yen", "futures_income_yen", "forestry_income_yen", "retirement_income_yen",
)  # fmt: skip
LOSSES_OF = {
    "loss_carried_forward_yen": ("salary_receipts_yen", "forestry_income_yen", "retirement_income_yen"),
    "home_loss_yen": ("salary_receipts_yen", "forestry_income_yen", "retirement_income_yen"),
    "home_loss_carried_yen": ("long_land_gain_yen", "long_home_gain_yen", "short_land_gain_yen"),
    "casualty_carried_yen": ("salary_receipts_yen", "short_state_gain_yen", "shares_unlisted_gain_yen"),
    "shares_loss_carried_yen": ("shares_listed_gain_yen", "listed_dividend_yen"),
    "futures_loss_carried_yen": ("futures_income_yen",),
}
KEPT_BARE = ("spouse_income_yen", "casualty_loss_yen")
RARE, RICH = 0.06, 0.35
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

    def gain(self, part: np.ndarray, losses: float = 0.3) -> np.ndarray:
        """Amounts for a `part` of the people given one by one, near a step of the law or anywhere; some are losses."""
        near = self.random.choice(GAIN_EDGES, self.rows) + self.random.choice(STEPS_ASIDE, self.rows)
        wide = (self.random.random(self.rows) ** 3 * 80_000_000).astype(np.int64)
        value = np.where(self.share(0.5), near, wide) * np.where(self.share(losses), -1, 1)
        return np.where(self.random.random(self.rows) < part, value, 0)


def separate_people(crowd: Crowd, given: dict[str, np.ndarray]) -> None:
    """Forestry, retirement, separate incomes and carried losses: rare alone, frequent together for a few people."""
    is_rich, is_losing = crowd.share(0.08), crowd.share(0.03)
    rich = np.where(is_rich, RICH, RARE)
    part = np.where(is_losing, 0.7, np.where(is_rich, RICH, 0.1))
    for name in ("short_gain_yen", "long_gain_yen", "occasional_income_yen", "business_income_yen"):
        value = crowd.amount(1, INCOME_EDGES, 12_000_000)
        if name != "occasional_income_yen":
            loses = np.where(is_losing, name == "business_income_yen", crowd.share(0.4))
            value = np.where(loses, -value, value)
        given[name] = np.where(crowd.random.random(crowd.rows) < part, value, 0)
    for kind in LAND_KINDS:
        gain = crowd.gain(rich)
        stated = crowd.random.choice(SPECIAL_EDGES, crowd.rows) + crowd.random.integers(-1, 2, crowd.rows)
        like = np.maximum(gain + crowd.random.choice(STEPS_ASIDE, crowd.rows), 0)
        special = np.where(crowd.share(0.6), stated, like)
        given[f"{kind}_gain_yen"] = gain
        given[f"{kind}_special_yen"] = np.where((gain > 0) & crowd.share(0.5) | crowd.share(0.01), special, 0)
    for name in ("shares_unlisted_gain_yen", "shares_listed_gain_yen", "futures_income_yen", "forestry_income_yen"):
        given[name] = crowd.gain(rich)
    for name in ("listed_dividend_yen", "retirement_income_yen"):
        given[name] = np.maximum(crowd.gain(rich, losses=0), 0)
    for name, incomes in LOSSES_OF.items():
        like = sum(np.maximum(given[income], 0) for income in incomes)
        like = like + crowd.random.choice(STEPS_ASIDE, crowd.rows)
        loss = np.where(crowd.share(0.4), like, np.abs(crowd.gain(np.ones(crowd.rows))))
        given[name] = np.where(crowd.random.random(crowd.rows) < rich, np.maximum(loss, 0), 0)


def without_wages(crowd: Crowd, given: dict[str, np.ndarray]) -> None:
    """Some have nothing but one or two kinds of income outside the general base, and give: K of the ratio is negative.

    A third of them have one kind alone, a yen below, at or above a line that total income is measured with.
    """
    bare, alone = crowd.share(0.06), crowd.share(0.33)
    cleared = bare & (alone | crowd.share(0.93))
    for name in list(given):
        if name.endswith(("_receipts_yen", "_gain_yen", "_income_yen", "_loss_yen")) and name not in KEPT_BARE:
            given[name] = np.where(cleared, 0, given[name])
    everyone = np.ones(crowd.rows)
    line = crowd.random.choice(TOTAL_LINES, crowd.rows) + crowd.random.integers(-1, 2, crowd.rows)
    for turn in range(2):
        chosen, amount = crowd.random.integers(0, len(OUTSIDE_GENERAL), crowd.rows), crowd.gain(everyone, losses=0)
        amount = np.where(alone, line, np.maximum(amount, 0))
        take = bare & (crowd.share(0.8) & ~alone | (alone if turn == 0 else False))
        for number, name in enumerate(OUTSIDE_GENERAL):
            value = np.where(alone, amount + 500_000, amount) if name == "forestry_income_yen" else amount
            given[name] = np.where(take & (chosen == number), value, given[name])
    for name, top in (("hometown_donation_yen", 3_000_000), ("home_loss_carried_yen", 20_000_000)):
        amount = crowd.amount(0.6, PREMIUM_EDGES, top)
        given[name] = np.where(bare, amount, given[name])


def foreign_and_relief(crowd: Crowd, given: dict[str, np.ndarray]) -> None:
    """Foreign tax that crowds around the parts of its limit, and reliefs that sometimes exceed the tax."""
    has = crowd.share(0.08)
    limit = np.where(has & crowd.share(0.9), crowd.amount(1, LAW_LIMIT_EDGES, 2_000_000), 0)
    part = crowd.random.choice(np.array([6, 12, 18, 24, 30]), crowd.rows)
    near = np.maximum(limit * part // 100 + crowd.random.integers(-1, 2, crowd.rows), 0)
    excess = np.where(crowd.share(0.7), near, crowd.amount(1, LAW_LIMIT_EDGES, 1_000_000))
    given["foreign_tax_limit_yen"], given["foreign_tax_excess_yen"] = limit, np.where(has, excess, 0)
    for name in ("relief_city_yen", "relief_prefecture_yen", "relief_forest_yen"):
        given[name] = crowd.amount(0.03, RELIEF_EDGES, 200_000)


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
    }
    for name, part in {
        "has_local_premises": 0.3, "receives_livelihood_aid": 0.01, "is_minor": 0.03, "is_exempt_at_domicile": 0.2,
        "is_age_65": 0.4, "is_widow": 0.08,
        "is_working_student": 0.05, "has_spouse": 0.5, "is_spouse_elderly": 0.2, "is_spouse_abroad": 0.05,
        "has_dependant_under_23": 0.4, "chooses_self_medication": 0.2, "is_one_stop": 0.5,
    }.items():  # fmt: skip
        given[name] = crowd.share(part)
    separate_people(crowd, given)
    foreign_and_relief(crowd, given)
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
    without_wages(crowd, given)
    heads = sum(given[name] for name in given if name.startswith("dependants_") and name != "dependants_abroad")
    given["dependants_abroad"] = np.minimum(given["dependants_abroad"], heads)
    given["dividend_income_yen"] = (
        given["dividend_ordinary_yen"] + given["dividend_trust_yen"] + given["dividend_currency_trust_yen"]
        + given["dividend_income_yen"]
    )  # fmt: skip
    return RESIDENT_FACTS.batch(given)
