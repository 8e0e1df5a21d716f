"""課税の基礎となる事実 (facts): the columns that go into the resident-tax pipeline, one row per taxpayer."""

from __future__ import annotations

from taxsys.kernel.columns import Column, ColumnSet
from taxsys.kernel.yen import MAX_YEN


def _yen(name: str, title_ja: str, note_ja: str = "", *, signed: bool = False) -> Column:
    return Column(name, "yen", title_ja, minimum=-MAX_YEN if signed else 0, note_ja=note_ja)


def _count(name: str, title_ja: str, note_ja: str = "") -> Column:
    return Column(name, "count", title_ja, maximum=99, note_ja=note_ja)


def _flag(name: str, title_ja: str, note_ja: str = "", *, default: int = 0) -> Column:
    return Column(name, "flag", title_ja, maximum=1, default=default, note_ja=note_ja)


def _code(name: str, title_ja: str, codes: tuple[tuple[int, str], ...]) -> Column:
    return Column(name, "code", title_ja, maximum=codes[-1][0], codes=codes)


SPECIFIC_RELATIVE_BANDS = 7

_PERSON = (
    _flag("is_domiciled", "1月1日に市内に住所がある", default=1),
    _flag("has_local_premises", "市内に事務所・事業所・家屋敷がある", "住所がない者だけに使う"),
    _flag("is_exempt_at_domicile", "住所地の市区町村で非課税", "市内に住所がない者だけに使う"),
    _flag("receives_livelihood_aid", "1月1日に生活扶助を受けている"),
    _flag("is_minor", "未成年者"),
    _flag("is_age_65", "12月31日に65歳以上"),
    _code("disability_code", "本人の障害", ((0, "なし"), (1, "障害者"), (2, "特別障害者"))),
    _flag("is_widow", "寡婦", "所得以外の要件を満たす者"),
    _code("single_parent_code", "ひとり親", ((0, "なし"), (1, "母"), (2, "父"))),
    _flag("is_working_student", "勤労学生", "勤労によらない所得10万円以下など、合計所得以外の要件を満たす者"),
)
_INCOME = (
    _yen("salary_receipts_yen", "給与収入"),
    _yen("salary_specific_expenses_yen", "特定支出控除額"),
    _yen("pension_receipts_yen", "公的年金等収入"),
    _yen("business_income_yen", "営業等所得", "赤字は負の数", signed=True),
    _yen("farm_income_yen", "農業所得", "赤字は負の数", signed=True),
    _yen("real_estate_income_yen", "不動産所得", "赤字は負の数", signed=True),
    _yen("real_estate_land_interest_yen", "不動産所得の赤字のうち土地取得の負債利子", "損益通算できない額"),
    _yen("interest_income_yen", "利子所得(総合)"),
    _yen("dividend_income_yen", "配当所得(総合)"),
    _yen("misc_business_income_yen", "雑所得(業務)", "赤字は負の数", signed=True),
    _yen("misc_other_income_yen", "雑所得(その他)", "赤字は負の数", signed=True),
    _yen("short_gain_yen", "総合譲渡の損益(短期)", "特別控除前。損は負の数", signed=True),
    _yen("long_gain_yen", "総合譲渡の損益(長期)", "特別控除前・2分の1前。損は負の数", signed=True),
    _yen("occasional_income_yen", "一時所得", "特別控除後・2分の1前"),
    _yen("forestry_income_yen", "山林の損益", "特別控除前。損は負の数", signed=True),
    _yen("retirement_income_yen", "退職所得", "特別徴収されず年度の課税に入るもの(2分の1後)"),
)
_SEPARATE = (
    _yen("short_land_gain_yen", "分離短期譲渡の損益(一般)", "特別控除前。損は負の数", signed=True),
    _yen("short_state_gain_yen", "分離短期譲渡の損益(国等への譲渡)", "特別控除前。損は負の数", signed=True),
    _yen("long_land_gain_yen", "分離長期譲渡の損益(一般)", "特別控除前。損は負の数", signed=True),
    _yen("long_housing_gain_yen", "分離長期譲渡の損益(優良住宅地等)", "特別控除前。損は負の数", signed=True),
    _yen("long_home_gain_yen", "分離長期譲渡の損益(居住用・軽課)", "特別控除前。損は負の数", signed=True),
    _yen("short_land_special_yen", "分離短期譲渡の特別控除額(一般)"),
    _yen("short_state_special_yen", "分離短期譲渡の特別控除額(国等への譲渡)"),
    _yen("long_land_special_yen", "分離長期譲渡の特別控除額(一般)"),
    _yen("long_housing_special_yen", "分離長期譲渡の特別控除額(優良住宅地等)"),
    _yen("long_home_special_yen", "分離長期譲渡の特別控除額(居住用・軽課)"),
    _yen("shares_unlisted_gain_yen", "一般株式等の譲渡の損益", "損は負の数", signed=True),
    _yen("shares_listed_gain_yen", "上場株式等の譲渡の損益", "申告した額。損は負の数", signed=True),
    _yen("listed_dividend_yen", "上場株式等の配当等(申告分離)"),
    _yen("futures_income_yen", "先物取引の損益", "損は負の数", signed=True),
)
_LOSSES = (
    _yen("home_loss_yen", "居住用財産の譲渡損失", "当年に損益通算する額"),
    _yen("loss_carried_forward_yen", "純損失の繰越額", "前年以前に生じ、控除していない額"),
    _yen("home_loss_carried_yen", "居住用財産の譲渡損失の繰越額", "前年以前に生じ、控除していない額"),
    _yen("casualty_carried_yen", "雑損失の繰越額", "前年以前に生じ、控除していない額"),
    _yen("shares_loss_carried_yen", "上場株式等の譲渡損失の繰越額", "前年以前に生じ、控除していない額"),
    _yen("futures_loss_carried_yen", "先物取引の損失の繰越額", "前年以前に生じ、控除していない額"),
)
_FAMILY = (
    _flag("has_spouse", "生計を一にする配偶者がある", "専従者を除く"),
    _yen("spouse_income_yen", "配偶者の合計所得金額"),
    _flag("is_spouse_elderly", "配偶者が70歳以上"),
    _flag("is_spouse_abroad", "配偶者が国外居住"),
    _count("dependants_under_16", "扶養親族(16歳未満)"),
    _count("dependants_general", "扶養親族(一般)"),
    _count("dependants_specific", "扶養親族(特定)"),
    _count("dependants_elderly", "扶養親族(老人)"),
    _count("dependants_elderly_coresident", "扶養親族(同居老親等)"),
    _count("dependants_abroad", "国外居住の扶養親族", "上の5区分の内数"),
    *(
        _count(f"specific_relatives_{band}", f"特定親族(特定親族特別控除の表の第{band}段階)")
        for band in range(1, SPECIFIC_RELATIVE_BANDS + 1)
    ),
    _flag("has_dependant_under_23", "23歳未満の扶養親族がある", "他の者が扶養控除を受ける子を含む"),
    _count("disabled_relatives", "障害者である同一生計配偶者・扶養親族"),
    _count("special_disabled_relatives", "特別障害者である同一生計配偶者・扶養親族", "同居を除く"),
    _count("special_disabled_coresident_relatives", "同居特別障害者"),
)
_DEDUCTION = (
    _yen("casualty_loss_yen", "差引損失額", "保険金等を除いた後"),
    _yen("disaster_expense_yen", "災害関連支出額"),
    _yen("medical_paid_yen", "支払医療費"),
    _yen("medical_reimbursed_yen", "医療費の補填額"),
    _yen("self_medication_yen", "特定一般用医薬品等購入費"),
    _flag("chooses_self_medication", "セルフメディケーション税制を選択"),
    _yen("social_insurance_yen", "社会保険料"),
    _yen("small_business_mutual_yen", "小規模企業共済等掛金"),
    _yen("life_general_new_yen", "新生命保険料"),
    _yen("life_general_old_yen", "旧生命保険料"),
    _yen("life_care_yen", "介護医療保険料"),
    _yen("life_annuity_new_yen", "新個人年金保険料"),
    _yen("life_annuity_old_yen", "旧個人年金保険料"),
    _yen("earthquake_yen", "地震保険料"),
    _yen("old_long_insurance_yen", "旧長期損害保険料"),
    _yen("other_deduction_yen", "その他の所得控除額", "金額だけが資料にある所得控除"),
)
_CREDIT = (
    _yen("dividend_ordinary_yen", "配当控除の対象(剰余金の配当等)"),
    _yen("dividend_trust_yen", "配当控除の対象(証券投資信託)"),
    _yen("dividend_currency_trust_yen", "配当控除の対象(外貨建等証券投資信託)"),
    _code(
        "housing_loan_code", "住宅借入金等特別税額控除の区分", ((0, "なし"), (1, "5%・97,500円"), (2, "7%・136,500円"))
    ),
    _yen("housing_loan_available_yen", "所得税の住宅借入金等特別控除可能額"),
    _yen("national_income_tax_yen", "所得税額(住宅借入金等特別控除前)"),
    _yen("national_taxable_income_yen", "所得税の課税総所得金額等"),
    _yen("hometown_donation_yen", "都道府県・市区町村への寄附金(ふるさと納税)"),
    _yen("city_donation_yen", "市民税の控除対象寄附金", "共同募金会・日本赤十字社支部・市条例指定"),
    _yen("prefecture_donation_yen", "道民税の控除対象寄附金", "共同募金会・日本赤十字社支部・道条例指定"),
    _flag("is_one_stop", "申告特例(ワンストップ)の適用"),
    _yen("foreign_tax_credit_city_yen", "外国税額控除(市民税)", "金額が資料にあるもの"),
    _yen("foreign_tax_credit_prefecture_yen", "外国税額控除(道民税)", "金額が資料にあるもの"),
    _yen("foreign_tax_limit_yen", "外国所得税の国税の控除限度額", "所得税の控除限度額(道民税・市民税の限度額の基礎)"),
    _yen("foreign_tax_excess_yen", "国税で控除しきれない外国所得税額", "所得税の控除限度額を超える額(繰越分を含む)"),
    _yen("withheld_dividend_tax_yen", "配当割額・株式等譲渡所得割額"),
)
_RELIEF = (
    _yen("relief_city_yen", "減免する額(市民税)", "減免の決定による"),
    _yen("relief_prefecture_yen", "減免する額(道府県民税)", "減免の決定による"),
    _yen("relief_forest_yen", "免除する額(森林環境税)", "免除の決定による"),
)

RESIDENT_FACTS = ColumnSet(
    "resident_facts", (*_PERSON, *_INCOME, *_SEPARATE, *_LOSSES, *_FAMILY, *_DEDUCTION, *_CREDIT, *_RELIEF)
)
# Income that is taxed apart, forestry, retirement, losses carried: one person in some twenty-five has any of them.
RARE_INCOME = (
    "forestry_income_yen", "retirement_income_yen", *(column.name for column in (*_SEPARATE, *_LOSSES)),
)  # fmt: skip
