"""所得税確定申告書（第一表〜第四表）と市民税・道民税申告書: the boxes in the order of the papers.

The marks ①… and ㋐… are those of the national form as it stood for 令和7年分; they change between years and only help
the eye: nothing reads them.
"""

from assessment.entry.declaration import (
    ADDRESS,
    ARRIVED,
    BIRTH,
    DISABILITY,
    FILING,
    KANA,
    NAME,
    NUMBER,
    REL_BIRTH,
    REL_DISABILITY,
    REL_INCOME,
    REL_NAME,
    REL_RELATION,
    Check,
    EntryBox,
    Group,
    PaperForm,
    RelativeRows,
)
from assessment.sources.contents import LOSSES, SEPARATE_INCOME, Box

_IN_A_ROW = 4
# Boxes of the third and fourth table that may hold a loss.
_SIGNED = frozenset((
    "short_land_income_yen", "short_state_income_yen", "long_land_income_yen", "long_housing_income_yen",
    "long_home_income_yen", "land_gain_total_yen", "shares_unlisted_gain_yen", "shares_listed_gain_yen",
    "futures_income_yen", "forestry_after_yen",
))  # fmt: skip
# Boxes of the fourth table's content that stand on the first table.
_ELSEWHERE = frozenset({"is_blue_return", "carried_used_yen"})


def _yen(name: str, label: str, mark: str = "", *, width: int = 3) -> EntryBox:
    return EntryBox(name=name, label=label, mark=mark, width=width)


def _signed(name: str, label: str, mark: str = "", *, width: int = 3) -> EntryBox:
    return EntryBox(name=name, label=label, mark=mark, kind="signed", width=width)


def _flag(name: str, label: str) -> EntryBox:
    return EntryBox(name=name, label=label, kind="flag", digits=1)


def _table(boxes: tuple[Box, ...]) -> tuple[tuple[EntryBox, ...], ...]:
    """Rows of boxes straight from the content's own words (third and fourth table)."""
    listed = [
        EntryBox(
            name=box.name, label=box.title_ja.removeprefix("分離 "), width=3,
            kind="flag" if box.kind == "flag" else ("signed" if box.name in _SIGNED else "yen"),
        )
        for box in boxes if box.name not in _ELSEWHERE
    ]  # fmt: skip
    return tuple(tuple(listed[at : at + _IN_A_ROW]) for at in range(0, len(listed), _IN_A_ROW))


_RECEIVED = Group(title="受付", rows=((ARRIVED, FILING),))
_PERSON = Group(title="住所・氏名", rows=((ADDRESS, NUMBER), (KANA, NAME, BIRTH)))
_INCOMES = (
    (
        _signed("business_income_yen", "営業等", "①"), _signed("farm_income_yen", "農業", "②"),
        _signed("real_estate_income_yen", "不動産", "③"), _yen("interest_income_yen", "利子", "④"),
    ),
    (
        _yen("dividend_income_yen", "配当", "⑤"), _yen("wage_income_yen", "給与", "⑥"),
        _yen("pension_income_yen", "公的年金等", "⑦"), _signed("misc_business_income_yen", "業務", "⑧"),
    ),
    (
        _signed("misc_other_income_yen", "その他", "⑨"), _signed("gains_occasional_yen", "総合譲渡・一時", "⑪"),
        _signed("total_income_yen", "合計", "⑫", width=6),
    ),
)  # fmt: skip
_INCOME_PARTS = (
    "business_income_yen", "farm_income_yen", "real_estate_income_yen", "interest_income_yen", "dividend_income_yen",
    "wage_income_yen", "pension_income_yen", "misc_business_income_yen", "misc_other_income_yen",
    "gains_occasional_yen",
)  # fmt: skip
_DEDUCTIONS = (
    (
        _yen("social_insurance_yen", "社会保険料控除", "⑬"), _yen("small_mutual_yen", "小規模企業共済等掛金控除", "⑭"),
        _yen("spouse_income_yen", "配偶者の合計所得金額"),
    ),
    (
        _yen("casualty_deduction_yen", "雑損控除"), _yen("medical_deduction_yen", "医療費控除"),
        EntryBox(
            name="chooses_self_medication", label="医療費控除の区分", kind="code", digits=1, width=3,
            codes=(("1", "セルフメディケーション税制"),),
        ),
    ),
)  # fmt: skip
_INSURANCE = (
    (
        _yen("life_general_new_yen", "新生命保険料", width=2), _yen("life_general_old_yen", "旧生命保険料", width=2),
        _yen("life_care_yen", "介護医療保険料", width=2), _yen("life_annuity_new_yen", "新個人年金保険料", width=2),
        _yen("life_annuity_old_yen", "旧個人年金保険料", width=2),
    ),
    (_yen("earthquake_yen", "地震保険料"), _yen("old_long_insurance_yen", "旧長期損害保険料")),
)  # fmt: skip
_STATUS = (
    _flag("is_widow", "寡婦"), _flag("is_single_parent", "ひとり親"), _flag("is_working_student", "勤労学生"),
    DISABILITY,
)  # fmt: skip
_RELATIVES = (
    Group(
        title="配偶者",
        relatives=RelativeRows(role="spouse", label="配偶者", rows=1, columns=(REL_NAME, REL_BIRTH, REL_DISABILITY)),
    ),
    Group(
        title="扶養親族（16歳未満を含む）",
        relatives=RelativeRows(
            role="dependant", label="親族", rows=5, columns=(REL_NAME, REL_RELATION, REL_BIRTH, REL_DISABILITY)
        ),
    ),
    Group(
        title="特定親族",
        relatives=RelativeRows(
            role="specific_relative", label="特定親族", rows=2, columns=(REL_NAME, REL_RELATION, REL_BIRTH, REL_INCOME)
        ),
    ),
)
_DONATIONS = (
    _yen("hometown_donation_yen", "都道府県・市区町村への寄附"), _yen("prefecture_donation_yen", "道条例指定等の寄附"),
    _yen("city_donation_yen", "市条例指定等の寄附"),
)  # fmt: skip
_COLLECTION = EntryBox(
    name="is_ordinary_collection", label="給与・年金以外の所得の徴収方法", kind="code", digits=1, width=4,
    codes=(("1", "自分で納付"),),
)  # fmt: skip
_CHECKS = (
    Check(
        kind="sum", box="total_income_yen", others=_INCOME_PARTS,
        message_ja="合計が、①から⑪までの各欄の合計と違います。",
    ),
    Check(
        kind="not_beside", box="is_single_parent", others=("is_widow", "spouse_1_name"),
        message_ja="ひとり親ですが、寡婦または配偶者の記載があります。",
    ),
    Check(
        kind="needs", box="spouse_income_yen", others=("spouse_1_name",),
        message_ja="配偶者の合計所得金額がありますが、配偶者の氏名がありません。",
    ),
    Check(
        kind="needs", box="chooses_self_medication", others=("medical_deduction_yen",),
        message_ja="医療費控除の区分がありますが、医療費控除の額がありません。",
    ),
    Check(
        kind="within", box="wage_income_yen", others=("wage_yen",),
        message_ja="給与所得が、給与の収入金額より多くあります。", is_stop=True,
    ),
    Check(
        kind="within", box="pension_income_yen", others=("pension_yen",),
        message_ja="公的年金等の所得が、収入金額より多くあります。", is_stop=True,
    ),
)  # fmt: skip

