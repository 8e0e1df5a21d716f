"""金額の検査: sums, signs, cuts and limits of every result, and the law's own amounts said again (one pass)."""

from assessment.resident.population_checks.model import RowCheck

_RULES = "計算式または法定値の誤りです。計算過程を開いて電算担当に連絡してください。決定はできません。"
_VALUES = "「法定値」の画面で条例・法律の額を確かめてください。誤りなら直して計算し直してください。"
_SEPARATE_FREE = (
    "r.separate_income_yen = 0 AND r.forestry_net_yen = 0 AND r.retirement_net_yen = 0"
    " AND r.separate_levy_city_yen_e4 = 0 AND r.separate_levy_prefecture_yen_e4 = 0"
)

SUMS = (
    RowCheck(
        "sum_of_parts",
        "年税額=市民税+道民税+森林環境税",
        "I3・I4",
        "r.annual_tax_yen <> r.city_tax_yen + r.prefectural_tax_yen + r.forest_tax_yen",
        _RULES,
    ),
    RowCheck(
        "parts_of_city_and_prefecture",
        "市民税・道民税=所得割+均等割−減免",
        "I3・地方税法323条",
        "r.city_tax_yen <> greatest(r.income_levy_city_yen + r.per_capita_city_yen - f.relief_city_yen, 0)"
        " OR r.prefectural_tax_yen <> greatest(r.income_levy_prefecture_yen + r.per_capita_prefecture_yen"
        " - f.relief_prefecture_yen, 0)",
        _RULES,
    ),
    RowCheck(
        "nothing_negative",
        "税額に負の額がない",
        "I4・地方税法20条の4の2",
        "least(r.city_tax_yen, r.prefectural_tax_yen, r.forest_tax_yen, r.annual_tax_yen) < 0",
        _RULES,
    ),
    RowCheck(
        "base_in_thousands",
        "課税標準額は1,000円単位で負にならない",
        "地方税法20条の4の2第1項",
        "r.taxable_income_yen < 0 OR r.taxable_income_yen %% 1000 <> 0",
        _RULES,
    ),
    RowCheck(
        "separate_bases_in_thousands",
        "分離課税の課税標準額は1,000円単位で負にならない",
        "地方税法20条の4の2第1項",
        " OR ".join(
            f"r.taxable_{kind}_yen < 0 OR r.taxable_{kind}_yen %% 1000 <> 0"
            for kind in (
                "short_land",
                "short_state",
                "long_land",
                "long_housing",
                "long_home",
                "listed_dividend",
                "shares_unlisted",
                "shares_listed",
                "futures",
                "forestry",
                "retirement",
            )
        ),
        _RULES,
    ),
    RowCheck(
        "base_not_above_income",
        "課税標準額は総所得金額等を超えない",
        "I1・I4・地方税法314条の2",
        "r.taxable_income_yen > greatest(r.gross_income_yen, 0)",
        _RULES,
    ),
    RowCheck(
        "levy_in_hundreds",
        "所得割額は100円単位で負にならない",
        "地方税法20条の4の2第3項",
        "r.income_levy_city_yen < 0 OR r.income_levy_city_yen %% 100 <> 0"
        " OR r.income_levy_prefecture_yen < 0 OR r.income_levy_prefecture_yen %% 100 <> 0",
        _RULES,
    ),
    RowCheck(
        "deductions_add_up",
        "所得控除の合計=各所得控除の和",
        "I4・地方税法314条の2",
        "r.total_deduction_yen <> r.casualty_deduction_yen + r.medical_deduction_yen + f.social_insurance_yen"
        " + f.small_business_mutual_yen + r.life_insurance_deduction_yen + r.earthquake_deduction_yen"
        " + f.other_deduction_yen + r.disability_deduction_yen + r.widow_deduction_yen"
        " + r.single_parent_deduction_yen + r.working_student_deduction_yen + r.spouse_deduction_yen"
        " + r.spouse_special_deduction_yen + r.dependant_deduction_yen + r.specific_relative_deduction_yen"
        " + r.basic_deduction_yen",
        _RULES,
    ),
    RowCheck(
        "base_is_income_less_deductions",
        "課税総所得金額=総所得金額−所得控除(1,000円未満切捨て。分離課税のない者)",
        "I1・I4・地方税法314条の3",
        f"{_SEPARATE_FREE} AND r.taxable_income_yen <>"
        " greatest(r.gross_income_yen - r.total_deduction_yen, 0) / 1000 * 1000",
        _RULES,
    ),
    RowCheck(
        "incomes_add_up",
        "合計所得金額=総所得+分離課税の所得+山林+退職",
        "I4・地方税法292条1項13号",
        "r.total_income_yen <> r.general_income_yen + r.separate_income_yen + r.forestry_net_yen"
        " + r.retirement_net_yen",
        _RULES,
    ),
    RowCheck(
        "gross_not_above_total",
        "総所得金額等は合計所得金額を超えない",
        "I2・地方税法313条",
        "r.gross_income_yen > r.total_income_yen",
        _RULES,
    ),
    RowCheck(
        "losses_not_above_carried",
        "繰越控除額は繰り越された損失を超えない",
        "I2・地方税法313条8項・9項",
        " OR ".join(
            f"r.{used}_used_yen > f.{carried}_yen"
            for used, carried in (
                ("net_loss", "loss_carried_forward"),
                ("home_loss", "home_loss_carried"),
                ("casualty", "casualty_carried"),
                ("shares_loss", "shares_loss_carried"),
                ("futures_loss", "futures_loss_carried"),
            )
        ),
        "繰越損失の台帳で前年の残高を確かめてください。",
    ),
    RowCheck(
        "salary_not_above_receipts",
        "給与所得は給与収入を超えない",
        "所得税法28条",
        "r.salary_income_yen > f.salary_receipts_yen",
        _RULES,
    ),
    RowCheck(
        "pension_not_above_receipts",
        "公的年金等の雑所得は年金収入を超えない",
        "所得税法35条",
        "r.pension_income_yen > f.pension_receipts_yen",
        _RULES,
    ),
    RowCheck(
        "refund_adds_up",
        "配当割額等=控除額+充当額+還付額",
        "I3・地方税法314条の9",
        "f.withheld_dividend_tax_yen <> r.withheld_credit_city_yen + r.withheld_credit_prefecture_yen"
        " + r.withheld_shortfall_yen OR r.withheld_shortfall_yen <> r.withheld_offset_yen + r.withheld_refund_yen"
        " OR r.withheld_refund_yen < 0",
        _RULES,
    ),
)

