"""人的控除と人的控除差 (deductions for persons, and the statutory gaps behind the adjustment credit)."""

from __future__ import annotations

import numpy as np

from taxsys.kernel.periods import Years
from taxsys.kernel.rules import rule
from taxsys.kernel.sparse import any_of, on_rows
from taxsys.kernel.yen import FlagColumn, IntColumn
from taxsys.params.table import Table

ALL = Years(2018)
PAYER_COLUMNS = ("payer_1", "payer_2", "payer_3", "payer_over")
GAP_LAW = "地方税法314条の6・地方税法37条"


@rule(
    law="地方税法314条の2第1項6号・地方税法314条の2第3項",
    title="障害者控除",
    years=ALL,
    formula="本人({disability_code})と{disabled_relatives}、{special_disabled_relatives}、"
    "{special_disabled_coresident_relatives}の各控除額の合計",
    uses={
        "ordinary": "resident.deduction.disabled",
        "special": "resident.deduction.disabled_special",
        "coresident": "resident.deduction.disabled_special_coresident",
    },
)
def disability_deduction_yen(
    *,
    disability_code: IntColumn,
    disabled_relatives: IntColumn,
    special_disabled_relatives: IntColumn,
    special_disabled_coresident_relatives: IntColumn,
    ordinary: int,
    special: int,
    coresident: int,
) -> IntColumn:
    """Per disabled person: the payer, the spouse of low income and dependants (under 16 too)."""
    own = np.where(disability_code == 2, special, np.where(disability_code == 1, ordinary, 0))
    relatives = disabled_relatives * ordinary + special_disabled_relatives * special
    return own + relatives + special_disabled_coresident_relatives * coresident


@rule(
    law="地方税法292条1項11号・地方税法292条1項12号・地方税法292条1項13号",
    title="寡婦・ひとり親・勤労学生の判定",
    years=Years(2021),
    formula="{total_income_yen} ≦ {limit}、勤労学生は ≦ {student_limit}",
    uses={
        "limit": "resident.deduction.widow_income_limit",
        "student_limit": "resident.deduction.working_student_income_limit",
    },
    outputs={
        "is_widow_entitled": "寡婦控除の対象",
        "is_single_parent_entitled": "ひとり親控除の対象",
        "is_student_entitled": "勤労学生控除の対象",
    },
)
def self_status(
    *,
    is_widow: FlagColumn,
    single_parent_code: IntColumn,
    is_working_student: FlagColumn,
    total_income_yen: IntColumn,
    limit: int,
    student_limit: int,
) -> tuple[FlagColumn, FlagColumn, FlagColumn]:
    """Who keeps the status below the income limits; a single parent is not a widow."""
    within = total_income_yen <= limit
    parent = (single_parent_code > 0) & within
    return is_widow & within & ~parent, parent, is_working_student & (total_income_yen <= student_limit)


@rule(
    law="地方税法292条1項11号・地方税法292条1項13号",
    title="寡婦・勤労学生の判定(ひとり親控除の創設前)",
    years=Years(2018, 2020),
    formula="{total_income_yen} ≦ {limit}、勤労学生は ≦ {student_limit}({single_parent_code}は対象外)",
    uses={
        "limit": "resident.deduction.widow_income_limit",
        "student_limit": "resident.deduction.working_student_income_limit",
    },
    outputs={
        "is_widow_entitled": "寡婦控除の対象",
        "is_single_parent_entitled": "ひとり親控除の対象",
        "is_student_entitled": "勤労学生控除の対象",
    },
)
def self_status_before_r3(
    *,
    is_widow: FlagColumn,
    single_parent_code: IntColumn,
    is_working_student: FlagColumn,
    total_income_yen: IntColumn,
    limit: int,
    student_limit: int,
) -> tuple[FlagColumn, FlagColumn, FlagColumn]:
    """ひとり親控除 began with 令和3年度; before it only 寡婦(寡夫) existed."""
    none = (single_parent_code > 0) & False
    return is_widow & (total_income_yen <= limit), none, is_working_student & (total_income_yen <= student_limit)


