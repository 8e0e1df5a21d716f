"""課税資料の内容: what each kind of paper says, in this office's words.

A document stores its content as a mapping of these names to whole yen, counts, flags or codes; a name that is absent
is an empty box. The edges (eltax_bridge, the entry screens) translate a layout's fields into these names once.
"""

from dataclasses import dataclass
from typing import Literal

BoxKind = Literal["yen", "count", "flag", "code", "date", "text"]


@dataclass(frozen=True, slots=True)
class Box:
    """One box of a paper: its name here, what it holds, and what the paper calls it."""

    name: str
    kind: BoxKind
    title_ja: str


WAGE_REPORT: tuple[Box, ...] = (
    Box("wage_yen", "yen", "支払金額"),
    Box("wage_after_deduction_yen", "yen", "給与所得控除後の金額"),
    Box("income_deduction_total_yen", "yen", "所得控除の額の合計額"),
    Box("withheld_tax_yen", "yen", "源泉徴収税額"),
    Box("previous_wage_yen", "yen", "前職分の給与"),
    Box("previous_social_yen", "yen", "前職分の社会保険料"),
    Box("social_insurance_yen", "yen", "社会保険料等の金額"),
    Box("small_mutual_yen", "yen", "小規模企業共済等掛金(内書)"),
    Box("life_general_new_yen", "yen", "新生命保険料"),
    Box("life_general_old_yen", "yen", "旧生命保険料"),
    Box("life_care_yen", "yen", "介護医療保険料"),
    Box("life_annuity_new_yen", "yen", "新個人年金保険料"),
    Box("life_annuity_old_yen", "yen", "旧個人年金保険料"),
    Box("life_deduction_yen", "yen", "生命保険料の控除額"),
    Box("earthquake_deduction_yen", "yen", "地震保険料の控除額"),
    Box("housing_credit_yen", "yen", "住宅借入金等特別控除の額"),
    Box("housing_possible_yen", "yen", "住宅借入金等特別控除可能額"),
    Box("national_pension_yen", "yen", "国民年金保険料等の金額"),
    Box("basic_deduction_yen", "yen", "基礎控除の額"),
    Box("old_long_insurance_yen", "yen", "旧長期損害保険料"),
    Box("income_adjustment_yen", "yen", "所得金額調整控除額"),
    Box("spouse_code", "code", "控除対象配偶者の有無等"),
    Box("is_spouse_elderly", "flag", "老人控除対象配偶者"),
    Box("spouse_deduction_yen", "yen", "配偶者(特別)控除の額"),
    Box("has_named_spouse", "flag", "配偶者の記載"),
    Box("spouse_income_yen", "yen", "配偶者の合計所得"),
    Box("dependants_specific", "count", "特定扶養親族"),
    Box("dependants_elderly", "count", "老人扶養親族"),
    Box("dependants_elderly_coresident", "count", "老人扶養親族のうち同居"),
    Box("dependants_general", "count", "その他の扶養親族"),
    Box("dependants_under_16", "count", "16歳未満扶養親族"),
    Box("dependants_abroad", "count", "非居住者である親族"),
    Box("special_disabled_relatives", "count", "特別障害者(本人を除く)"),
    Box("special_disabled_coresident_relatives", "count", "特別障害者のうち同居"),
    Box("disabled_relatives", "count", "その他の障害者"),
    Box("disability_code", "code", "本人の障害"),
    Box("is_widow", "flag", "寡婦"),
    Box("is_single_parent", "flag", "ひとり親"),
    Box("is_working_student", "flag", "勤労学生"),
    Box("is_secondary", "flag", "乙欄"),
    Box("is_ordinary_collection", "flag", "普通徴収"),
    Box("left_on", "date", "退職年月日"),
    Box("employee_no", "text", "受給者番号"),
    Box("designation_no", "text", "指定番号"),
    Box("specific_relative_incomes_yen", "yen", "特定親族の合計所得金額(人ごと)"),
)