LIABILITY = (
    RowCheck(
        "exempt_pays_nothing",
        "人的非課税の者に税額がない",
        "地方税法295条1項",
        "r.is_exempt_person AND r.annual_tax_yen <> 0",
        _RULES,
    ),
    RowCheck(
        "not_liable_pays_nothing",
        "均等割も所得割も非課税の者に市民税・道民税がない",
        "地方税法295条3項・附則3条の3",
        "NOT r.is_liable_per_capita AND NOT r.is_liable_income_levy AND r.city_tax_yen + r.prefectural_tax_yen <> 0",
        _RULES,
    ),
    RowCheck(
        "exemption_not_overlooked",
        "生活扶助・障害者・未成年者の非課税を見落としていない",
        "地方税法295条1項",
        "f.is_domiciled AND NOT r.is_exempt_person AND (f.receives_livelihood_aid"
        " OR ((f.disability_code > 0 OR f.is_minor) AND r.total_income_yen <= %(person_income_limit)s))",
        _RULES,
    ),
    RowCheck(
        "levy_only_above_limit",
        "所得割は非課税限度額を超える者にだけ課す",
        "地方税法附則3条の3",
        "f.is_domiciled AND NOT r.is_exempt_person"
        " AND r.is_liable_income_levy <> (r.gross_income_yen > r.income_levy_limit_yen)",
        _RULES,
    ),
    RowCheck(
        "levy_limit_as_law",
        "所得割の非課税限度額が法の額と扶養の人数による",
        "I4・地方税法附則3条の3",
        "r.income_levy_limit_yen <> (r.family_heads + 1) * %(levy_limit_base)s + %(levy_limit_add)s"
        " + CASE WHEN r.family_heads > 0 THEN %(levy_limit_family)s ELSE 0 END",
        _VALUES,
    ),
    RowCheck(
        "per_capita_only_above_limit",
        "均等割は非課税限度額を超える者にだけ課す",
        "地方税法295条3項",
        "f.is_domiciled AND NOT r.is_exempt_person"
        " AND r.is_liable_per_capita <> (r.total_income_yen > r.per_capita_limit_yen)",
        _RULES,
    ),
    RowCheck(
        "family_heads_add_up",
        "非課税限度額の人数=扶養親族+同一生計配偶者",
        "I4・地方税法295条3項",
        "r.family_heads <> f.dependants_under_16 + f.dependants_general + f.dependants_specific"
        " + f.dependants_elderly + f.dependants_elderly_coresident + r.is_spouse_of_low_income::int",
        _RULES,
    ),
)

