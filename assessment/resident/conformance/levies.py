"""検証事例の単項目: 税額・税額控除 (unit cases of levies and credits), thin calls of the rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from assessment.resident.conformance.incomes import limits
from assessment.resident.conformance.inputs import SEARCH_TOP, Figures, Inputs, only
from assessment.resident.rules import annual, credits, donation, levy
from taxsys.kernel.pipeline import evaluate
from taxsys.kernel.rounding import floor_1, floor_100
from taxsys.kernel.yen import LEVY_SCALE
from taxsys.params.model import ParameterSet


def _levies(law: ParameterSet, taxable: int, gap: int, total: int = 0) -> Figures:
    city, pref = evaluate(
        levy.calculated_levy,
        law,
        taxable_income_yen=taxable,
        is_liable_income_levy=True,
        separate_levy_city_yen_e4=0,
        separate_levy_prefecture_yen_e4=0,
    )
    credit = _adjustment(law, taxable, gap, total)
    after = evaluate(
        levy.adjusted_levy,
        law,
        calculated_levy_city_yen_e4=city,
        calculated_levy_prefecture_yen_e4=pref,
        adjustment_credit_city_yen=credit["chosei_city"],
        adjustment_credit_prefecture_yen=credit["chosei_pref"],
    )
    after_city, after_pref = (floor_1(value, LEVY_SCALE) for value in after)
    return {
        "sanshutsu_city": floor_1(city, LEVY_SCALE),
        "sanshutsu_pref": floor_1(pref, LEVY_SCALE),
        **credit,
        "after_chosei_city": after_city,
        "after_chosei_pref": after_pref,
        "shotokuwari_city": floor_100(after_city),
        "shotokuwari_pref": floor_100(after_pref),
        "shotokuwari_total": floor_100(after_city) + floor_100(after_pref),
    }


def _adjustment(law: ParameterSet, taxable: int, gap: int, total: int) -> Figures:
    (base,) = evaluate(
        levy.adjustment_base_yen,
        law,
        aggregate_base_yen=taxable,
        deduction_gap_yen=gap,
        total_income_yen=total,
        is_liable_income_levy=True,
    )
    city, pref = evaluate(levy.adjustment_credit, law, adjustment_base_yen=base)
    return {"base": base, "chosei_city": city, "chosei_pref": pref, "total": city + pref}


def _basic_gap(law: ParameterSet) -> int:
    return law["resident.gap.basic"].integer


def from_kazei(given: Inputs, law: ParameterSet) -> Figures:
    """Levies from 課税総所得金額 and the gaps."""
    only(given, "kazei", "jinteki_sa", "goukei")
    return _levies(law, given["kazei"], given.get("jinteki_sa", _basic_gap(law)), given.get("goukei", 0))


def chosei(given: Inputs, law: ParameterSet) -> Figures:
    """調整控除: base, both sides, total."""
    only(given, "kazei", "jinteki_sa", "goukei")
    return _adjustment(law, given["kazei"], given["jinteki_sa"], given.get("goukei", 0))


def diff_pair(given: Inputs, law: ParameterSet) -> Figures:
    """Difference in tax between two sums of gaps."""
    only(given, "kazei", "sa_a", "sa_b", "goukei")
    total = given.get("goukei", 0)
    a, b = (_levies(law, given["kazei"], given[key], total)["shotokuwari_total"] for key in ("sa_a", "sa_b"))
    return {"difference": abs(a - b)}


def nenkin_bun(given: Inputs, law: ParameterSet) -> Figures:
    """Pension share: the whole less the tax as if the pension did not exist."""
    only(given, "kazei_all", "kazei_other", "jinteki_sa")
    gap = given.get("jinteki_sa", _basic_gap(law))
    whole, other = _levies(law, given["kazei_all"], gap), _levies(law, given["kazei_other"], gap)
    figures: Figures = {}
    for side in ("city", "pref"):
        figures[f"all_{side}"] = whole[f"shotokuwari_{side}"]
        figures[f"other_{side}"] = other[f"shotokuwari_{side}"]
        figures[f"nenkin_{side}"] = max(whole[f"shotokuwari_{side}"] - other[f"shotokuwari_{side}"], 0)
    return figures


def fusoku3no3(given: Inputs, law: ParameterSet) -> Figures:
    """所得割の調整措置 from the two totals."""
    only(given, "sotou", "count", "shotokuwari_total")
    limit = limits({"count": given["count"]}, law)["shotokuwari_limit"]
    relief, _, _ = evaluate(
        levy.limit_relief,
        law,
        gross_income_yen=given["sotou"],
        income_levy_limit_yen=limit,
        adjusted_levy_city_yen_e4=given["shotokuwari_total"] * LEVY_SCALE,
        adjusted_levy_prefecture_yen_e4=0,
    )
    exempt = given["sotou"] <= limit
    reduction = given["shotokuwari_total"] if exempt else floor_1(relief, LEVY_SCALE)
    after = given["shotokuwari_total"] - reduction
    return {"limit": limit, "reduction": reduction, "shotokuwari_after": floor_100(after)}


def kifu(given: Inputs, law: ParameterSet) -> Figures:
    """寄附金税額控除 from a stated ratio and levies."""
    only(given, "kifu", "sotou", "ratio_x1000", "city_levy", "pref_levy")
    basic_city, basic_pref = evaluate(
        donation.donation_basic,
        law,
        hometown_donation_yen=given["kifu"],
        city_donation_yen=0,
        prefecture_donation_yen=0,
        gross_income_yen=given["sotou"],
    )
    special_city, special_pref = evaluate(
        donation.donation_special,
        law,
        hometown_donation_yen=given["kifu"],
        donation_ratio_e5=given["ratio_x1000"],
        donation_cap_levy_city_yen_e4=given["city_levy"] * LEVY_SCALE,
        donation_cap_levy_prefecture_yen_e4=given["pref_levy"] * LEVY_SCALE,
    )
    return {
        "kihon_city": basic_city,
        "kihon_pref": basic_pref,
        "kihon_total": basic_city + basic_pref,
        "tokurei_city": special_city,
        "tokurei_pref": special_pref,
        "tokurei_total": special_city + special_pref,
        "kifu_city": basic_city + special_city,
        "kifu_pref": basic_pref + special_pref,
    }


_NO_OTHER_BASES = (
    "taxable_short_land_yen",
    "taxable_short_state_yen",
    "taxable_separate_yen",
    "taxable_forestry_yen",
    "taxable_retirement_yen",
)


def ratio(given: Inputs, law: ParameterSet) -> Figures:
    """Ratio of the special donation credit."""
    only(given, "kazei", "adj")
    _, value = evaluate(
        donation.donation_ratio,
        law,
        taxable_income_yen=given["kazei"],
        adjusted_gap_yen=given.get("adj", 0),
        **dict.fromkeys(_NO_OTHER_BASES, 0),
    )
    return {"ratio_x1000": value}


def juutaku(given: Inputs, law: ParameterSet) -> Figures:
    """Housing-loan credit; without a national base only the cap binds."""
    only(given, "kanou", "shotokuzei", "kazei_nat")
    total, city, pref = evaluate(
        credits.housing_loan_credit,
        law,
        housing_loan_code=1,
        housing_loan_available_yen=given["kanou"],
        national_income_tax_yen=given.get("shotokuzei", 0),
        national_taxable_income_yen=given.get("kazei_nat", SEARCH_TOP),
    )
    return {"juminzei_kojo": total, "city": city, "pref": pref}


def haitowari(given: Inputs, law: ParameterSet) -> Figures:
    """配当割額等の控除: rest of the levy, offset and refund."""
    only(given, "shotokuwari", "kojo", "kintowari")
    # The published example states one levy for both sides; the split of the credit does not matter to its figures.
    shortfall = max(given["kojo"] - given["shotokuwari"], 0)
    offset, refund = evaluate(
        annual.withheld_settlement,
        law,
        withheld_shortfall_yen=shortfall,
        per_capita_city_yen=given["kintowari"],
        per_capita_prefecture_yen=0,
    )
    after = max(given["shotokuwari"] - given["kojo"], 0)
    return {"fusoku": shortfall, "juto": offset, "kanpu": refund, "shotokuwari_after": after}


def haito(given: Inputs, law: ParameterSet) -> Figures:
    """配当控除 across the 10,000,000 yen line."""
    only(given, "kazei", "haito")
    over, city, pref = evaluate(
        credits.dividend_credit,
        law,
        taxable_income_yen=given["kazei"],
        taxable_separate_yen=0,
        dividend_ordinary_yen=given["haito"],
        dividend_trust_yen=0,
        dividend_currency_trust_yen=0,
    )
    return {"under_10m": given["haito"] - over, "over_10m": over, "city": city, "pref": pref}


def teigaku(given: Inputs, law: ParameterSet) -> Figures:
    """定額減税 of the year."""
    only(given, "kojo_haigusha", "fuyo_domestic", "goukei", "shotokuwari")
    spouse, heads = int(given.get("kojo_haigusha", 0)), int(given.get("fuyo_domestic", 0))
    year = law.when if isinstance(law.when, int) else 0
    if year in credits.fixed_reduction_r6.years:
        (entitled,) = evaluate(
            credits.fixed_reduction_r6,
            law,
            total_income_yen=given.get("goukei", 0),
            spouse_deduction_yen=spouse,
            is_spouse_abroad=False,
            family_heads=heads + spouse,
            is_spouse_of_low_income=bool(spouse),
            dependants_abroad=0,
        )
    elif year in credits.fixed_reduction_r7.years:
        floor = law["resident.fixed_reduction.spouse_payer_floor"].integer
        (entitled,) = evaluate(
            credits.fixed_reduction_r7,
            law,
            total_income_yen=given.get("goukei", floor + 1),
            is_spouse_of_low_income=True,
            is_spouse_abroad=False,
            dependants_abroad=0,
        )
    else:
        entitled = 0
    return {"gensei": min(entitled, given["shotokuwari"]) if "shotokuwari" in given else entitled}


UNITS: Mapping[str, Callable[[Inputs, ParameterSet], Figures]] = {
    function.__name__.rstrip("_"): function
    for function in (
        from_kazei,
        chosei,
        diff_pair,
        nenkin_bun,
        fusoku3no3,
        kifu,
        ratio,
        juutaku,
        haitowari,
        haito,
        teigaku,
    )
}
"""Unit word → its function."""