@rule(
    law="地方税法314条の2第1項8号・地方税法314条の2第1項8号の2・地方税法314条の2第1項9号",
    title="寡婦・ひとり親・勤労学生控除",
    years=Years(2021),
    formula="寡婦({is_widow_entitled}){widow}、ひとり親({is_single_parent_entitled}){parent}、"
    "勤労学生({is_student_entitled}){student}",
    uses={
        "widow": "resident.deduction.widow",
        "parent": "resident.deduction.single_parent",
        "student": "resident.deduction.working_student",
    },
    outputs={
        "widow_deduction_yen": "寡婦控除",
        "single_parent_deduction_yen": "ひとり親控除",
        "working_student_deduction_yen": "勤労学生控除",
    },
)
def self_deductions(
    *,
    is_widow_entitled: FlagColumn,
    is_single_parent_entitled: FlagColumn,
    is_student_entitled: FlagColumn,
    widow: int,
    parent: int,
    student: int,
) -> tuple[IntColumn, IntColumn, IntColumn]:
    """Deductions for the payer's own circumstances."""
    return (
        np.where(is_widow_entitled, widow, 0),
        np.where(is_single_parent_entitled, parent, 0),
        np.where(is_student_entitled, student, 0),
    )


@rule(
    law="地方税法314条の2第1項8号・地方税法314条の2第1項9号",
    title="寡婦・勤労学生控除",
    years=Years(2018, 2020),
    formula="寡婦({is_widow_entitled}){widow}、勤労学生({is_student_entitled}){student}({is_single_parent_entitled})",
    uses={"widow": "resident.deduction.widow", "student": "resident.deduction.working_student"},
    outputs={
        "widow_deduction_yen": "寡婦控除",
        "single_parent_deduction_yen": "ひとり親控除",
        "working_student_deduction_yen": "勤労学生控除",
    },
)
def self_deductions_before_r3(
    *,
    is_widow_entitled: FlagColumn,
    is_single_parent_entitled: FlagColumn,
    is_student_entitled: FlagColumn,
    widow: int,
    student: int,
) -> tuple[IntColumn, IntColumn, IntColumn]:
    """Deductions for the payer's own circumstances before ひとり親控除."""
    none = np.where(is_single_parent_entitled, 0, 0)
    return np.where(is_widow_entitled, widow, 0), none, np.where(is_student_entitled, student, 0)


@rule(
    law="地方税法292条1項7号・地方税法314条の2第1項10号",
    title="同一生計配偶者・本人の所得区分",
    years=ALL,
    formula="{spouse_income_yen} ≦ {limit}、{total_income_yen}の区分",
    uses={"limit": "resident.deduction.relative_income_limit", "bands": "resident.deduction.payer_band"},
    outputs={"is_spouse_of_low_income": "同一生計配偶者", "payer_band": "本人の所得区分"},
)
def spouse_status(
    *, has_spouse: FlagColumn, spouse_income_yen: IntColumn, total_income_yen: IntColumn, limit: int, bands: Table
) -> tuple[FlagColumn, IntColumn]:
    """Whether the spouse counts as 同一生計配偶者 (whatever the payer earns), and the payer's band."""
    return has_spouse & (spouse_income_yen <= limit), bands.take("band", bands.row(total_income_yen))


@rule(
    law="地方税法314条の2第1項10号・地方税法34条1項10号",
    title="配偶者控除",
    years=ALL,
    formula="{payer_band}と配偶者の年齢({is_spouse_elderly})による{table}の額",
    uses={"table": "resident.deduction.spouse_table"},
)
def spouse_deduction_yen(
    *, is_spouse_of_low_income: FlagColumn, is_spouse_elderly: FlagColumn, payer_band: IntColumn, table: Table
) -> IntColumn:
    """For a spouse within the limit of the year; more from 70 on; nothing above 10,000,000 yen of the payer."""
    row = table.row(payer_band)
    amount = np.where(is_spouse_elderly, table.take("elderly", row), table.take("ordinary", row))
    return np.where(is_spouse_of_low_income, amount, 0)