LAW = (
    RowCheck(
        "per_capita_as_ordinance",
        "均等割額が条例の額である",
        "I1・I4・地方税法310条",
        "r.per_capita_city_yen <> CASE WHEN r.is_liable_per_capita THEN %(per_capita_city)s ELSE 0 END"
        " OR r.per_capita_prefecture_yen <> CASE WHEN r.is_liable_per_capita THEN %(per_capita_prefecture)s"
        " ELSE 0 END",
        _VALUES,
    ),
    RowCheck(
        "forest_tax_as_law",
        "森林環境税額が法律の額である",
        "I4・森林環境税法5条",
        "r.forest_tax_yen <> greatest(CASE WHEN r.is_liable_forest THEN %(per_capita_forest)s ELSE 0 END"
        " - f.relief_forest_yen, 0)",
        _VALUES,
    ),
    RowCheck(
        "basic_deduction_as_law",
        "基礎控除が合計所得金額の区分の額である",
        "I4・地方税法314条の2第2項",
        "r.basic_deduction_yen <> (%(basic_amount)s::bigint[])"
        "[1 + width_bucket(r.total_income_yen - 1, %(basic_to)s::bigint[])]",
        _VALUES,
    ),
    RowCheck(
        "dependants_as_law",
        "扶養控除=区分ごとの人数×法の額",
        "I4・地方税法314条の2第1項11号",
        "r.dependant_deduction_yen <> f.dependants_general::bigint * %(dependant_general)s"
        " + f.dependants_specific * %(dependant_specific)s + f.dependants_elderly * %(dependant_elderly)s"
        " + f.dependants_elderly_coresident * %(dependant_coresident)s",
        _VALUES,
    ),
    RowCheck(
        "disability_as_law",
        "障害者控除=本人・親族の区分ごとの人数×法の額",
        "I4・地方税法314条の2第1項6号",
        "r.disability_deduction_yen <> CASE f.disability_code WHEN 2 THEN %(disabled_special)s"
        " WHEN 1 THEN %(disabled)s ELSE 0 END + f.disabled_relatives::bigint * %(disabled)s"
        " + f.special_disabled_relatives * %(disabled_special)s"
        " + f.special_disabled_coresident_relatives * %(disabled_coresident)s",
        _VALUES,
    ),
    RowCheck(
        "status_deductions_as_law",
        "寡婦・ひとり親・勤労学生控除は要件と所得の限度を満たす者にだけ法の額を引く",
        "I4・地方税法314条の2第1項8号・9号",
        "(r.widow_deduction_yen <> 0 AND (NOT f.is_widow OR r.total_income_yen > %(status_limit)s"
        " OR r.widow_deduction_yen <> %(widow)s))"
        " OR (r.single_parent_deduction_yen <> 0 AND (f.single_parent_code = 0"
        " OR r.total_income_yen > %(status_limit)s OR r.single_parent_deduction_yen <> %(single_parent)s))"
        " OR (r.working_student_deduction_yen <> 0 AND (NOT f.is_working_student"
        " OR r.total_income_yen > %(student_limit)s OR r.working_student_deduction_yen <> %(student)s))",
        _VALUES,
    ),
    RowCheck(
        "spouse_deduction_once",
        "配偶者控除・配偶者特別控除は一方だけで、配偶者があり所得が限度以下の者に限る",
        "I4・地方税法314条の2第1項10号",
        "(r.spouse_deduction_yen > 0 AND r.spouse_special_deduction_yen > 0)"
        " OR (r.spouse_deduction_yen + r.spouse_special_deduction_yen > 0"
        " AND (NOT f.has_spouse OR r.total_income_yen > %(spouse_payer_limit)s))",
        _VALUES,
    ),
    RowCheck(
        "deductions_within_caps",
        "生命保険料・地震保険料・医療費の控除が法の限度以下である",
        "I4・地方税法314条の2第1項2号・5号",
        "r.life_insurance_deduction_yen NOT BETWEEN 0 AND %(life_cap)s"
        " OR r.earthquake_deduction_yen NOT BETWEEN 0 AND %(earthquake_cap)s"
        " OR r.medical_deduction_yen NOT BETWEEN 0 AND %(medical_cap)s",
        _VALUES,
    ),
    RowCheck(
        "levy_at_the_rate",
        "算出所得割額=課税総所得金額×条例の税率+分離課税分",
        "I1・地方税法314条の3",
        "r.calculated_levy_city_yen_e4 <> CASE WHEN r.is_liable_income_levy THEN r.taxable_income_yen ELSE 0 END"
        " * 10000 * %(rate_city_num)s / %(rate_city_den)s + r.separate_levy_city_yen_e4"
        " OR r.calculated_levy_prefecture_yen_e4 <> CASE WHEN r.is_liable_income_levy THEN r.taxable_income_yen"
        " ELSE 0 END * 10000 * %(rate_prefecture_num)s / %(rate_prefecture_den)s"
        " + r.separate_levy_prefecture_yen_e4",
        _VALUES,
    ),
    RowCheck(
        "adjustment_credit_as_law",
        "調整控除が人的控除差と合計課税所得金額による額である",
        "I4・地方税法314条の6",
        """r.adjustment_base_yen <> CASE
             WHEN NOT r.is_liable_income_levy OR r.total_income_yen > %(adjustment_limit)s THEN 0
             WHEN r.taxable_income_yen + r.taxable_forestry_yen + r.taxable_retirement_yen <= %(adjustment_line)s
             THEN least(r.deduction_gap_yen,
                        r.taxable_income_yen + r.taxable_forestry_yen + r.taxable_retirement_yen)
             ELSE greatest(r.deduction_gap_yen - (r.taxable_income_yen + r.taxable_forestry_yen
                           + r.taxable_retirement_yen - %(adjustment_line)s), %(adjustment_floor)s) END
           OR r.adjustment_credit_city_yen <> r.adjustment_base_yen * %(adjustment_city_num)s
              / %(adjustment_city_den)s
           OR r.adjustment_credit_prefecture_yen <> r.adjustment_base_yen * %(adjustment_prefecture_num)s
              / %(adjustment_prefecture_den)s""",
        _VALUES,
    ),
    RowCheck(
        "donation_within_cap",
        "寄附金税額控除の特例控除額は所得割額の2割以下である(分離課税のない者)",
        "I4・地方税法314条の7第11項",
        f"{_SEPARATE_FREE} AND r.donation_special_city_yen > (greatest(CASE WHEN r.is_liable_income_levy"
        " THEN r.taxable_income_yen ELSE 0 END * 10000 * %(standard_city_num)s / %(standard_city_den)s"
        " - r.adjustment_credit_city_yen * 10000, 0) * %(special_cap_num)s + %(special_cap_den)s * 10000 - 1)"
        " / (%(special_cap_den)s * 10000)",
        _VALUES,
    ),
    RowCheck(
        "donation_credit_needs_donation",
        "寄附金税額控除は自己負担額を超える寄附のある者だけ、申告特例控除は申告特例の者だけ",
        "I4・地方税法314条の7・附則7条の2",
        "(r.donation_credit_city_yen + r.donation_credit_prefecture_yen > 0 AND f.hometown_donation_yen"
        " + f.city_donation_yen + f.prefecture_donation_yen <= %(own_burden)s)"
        " OR (r.donation_one_stop_city_yen + r.donation_one_stop_prefecture_yen > 0 AND NOT f.is_one_stop)",
        _RULES,
    ),
    RowCheck(
        "housing_credit_within_cap",
        "住宅借入金等特別税額控除が区分の限度額以下である",
        "I4・地方税法附則5条の4の2",
        "r.housing_credit_yen > (%(housing_caps)s::bigint[])[1 + f.housing_loan_code]"
        " OR r.housing_credit_yen > f.housing_loan_available_yen"
        " OR r.housing_credit_yen <> r.housing_credit_city_yen + r.housing_credit_prefecture_yen",
        _VALUES,
    ),
    RowCheck(
        "fixed_reduction_of_the_year",
        "定額減税は定額減税のある年度だけ、対象額と所得割額の範囲で引く",
        "I3・I4・地方税法附則5条の8・5条の12",
        "(%(fixed_amount)s = 0 AND (r.fixed_reduction_entitled_yen <> 0 OR r.fixed_reduction_city_yen <> 0"
        " OR r.fixed_reduction_prefecture_yen <> 0))"
        " OR r.fixed_reduction_city_yen + r.fixed_reduction_prefecture_yen > r.fixed_reduction_entitled_yen"
        " OR (%(fixed_amount)s > 0 AND r.fixed_reduction_entitled_yen %% greatest(%(fixed_amount)s, 1) <> 0)",
        _VALUES,
    ),
    RowCheck(
        "levy_not_above_adjusted",
        "所得割額は調整控除後の所得割額を超えない(税額控除の逆引き)",
        "I3・地方税法314条の6",
        "r.income_levy_city_yen * 10000 > r.adjusted_levy_city_yen_e4"
        " OR r.income_levy_prefecture_yen * 10000 > r.adjusted_levy_prefecture_yen_e4",
        _RULES,
    ),
    RowCheck(
        "credits_subtracted",
        "所得割額=調整控除後の所得割額−税額控除(100円未満切捨て)",
        "I3・I4・地方税法314条の7・20条の4の2第3項",
        """r.income_levy_city_yen <> greatest(greatest(r.adjusted_levy_city_yen_e4 - r.limit_relief_city_yen_e4
             - (r.dividend_credit_city_yen + r.housing_credit_city_yen + r.donation_credit_city_yen
                + r.foreign_credit_city_yen) * 10000, 0) / 10000 - r.withheld_credit_city_yen
             - r.fixed_reduction_city_yen, 0) / 100 * 100
           OR r.income_levy_prefecture_yen <> greatest(greatest(r.adjusted_levy_prefecture_yen_e4
             - r.limit_relief_prefecture_yen_e4 - (r.dividend_credit_prefecture_yen
                + r.housing_credit_prefecture_yen + r.donation_credit_prefecture_yen
                + r.foreign_credit_prefecture_yen) * 10000, 0) / 10000 - r.withheld_credit_prefecture_yen
             - r.fixed_reduction_prefecture_yen, 0) / 100 * 100""",
        _RULES,
    ),
)

AMOUNTS = (*SUMS, *LIABILITY, *LAW)
