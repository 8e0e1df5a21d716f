"""所得税確定申告書 (KOA020 第一表・第二表・第三表): which tag of the form is which box of a return in our words.

The tags and their Japanese names are published (v23.0); the meanings of codes inside some boxes are not. What is not
confirmed stands in UNREAD with [P] and is not guessed. The 第四表 (損失申告用) is no part of the published tree: its
boxes exist in `assessment.sources.contents` for entry by hand, no tag is mapped to them.
"""

# Boxes that may hold a loss; every other box of yen holds no negative amount.
SIGNED_YEN = {
    "ABB00300": "business_income_yen",
    "ABB00320": "farm_income_yen",
    "ABB00340": "real_estate_income_yen",
    "ABB01090": "misc_business_income_yen",
    "ABB01120": "misc_other_income_yen",
    "ABB00130": "short_gain_after_yen",
    "ABB00180": "long_gain_after_yen",
    "ABB00410": "total_income_yen",
    "ABL00220": "short_land_income_yen",
    "ABL00230": "short_state_income_yen",
    "ABL00250": "long_land_income_yen",
    "ABL00260": "long_housing_income_yen",
    "ABL00270": "long_home_income_yen",
    "ABL00860": "land_gain_total_yen",
    "ABL00305": "shares_unlisted_gain_yen",
    "ABL00310": "shares_listed_gain_yen",
    "ABL00350": "futures_income_yen",
    "ABL00360": "forestry_after_yen",
}
PLAIN_YEN = {
    "ABB00080": "wage_yen",
    "ABB00100": "pension_yen",
    "ABB00230": "occasional_income_yen",
    "ABB00350": "interest_income_yen",
    "ABB00360": "dividend_income_yen",
    "ABB00430": "casualty_deduction_yen",
    "ABB00440": "medical_deduction_yen",
    "ABB00450": "social_insurance_yen",
    "ABB00460": "small_mutual_yen",
    "ABB00780": "spouse_income_yen",
    # One box for every kind of loss that the national tax carries; which kind it was only the 第四表 tells.
    "ABB00830": "carried_used_yen",
    "ABB01040": "national_foreign_credit_yen",
    "ABH00050": "casualty_damage_yen",
    "ABH00060": "casualty_reimbursed_yen",
    "ABH00070": "disaster_expense_yen",
    "ABH00215": "life_general_new_yen",
    "ABH00220": "life_general_old_yen",
    "ABH00235": "life_care_yen",
    "ABH00225": "life_annuity_new_yen",
    "ABH00230": "life_annuity_old_yen",
    "ABH00250": "earthquake_yen",
    "ABH00260": "old_long_insurance_yen",
    "ABI00240": "hometown_donation_yen",
    "ABI00270": "prefecture_donation_yen",
    "ABI00280": "city_donation_yen",
    "ABL00325": "listed_dividend_yen",
    "ABL00410": "retirement_income_yen",
    "ABL00863": "land_special_total_yen",
    "ABL00920": "shares_loss_used_yen",
    "ABL00937": "dividend_loss_used_yen",
    "ABL00930": "shares_loss_next_yen",
    "ABL00950": "futures_loss_used_yen",
    "ABL00960": "futures_loss_next_yen",
}
# 分離課税の収入金額: with one kind alone having a revenue, the special deduction is that kind's.
LAND_REVENUES = {
    "ABL00040": "short_land",
    "ABL00050": "short_state",
    "ABL00070": "long_land",
    "ABL00080": "long_housing",
    "ABL00090": "long_home",
}
# A tick stands in the box itself or in one of the boxes below it.
TICKS = {
    "is_single_parent": ("ABH00365",),
    "is_widow": ("ABH00340", "ABH00350", "ABH00360"),
    "is_working_student": ("ABH00370", "ABH00380", "ABH00600"),
    "is_amended": ("ABA00256",),
    "is_blue_return": ("ABA00240",),
}
DISABLED, DISABLED_SPECIAL = "ABH00610", "ABH00620"
# 医療費控除の区分 1 = セルフメディケーション税制 (the form's own guide).
MEDICAL_KIND, SELF_MEDICATION = "ABB00435", "1"

UNREAD = {
    "ABB00330": "[P] 不動産所得の特例表示: 符号の意味が公表されていない",
    "ABB00676": "[P] 外国税額控除等の区分: 符号の意味が公表されていない",
    "ABD00025": "[P] 所得の種目: 自由記載のため配当の種類を決められない",
    "ABX00250": "[P] 総合譲渡・一時の所得の種類: 自由記載",
    "ABL00740": "[P] 分離譲渡の区分: 符号の意味が公表されていない。特別控除額は収入の区分が一つのときだけ割り当てる",
    "ABL00850": "[P] 特別控除額(明細の行): 区分が読めないため合計額を使う",
    "ABY00060": "[P] 配偶者の障害の欄: 親族ごとの対応が様式の木から決まらない",
    "ABY00210": "[P] 親族の障害の欄: 繰返しのどの親族のものか様式の木から決まらない",
}