PENSION_REPORT: tuple[Box, ...] = (
    Box("pension_yen", "yen", "支払金額"),
    Box("withheld_tax_yen", "yen", "源泉徴収税額"),
    Box("social_insurance_yen", "yen", "社会保険料の金額"),
    Box("spouse_code", "code", "控除対象配偶者の有無等"),
    Box("dependants_specific", "count", "特定扶養親族"),
    Box("dependants_elderly", "count", "老人扶養親族"),
    Box("dependants_general", "count", "その他の扶養親族"),
    Box("dependants_under_16", "count", "16歳未満扶養親族"),
    Box("special_disabled_relatives", "count", "特別障害者"),
    Box("special_disabled_coresident_relatives", "count", "特別障害者のうち同居"),
    Box("disabled_relatives", "count", "その他の障害者"),
    Box("disability_code", "code", "本人の障害"),
    Box("is_widow", "flag", "寡婦"),
    Box("is_single_parent", "flag", "ひとり親"),
    Box("specific_relative_incomes_yen", "yen", "特定親族の合計所得金額(人ごと)"),
)

_LAND = (
    ("short_land", "短期譲渡(一般分)"),
    ("short_state", "短期譲渡(軽減分)"),
    ("long_land", "長期譲渡(一般分)"),
    ("long_housing", "長期譲渡(特定分)"),
    ("long_home", "長期譲渡(軽課分)"),
)
SEPARATE_INCOME: tuple[Box, ...] = (
    *(Box(f"{kind}_income_yen", "yen", f"分離 {title}の所得") for kind, title in _LAND),
    *(Box(f"{kind}_special_yen", "yen", f"分離 {title}の特別控除額") for kind, title in _LAND),
    Box("land_gain_total_yen", "yen", "分離譲渡 差引金額の合計額"),
    Box("land_special_total_yen", "yen", "分離譲渡 特別控除額の合計額"),
    Box("shares_unlisted_gain_yen", "yen", "一般株式等の譲渡"),
    Box("shares_listed_gain_yen", "yen", "上場株式等の譲渡"),
    Box("listed_dividend_yen", "yen", "上場株式等の配当等"),
    Box("futures_income_yen", "yen", "先物取引"),
    Box("forestry_after_yen", "yen", "山林"),
    Box("retirement_income_yen", "yen", "退職"),
    Box("shares_loss_used_yen", "yen", "株式等 本年分から差し引く繰越損失額"),
    Box("dividend_loss_used_yen", "yen", "配当等 本年分から差し引く繰越損失額"),
    Box("shares_loss_next_yen", "yen", "株式等 翌年以後に繰り越される損失の金額"),
    Box("futures_loss_used_yen", "yen", "先物取引 本年分から差し引く繰越損失額"),
    Box("futures_loss_next_yen", "yen", "先物取引 翌年以後に繰り越される損失の金額"),
)
"""第三表 (分離課税用)."""
LOSSES: tuple[Box, ...] = (
    Box("is_blue_return", "flag", "青色申告"),
    Box("is_named_disaster", "flag", "特定非常災害による損失"),
    Box("carriable_loss_yen", "yen", "白色申告で翌年に繰り越せる純損失(変動所得・被災事業用資産)"),
    Box("carried_used_yen", "yen", "本年分で差し引く繰越損失額"),
    Box("home_loss_yen", "yen", "居住用財産の譲渡損失の金額"),
    Box("loss_carried_forward_yen", "yen", "前年から繰り越された純損失の金額"),
    Box("home_loss_carried_yen", "yen", "前年から繰り越された居住用財産の譲渡損失の金額"),
    Box("casualty_carried_yen", "yen", "前年から繰り越された雑損失の金額"),
    Box("shares_loss_carried_yen", "yen", "前年から繰り越された上場株式等の譲渡損失の金額"),
    Box("futures_loss_carried_yen", "yen", "前年から繰り越された先物取引の損失の金額"),
)
"""第四表 (損失申告用) and the statements attached to it."""

