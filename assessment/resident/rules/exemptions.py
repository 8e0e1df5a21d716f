"""非課税の判定 (non-taxable tests): person, per-capita levy, income levy, forest tax."""

from __future__ import annotations

import numpy as np

from taxsys.kernel.periods import Years
from taxsys.kernel.rounding import floor_1
from taxsys.kernel.rules import rule
from taxsys.kernel.yen import FlagColumn, IntColumn
from taxsys.params.table import Table

ALL = Years(2018)


@rule(
    law="地方税法295条3項・地方税法附則3条の3第1項",
    title="同一生計配偶者と扶養親族の数",
    years=ALL,
    formula="{is_spouse_of_low_income} + 扶養親族の数(16歳未満を含む)",
)
def family_heads(
    *,
    is_spouse_of_low_income: FlagColumn,
    dependants_under_16: IntColumn,
    dependants_general: IntColumn,
    dependants_specific: IntColumn,
    dependants_elderly: IntColumn,
    dependants_elderly_coresident: IntColumn,
) -> IntColumn:
    """Heads for the limits: the spouse also of a high earner, children under 16; 特定親族 are no heads."""
    heads = dependants_under_16 + dependants_general + dependants_specific
    return heads + dependants_elderly + dependants_elderly_coresident + is_spouse_of_low_income


@rule(
    law="地方税法295条3項・地方税法施行令47条の3・地方税法施行規則9条の21第2項",
    title="均等割の非課税限度額",
    years=ALL,
    formula="{base} × 級地の率 × ({family_heads} + 1) + {add} + (扶養等があれば {family_add} × 級地の率)",
    uses={
        "base": "resident.exemption.per_capita_base",
        "add": "resident.exemption.per_capita_add",
        "family_add": "resident.exemption.per_capita_family_add",
        "class_rate": "resident.exemption.class_rate",
        "livelihood_class": "resident.city.livelihood_class",
    },
)
def per_capita_limit_yen(
    *, family_heads: IntColumn, base: int, add: int, family_add: int, class_rate: Table, livelihood_class: int
) -> IntColumn:
    """Limit of 合計所得金額 for the per-capita levy in a city of the given class."""
    num, den = class_rate.rate("rate", class_rate.row(livelihood_class))
    own = floor_1(num * base, den) * (family_heads + 1) + add
    return own + np.where(family_heads > 0, floor_1(num * family_add, den), 0)


@rule(
    law="地方税法附則3条の3第1項・地方税法附則3条の3第4項",
    title="所得割の非課税限度額",
    years=ALL,
    formula="{base} × ({family_heads} + 1) + {add} + (扶養等があれば {family_add})",
    uses={
        "base": "resident.exemption.income_levy_base",
        "add": "resident.exemption.income_levy_add",
        "family_add": "resident.exemption.income_levy_family_add",
    },
)
def income_levy_limit_yen(*, family_heads: IntColumn, base: int, add: int, family_add: int) -> IntColumn:
    """Limit of 総所得金額等 for the income levy, the same in the whole country."""
    return (family_heads + 1) * base + add + np.where(family_heads > 0, family_add, 0)


@rule(
    law="地方税法295条1項",
    title="人的非課税",
    years=ALL,
    formula="{receives_livelihood_aid}、または障害者・未成年者・寡婦・ひとり親で {total_income_yen} ≦ {limit}",
    uses={"limit": "resident.exemption.person_income_limit"},
)
def is_exempt_person(
    *,
    receives_livelihood_aid: FlagColumn,
    disability_code: IntColumn,
    is_minor: FlagColumn,
    is_widow_entitled: FlagColumn,
    is_single_parent_entitled: FlagColumn,
    total_income_yen: IntColumn,
    limit: int,
) -> FlagColumn:
    """Wholly exempt persons; the status must be the payer's own."""
    status = (disability_code > 0) | is_minor | is_widow_entitled | is_single_parent_entitled
    return receives_livelihood_aid | (status & (total_income_yen <= limit))


