"""項目辞書 (item dictionary): the items of 地方税関係情報 and from which columns of a decision each comes.

One dictionary serves the provision copy and the answers to neighbours; names and Japanese titles are those of the
copy's layout table. An item of the layout that no column of a decision carries (general gains, status marks) is not
listed here: it stays empty in the copy and cannot stand on a whitelist.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from assessment.resident.rules.carried import APART as SEPARATE_KINDS
from taxsys.platform.files import layouts

COPY_LAYOUT = "local_chihouzei_fukuhon"
# Taxed, per-capita levy only, not taxed. Unfiled people (4) have no decision, and so no copy (N-044).
TAXED, PER_CAPITA_ONLY, NOT_TAXED = "1", "2", "3"
Values = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Item:
    """One item: `facts` and `result` name the columns whose sum it is, less those of `less`."""

    name: str
    facts: tuple[str, ...] = ()
    result: tuple[str, ...] = ()
    less: tuple[str, ...] = ()

    @property
    def title_ja(self) -> str:
        """The item's Japanese name in the layout table."""
        return layouts.get(COPY_LAYOUT).field_named(self.name).name_ja

    def value(self, facts: Values, result: Values) -> int:
        """Yen or heads of the item for one decision."""
        whole = sum(facts[name] for name in self.facts) + sum(result[name] for name in self.result)
        return whole - sum(result[name] for name in self.less)


def _both(stem: str) -> tuple[str, ...]:
    return (f"{stem}_city_yen", f"{stem}_prefecture_yen")


ITEMS: tuple[Item, ...] = (
    Item("salary_revenue", facts=("salary_receipts_yen",)),
    Item("salary_income", result=("salary_income_yen",)),
    Item("pension_revenue", facts=("pension_receipts_yen",)),
    Item("pension_income", result=("pension_income_yen",)),
    Item("misc_income", result=("misc_income_yen",), less=("pension_income_yen",)),
    Item("business_income", facts=("business_income_yen",)),
    Item("farm_income", facts=("farm_income_yen",)),
    Item("realestate_income", facts=("real_estate_income_yen",)),
    Item("interest_income", facts=("interest_income_yen",)),
    Item("dividend_income", facts=("dividend_income_yen",)),
    Item("sep_long", result=("net_long_land_yen", "net_long_housing_yen", "net_long_home_yen")),
    Item("sep_short", result=("net_short_land_yen", "net_short_state_yen")),
    Item("stock_income", result=("net_shares_unlisted_yen", "net_shares_listed_yen")),
    Item("listed_dividend", result=("net_listed_dividend_yen",)),
    Item("futures_income", result=("net_futures_yen",)),
    Item("forest_income", result=("forestry_net_yen",)),
    Item("retire_income", result=("retirement_net_yen",)),
    Item("total_income_etc", result=("gross_income_yen",)),
    Item("total_income", result=("total_income_yen",)),
    Item("carry_loss", result=("total_income_yen",), less=("gross_income_yen",)),
    Item("deduction_total", result=("total_deduction_yen",)),
    Item("med", result=("medical_deduction_yen",)),
    Item("social", facts=("social_insurance_yen",)),
    Item("mutual", facts=("small_business_mutual_yen",)),
    Item("life", result=("life_insurance_deduction_yen",)),
    Item("quake", result=("earthquake_deduction_yen",)),
    Item("donation_credit", result=_both("donation_credit")),
    Item("spouse", result=("spouse_deduction_yen", "spouse_special_deduction_yen")),
    Item("dependant", result=("dependant_deduction_yen",)),
    Item("dep_general", facts=("dependants_general",)),
    Item("dep_specific", facts=("dependants_specific",)),
    Item("dep_elderly", facts=("dependants_elderly",)),
    Item("dep_cohabit", facts=("dependants_elderly_coresident",)),
    Item("dep_under16", facts=("dependants_under_16",)),
    Item("disabled", result=("disability_deduction_yen",)),
    Item("single", result=("widow_deduction_yen", "single_parent_deduction_yen")),
    Item("student", result=("working_student_deduction_yen",)),
    Item("basic", result=("basic_deduction_yen",)),
    Item("base_total", result=("taxable_income_yen",)),
    Item("base_separate", result=tuple(f"taxable_{kind}_yen" for kind in SEPARATE_KINDS)),
    Item("adjust_credit", result=_both("adjustment_credit")),
    Item("housing_credit", result=_both("housing_credit")),
    Item("dividend_credit", result=_both("dividend_credit")),
    Item("city_income", result=("income_levy_city_yen",)),
    Item("city_per_capita", result=("per_capita_city_yen",)),
    Item("pref_income", result=("income_levy_prefecture_yen",)),
    Item("pref_per_capita", result=("per_capita_prefecture_yen",)),
    Item("forest", result=("forest_tax_yen",)),
    Item("reduction", facts=("relief_city_yen", "relief_prefecture_yen", "relief_forest_yen")),
)
_BY_NAME: Mapping[str, Item] = MappingProxyType({item.name: item for item in ITEMS})
# Codes beside the amounts; they may stand on a whitelist like any item.
STATUS_ITEM, FILED_ITEM = "status", "filed"
ITEM_NAMES: frozenset[str] = frozenset(_BY_NAME) | {STATUS_ITEM, FILED_ITEM}

FACT_COLUMNS: tuple[str, ...] = tuple(dict.fromkeys(name for item in ITEMS for name in item.facts))
RESULT_COLUMNS: tuple[str, ...] = tuple(dict.fromkeys(name for item in ITEMS for name in (*item.result, *item.less)))


@lru_cache(maxsize=1)
def titles_ja() -> Mapping[str, str]:
    """Japanese title of every item of the dictionary."""
    layout = layouts.get(COPY_LAYOUT)
    return MappingProxyType({name: layout.field_named(name).name_ja for name in sorted(ITEM_NAMES)})


def unknown_items(names: Iterable[str]) -> list[str]:
    """Names that are not in the dictionary, sorted."""
    return sorted(set(names) - ITEM_NAMES)


def tax_status(result: Values) -> str:
    """課税状況: taxed on income, per-capita levy only, or not taxed."""
    if result["income_levy_city_yen"] or result["income_levy_prefecture_yen"]:
        return TAXED
    return PER_CAPITA_ONLY if result["per_capita_city_yen"] or result["per_capita_prefecture_yen"] else NOT_TAXED


def item_values(facts: Values, result: Values, *, has_return: bool) -> dict[str, int | str]:
    """Every item of one decision: amounts and heads as integers, codes as text."""
    values: dict[str, int | str] = {item.name: item.value(facts, result) for item in ITEMS}
    return {STATUS_ITEM: tax_status(result), FILED_ITEM: "1" if has_return else "0", **values}


def contradiction_ja(values: Mapping[str, int | str]) -> str:
    """Why a copy of these values may not be registered (N-045, R-263), or "".

    An income levy stands beside a per-capita levy, and no amount of tax is negative.
    """
    taxes = {name: int(values[name]) for name in ("city_income", "city_per_capita", "pref_income", "pref_per_capita")}
    if any(yen < 0 for yen in taxes.values()):
        return "税額が負の数です。"
    if taxes["city_income"] and not taxes["city_per_capita"]:
        return "市町村民税の所得割額があるのに均等割額がありません。"
    if taxes["pref_income"] and not taxes["pref_per_capita"]:
        return "道府県民税の所得割額があるのに均等割額がありません。"
    return ""