TAX_RETURN: tuple[Box, ...] = (
    Box("wage_yen", "yen", "給与収入"),
    Box("pension_yen", "yen", "公的年金等収入"),
    Box("business_income_yen", "yen", "営業等所得"),
    Box("farm_income_yen", "yen", "農業所得"),
    Box("real_estate_income_yen", "yen", "不動産所得"),
    Box("interest_income_yen", "yen", "利子所得"),
    Box("dividend_income_yen", "yen", "配当所得"),
    Box("misc_business_income_yen", "yen", "雑所得(業務)"),
    Box("misc_other_income_yen", "yen", "雑所得(その他)"),
    Box("short_gain_after_yen", "yen", "総合譲渡(短期)"),
    Box("long_gain_after_yen", "yen", "総合譲渡(長期)"),
    Box("occasional_income_yen", "yen", "一時"),
    Box("wage_income_yen", "yen", "給与所得"),
    Box("pension_income_yen", "yen", "公的年金等の所得"),
    Box("gains_occasional_yen", "yen", "総合譲渡・一時の所得"),
    Box("total_income_yen", "yen", "所得金額合計"),
    Box("real_estate_land_interest_yen", "yen", "不動産所得の赤字のうち土地等の負債利子"),
    Box("dividend_trust_yen", "yen", "配当所得のうち証券投資信託"),
    Box("dividend_currency_trust_yen", "yen", "配当所得のうち外貨建等証券投資信託"),
    Box("dividend_no_credit_yen", "yen", "配当所得のうち配当控除の対象でないもの"),
    Box("casualty_deduction_yen", "yen", "雑損控除額"),
    Box("casualty_damage_yen", "yen", "雑損 損害金額"),
    Box("casualty_reimbursed_yen", "yen", "雑損 保険金などで補填される金額"),
    Box("disaster_expense_yen", "yen", "雑損 災害関連支出の金額"),
    Box("medical_deduction_yen", "yen", "医療費控除額"),
    Box("chooses_self_medication", "flag", "セルフメディケーション税制"),
    Box("social_insurance_yen", "yen", "社会保険料控除"),
    Box("small_mutual_yen", "yen", "小規模企業共済等掛金控除"),
    Box("life_general_new_yen", "yen", "新生命保険料"),
    Box("life_general_old_yen", "yen", "旧生命保険料"),
    Box("life_care_yen", "yen", "介護医療保険料"),
    Box("life_annuity_new_yen", "yen", "新個人年金保険料"),
    Box("life_annuity_old_yen", "yen", "旧個人年金保険料"),
    Box("earthquake_yen", "yen", "地震保険料"),
    Box("old_long_insurance_yen", "yen", "旧長期損害保険料"),
    Box("hometown_donation_yen", "yen", "都道府県・市区町村への寄附"),
    Box("city_donation_yen", "yen", "市条例指定等の寄附"),
    Box("prefecture_donation_yen", "yen", "道条例指定等の寄附"),
    Box("withheld_dividend_tax_yen", "yen", "配当割額・株式等譲渡所得割額"),
    Box("national_foreign_credit_yen", "yen", "所得税の外国税額控除額"),
    Box("foreign_tax_limit_yen", "yen", "外国税額控除 所得税の控除限度額"),
    Box("foreign_tax_excess_yen", "yen", "外国税額控除 所得税で控除しきれない額"),
    Box("foreign_tax_credit_prefecture_yen", "yen", "外国税額控除 道民税で控除する額"),
    Box("foreign_tax_credit_city_yen", "yen", "外国税額控除 市民税で控除する額"),
    Box("spouse_income_yen", "yen", "配偶者の合計所得金額"),
    Box("disability_code", "code", "本人の障害"),
    Box("is_widow", "flag", "寡婦"),
    Box("is_single_parent", "flag", "ひとり親"),
    Box("is_working_student", "flag", "勤労学生"),
    Box("is_ordinary_collection", "flag", "給与・年金以外の所得に係る徴収方法=自分で納付"),
    Box("is_amended", "flag", "修正申告"),
    *SEPARATE_INCOME,
    *LOSSES,
)

ONESTOP_NOTICE: tuple[Box, ...] = (
    Box("hometown_donation_yen", "yen", "寄附金額"),
    Box("applications", "count", "申請件数"),
)

CONTENTS: dict[str, tuple[Box, ...]] = {
    "wage": WAGE_REPORT,
    "pension": PENSION_REPORT,
    "return": TAX_RETURN,
    "resident_return": TAX_RETURN,
    "onestop": ONESTOP_NOTICE,
}