@rule(
    law="地方税法314条の2第1項10号の2・地方税法34条1項10号の2",
    title="配偶者特別控除",
    years=ALL,
    formula="{spouse_income_yen}と{payer_band}による{table}の額",
    uses={"table": "resident.deduction.spouse_special_table"},
)
def spouse_special_deduction_yen(
    *,
    has_spouse: FlagColumn,
    is_spouse_of_low_income: FlagColumn,
    spouse_income_yen: IntColumn,
    payer_band: IntColumn,
    table: Table,
) -> IntColumn:
    """For a spouse above the limit of the year, falling in steps."""

    def calculate(income: IntColumn, band: IntColumn) -> tuple[IntColumn]:
        return (table.grid(PAYER_COLUMNS, table.row(income), band),)

    (found,) = on_rows(has_spouse & ~is_spouse_of_low_income, 1, calculate, spouse_income_yen, payer_band)
    return found


@rule(
    law="地方税法314条の2第1項11号・地方税法314条の2第4項",
    title="扶養控除",
    years=ALL,
    formula="{dependants_general} × {general} + {dependants_specific} × {specific} + {dependants_elderly} × {elderly}"
    " + {dependants_elderly_coresident} × {coresident}",
    uses={
        "general": "resident.deduction.dependant_general",
        "specific": "resident.deduction.dependant_specific",
        "elderly": "resident.deduction.dependant_elderly",
        "coresident": "resident.deduction.dependant_elderly_coresident",
    },
)
def dependant_deduction_yen(
    *,
    dependants_general: IntColumn,
    dependants_specific: IntColumn,
    dependants_elderly: IntColumn,
    dependants_elderly_coresident: IntColumn,
    general: int,
    specific: int,
    elderly: int,
    coresident: int,
) -> IntColumn:
    """Per dependant by class; under 16 none."""
    younger = dependants_general * general + dependants_specific * specific
    return younger + dependants_elderly * elderly + dependants_elderly_coresident * coresident


@rule(
    law="地方税法314条の2第1項12号",
    title="特定親族特別控除",
    years=Years(2026),
    formula="特定親族の所得の段階ごとの人数 × {table}の額",
    uses={"table": "resident.deduction.specific_relative_table"},
)
def specific_relative_deduction_yen(
    *,
    specific_relatives_1: IntColumn,
    specific_relatives_2: IntColumn,
    specific_relatives_3: IntColumn,
    specific_relatives_4: IntColumn,
    specific_relatives_5: IntColumn,
    specific_relatives_6: IntColumn,
    specific_relatives_7: IntColumn,
    table: Table,
) -> IntColumn:
    """Relatives of 19–22 above the dependants' limit; facts hold how many stand in each step of the table."""
    amounts = [int(amount) for amount in table.columns["amount"]]
    steps = (
        specific_relatives_1,
        specific_relatives_2,
        specific_relatives_3,
        specific_relatives_4,
        specific_relatives_5,
        specific_relatives_6,
        specific_relatives_7,
    )

    def calculate(*heads: IntColumn) -> tuple[IntColumn]:
        total = heads[0] * amounts[0]
        for step, count in enumerate(heads[1:], start=1):
            total = total + count * amounts[step]
        return (total,)

    (found,) = on_rows(any_of(*steps), 1, calculate, *steps)
    return found


@rule(
    law="地方税法314条の2第1項",
    title="特定親族特別控除(創設前)",
    years=Years(2018, 2025),
    formula="なし",
    outputs={"specific_relative_deduction_yen": "特定親族特別控除"},
)
def specific_relative_deduction_before_r8(
    *,
    specific_relatives_1: IntColumn,
    specific_relatives_2: IntColumn,
    specific_relatives_3: IntColumn,
    specific_relatives_4: IntColumn,
    specific_relatives_5: IntColumn,
    specific_relatives_6: IntColumn,
    specific_relatives_7: IntColumn,
) -> IntColumn:
    """The deduction began with 令和8年度; before it such relatives gave nothing."""
    heads = specific_relatives_1 + specific_relatives_2 + specific_relatives_3 + specific_relatives_4
    return (heads + specific_relatives_5 + specific_relatives_6 + specific_relatives_7) * 0


@rule(
    law="地方税法314条の2第2項・地方税法34条2項",
    title="基礎控除",
    years=ALL,
    formula="{total_income_yen}による{table}の額",
    uses={"table": "resident.deduction.basic_table"},
)
def basic_deduction_yen(*, total_income_yen: IntColumn, table: Table) -> IntColumn:
    """Basic deduction by the payer's 合計所得金額."""
    return table.take("amount", table.row(total_income_yen))