@rule(
    law="地方税法294条1項・地方税法295条1項・地方税法295条3項",
    title="均等割の課税",
    years=ALL,
    formula="{total_income_yen} と {per_capita_limit_yen} の比較",
    outputs={
        "is_exempt_per_capita": "均等割の非課税(所得による)",
        "is_liable_per_capita": "均等割の課税対象",
    },
)
def per_capita_liability(
    *,
    is_domiciled: FlagColumn,
    has_local_premises: FlagColumn,
    is_exempt_at_domicile: FlagColumn,
    is_exempt_person: FlagColumn,
    total_income_yen: IntColumn,
    per_capita_limit_yen: IntColumn,
) -> tuple[FlagColumn, FlagColumn]:
    """Domiciled people above the limit; others with premises here unless their own municipality exempts them.

    The income of a person living elsewhere is not known here, so that municipality's answer is a fact of its own.
    """
    exempt = total_income_yen <= per_capita_limit_yen
    at_home = is_domiciled & ~exempt & ~is_exempt_person
    premises_only = ~is_domiciled & has_local_premises & ~is_exempt_at_domicile
    return is_domiciled & exempt, at_home | premises_only


@rule(
    law="地方税法294条1項・地方税法295条1項・地方税法附則3条の3第4項",
    title="所得割の課税",
    years=ALL,
    formula="{gross_income_yen} と {income_levy_limit_yen} の比較",
    outputs={
        "is_exempt_income_levy": "所得割の非課税(所得による)",
        "is_liable_income_levy": "所得割の課税対象",
    },
)
def income_levy_liability(
    *,
    is_domiciled: FlagColumn,
    is_exempt_person: FlagColumn,
    gross_income_yen: IntColumn,
    income_levy_limit_yen: IntColumn,
) -> tuple[FlagColumn, FlagColumn]:
    """Domiciled people whose 総所得金額等 exceeds the limit."""
    exempt = gross_income_yen <= income_levy_limit_yen
    return exempt, is_domiciled & ~exempt & ~is_exempt_person


@rule(
    law="森林環境税及び森林環境譲与税に関する法律3条・森林環境税及び森林環境譲与税に関する法律4条",
    title="森林環境税の課税",
    years=Years(2024),
    formula="{total_income_yen} と森林環境税の非課税限度額({family_heads}人)の比較",
    uses={
        "base": "resident.exemption.forest_base",
        "add": "resident.exemption.forest_add",
        "family_add": "resident.exemption.forest_family_add",
        "class_rate": "resident.exemption.class_rate",
        "livelihood_class": "resident.city.livelihood_class",
    },
)
def is_liable_forest(
    *,
    is_domiciled: FlagColumn,
    is_exempt_person: FlagColumn,
    total_income_yen: IntColumn,
    family_heads: IntColumn,
    base: int,
    add: int,
    family_add: int,
    class_rate: Table,
    livelihood_class: int,
) -> FlagColumn:
    """Own limit by national decree; people without domicile here pay it where they live."""
    num, den = class_rate.rate("rate", class_rate.row(livelihood_class))
    limit = floor_1(num * base, den) * (family_heads + 1) + add
    limit = limit + np.where(family_heads > 0, floor_1(num * family_add, den), 0)
    return is_domiciled & ~is_exempt_person & (total_income_yen > limit)


@rule(
    law="森林環境税及び森林環境譲与税に関する法律附則",
    title="森林環境税の課税(施行前)",
    years=Years(2018, 2023),
    formula="なし({is_domiciled})",
    outputs={"is_liable_forest": "森林環境税の課税対象"},
)
def is_liable_forest_before_r6(*, is_domiciled: FlagColumn) -> FlagColumn:
    """The forest environment tax began with 令和6年度."""
    return np.zeros(is_domiciled.shape, dtype=np.bool_)