NATIONAL_RETURN = PaperForm(
    code="return",
    kind="return",
    title="所得税確定申告書",
    groups=(
        _RECEIVED,
        _PERSON,
        Group(
            title="第一表　種類",
            rows=((_flag("is_blue_return", "青色"), _flag("is_amended", "修正")),),
        ),
        Group(
            title="第一表　収入金額等",
            rows=(
                (
                    _yen("wage_yen", "給与", "㋔"), _yen("pension_yen", "公的年金等", "㋕"),
                    _signed("short_gain_after_yen", "総合譲渡　短期", "㋘"),
                    _signed("long_gain_after_yen", "総合譲渡　長期", "㋙"),
                ),
                (_yen("occasional_income_yen", "一時", "㋚"),),
            ),
        ),
        Group(title="第一表　所得金額等", rows=_INCOMES),
        Group(title="第一表　所得から差し引かれる金額", rows=_DEDUCTIONS),
        Group(
            title="第一表　税金の計算・その他",
            rows=(
                (
                    _yen("national_foreign_credit_yen", "外国税額控除等"),
                    _yen("carried_used_yen", "本年分で差し引く繰越損失額"),
                ),
            ),
        ),
        Group(title="第二表　保険料控除等に関する事項", rows=_INSURANCE),
        Group(title="第二表　本人に関する事項", rows=(_STATUS,)),
        Group(
            title="第二表　雑損控除に関する事項",
            rows=(
                (
                    _yen("casualty_damage_yen", "損害金額"),
                    _yen("casualty_reimbursed_yen", "保険金などで補填される金額"),
                    _yen("disaster_expense_yen", "差引損失額のうち災害関連支出の金額"),
                ),
            ),
        ),
        *_RELATIVES,
        Group(
            title="第二表　住民税・事業税に関する事項",
            rows=(
                (
                    _yen("withheld_dividend_tax_yen", "配当割額・株式等譲渡所得割額控除額", width=4), _COLLECTION,
                ),
                _DONATIONS,
            ),
        ),
        Group(title="第三表（分離課税用）", rows=_table(SEPARATE_INCOME)),
        Group(title="第四表（損失申告用）", rows=_table(LOSSES)),
    ),
    checks=_CHECKS,
)  # fmt: skip

RESIDENT_RETURN = PaperForm(
    code="resident_return",
    kind="resident_return",
    title="市民税・道民税申告書",
    groups=(
        _RECEIVED,
        _PERSON,
        Group(
            title="1 収入金額等",
            rows=(
                (
                    _yen("wage_yen", "給与"), _yen("pension_yen", "公的年金等"),
                    _signed("short_gain_after_yen", "総合譲渡　短期"), _signed("long_gain_after_yen", "総合譲渡　長期"),
                ),
                (_yen("occasional_income_yen", "一時"),),
            ),
        ),
        Group(title="2 所得金額", rows=_INCOMES),
        Group(title="3 所得から差し引かれる金額", rows=(*_DEDUCTIONS, *_INSURANCE, _STATUS)),
        *_RELATIVES,
        Group(title="4 寄附金に関する事項", rows=(_DONATIONS,)),
        Group(
            title="5 徴収方法・配当割額控除",
            rows=((_yen("withheld_dividend_tax_yen", "配当割額・株式等譲渡所得割額控除額", width=4), _COLLECTION),),
        ),
    ),
    checks=_CHECKS,
)  # fmt: skip