@rule(
    law=GAP_LAW,
    title="人的控除差(障害者・寡婦・ひとり親・勤労学生)",
    years=ALL,
    formula="該当する控除ごとの差額の合計",
    uses={
        "ordinary": "resident.gap.disabled",
        "special": "resident.gap.disabled_special",
        "coresident": "resident.gap.disabled_special_coresident",
        "widow": "resident.gap.widow",
        "mother": "resident.gap.single_parent_mother",
        "father": "resident.gap.single_parent_father",
        "student": "resident.gap.working_student",
    },
)
def gap_of_self_yen(
    *,
    disability_code: IntColumn,
    disabled_relatives: IntColumn,
    special_disabled_relatives: IntColumn,
    special_disabled_coresident_relatives: IntColumn,
    is_widow_entitled: FlagColumn,
    is_single_parent_entitled: FlagColumn,
    single_parent_code: IntColumn,
    is_student_entitled: FlagColumn,
    ordinary: int,
    special: int,
    coresident: int,
    widow: int,
    mother: int,
    father: int,
    student: int,
) -> IntColumn:
    """Statutory gaps; a father of a single-parent family has 10,000 (令48条の7の2), a mother 50,000."""
    own = np.where(disability_code == 2, special, np.where(disability_code == 1, ordinary, 0))
    relatives = disabled_relatives * ordinary + special_disabled_relatives * special
    parent = np.where(single_parent_code == 1, mother, father)
    status = np.where(is_widow_entitled, widow, 0) + np.where(is_single_parent_entitled, parent, 0)
    status = status + np.where(is_student_entitled, student, 0)
    return own + relatives + special_disabled_coresident_relatives * coresident + status


@rule(
    law=GAP_LAW,
    title="人的控除差(配偶者・扶養)",
    years=ALL,
    formula="配偶者と扶養親族の区分ごとの差額の合計",
    uses={
        "spouse": "resident.gap.spouse_table",
        "spouse_special": "resident.gap.spouse_special_table",
        "general": "resident.gap.dependant_general",
        "specific": "resident.gap.dependant_specific",
        "elderly": "resident.gap.dependant_elderly",
        "coresident": "resident.gap.dependant_elderly_coresident",
    },
)
def gap_of_family_yen(
    *,
    has_spouse: FlagColumn,
    is_spouse_of_low_income: FlagColumn,
    is_spouse_elderly: FlagColumn,
    spouse_income_yen: IntColumn,
    payer_band: IntColumn,
    dependants_general: IntColumn,
    dependants_specific: IntColumn,
    dependants_elderly: IntColumn,
    dependants_elderly_coresident: IntColumn,
    spouse: Table,
    spouse_special: Table,
    general: int,
    specific: int,
    elderly: int,
    coresident: int,
) -> IntColumn:
    """Gaps of spouse and dependants; 特定親族 adds none."""
    row = spouse.row(payer_band)
    of_spouse = np.where(is_spouse_elderly, spouse.take("elderly", row), spouse.take("ordinary", row))

    def special(income: IntColumn, band: IntColumn) -> tuple[IntColumn]:
        return (spouse_special.grid(PAYER_COLUMNS, spouse_special.row(income), band),)

    (of_special,) = on_rows(has_spouse & ~is_spouse_of_low_income, 1, special, spouse_income_yen, payer_band)
    married = np.where(is_spouse_of_low_income, of_spouse, of_special)
    heads = dependants_general * general + dependants_specific * specific
    return married + heads + dependants_elderly * elderly + dependants_elderly_coresident * coresident


@rule(
    law=GAP_LAW,
    title="人的控除差の合計",
    years=ALL,
    formula="{basic} + {gap_of_self_yen} + {gap_of_family_yen}",
    uses={"basic": "resident.gap.basic"},
)
def deduction_gap_yen(*, gap_of_self_yen: IntColumn, gap_of_family_yen: IntColumn, basic: int) -> IntColumn:
    """Sum of the statutory gaps."""
    return gap_of_self_yen + gap_of_family_yen + basic
