"""電話で読み上げる一文 (what a clerk reads out first): one plain sentence for each block of the calculation. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from taxsys.kernel import wareki
from taxsys.kernel.pipeline import display_value

_DEDUCTIONS = (
    ("social_insurance_yen", "社会保険料"),
    ("small_business_mutual_yen", "小規模企業共済等掛金"),
    ("life_insurance_deduction_yen", "生命保険料"),
    ("earthquake_deduction_yen", "地震保険料"),
    ("medical_deduction_yen", "医療費"),
    ("casualty_deduction_yen", "雑損"),
    ("disability_deduction_yen", "障害者"),
    ("widow_deduction_yen", "寡婦"),
    ("single_parent_deduction_yen", "ひとり親"),
    ("working_student_deduction_yen", "勤労学生"),
    ("spouse_deduction_yen", "配偶者"),
    ("spouse_special_deduction_yen", "配偶者特別"),
    ("dependant_deduction_yen", "扶養"),
    ("specific_relative_deduction_yen", "特定親族特別"),
    ("other_deduction_yen", "その他"),
    ("basic_deduction_yen", "基礎控除"),
)
_CREDITS = (
    ("adjustment_credit", "調整控除"),
    ("dividend_credit", "配当控除"),
    ("housing_credit", "住宅ローン控除"),
    ("donation_credit", "寄附金控除"),
    ("foreign_credit", "外国税額控除"),
    ("withheld_credit", "配当割額等の控除"),
    ("fixed_reduction", "定額減税"),
)
_NAMES_SPOKEN = 5


@dataclass(frozen=True, slots=True)
class ShareTold:
    """One way of collecting: (word of the instalment, yen) in order of time."""

    method: str
    total_yen: int
    instalments: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Told:
    """Everything the sentences are made of: facts and results by column, parameter texts, the shares; `receipts` titles
    the columns of 収入 in their order."""

    tax_year: int
    values: Mapping[str, int]
    parameters: Mapping[str, str]
    prefecture_word: str
    shares: tuple[ShareTold, ...]
    receipts: Mapping[str, str]
    is_levied: bool = True

    def yen(self, name: str) -> str:
        """The column as it is spoken: 107,300円."""
        return display_value(name, "i", self.values[name])

    def pair(self, stem: str, suffix: str = "_yen") -> str:
        """市民税…、道民税…: the two columns of one step."""
        city, prefecture = f"{stem}_city{suffix}", f"{stem}_prefecture{suffix}"
        return f"市民税{self.yen(city)}、{self.prefecture_word}{self.yen(prefecture)}"


def spoken(told: Told) -> dict[str, str]:
    """The sentence of each block by its key, and `answer`: the year's tax in one sentence."""
    return {
        "answer": _answer(told),
        "receipts": _receipts(told),
        "incomes": _incomes(told),
        "deductions": _deductions(told),
        "base": _base(told),
        "levy": _levy(told),
        "credits": _credits(told),
        "per_capita": _per_capita(told),
        "collection": _collection(told),
    }


def _answer(told: Told) -> str:
    year = f"{wareki.format_year(told.tax_year)}年度"
    if not told.values["annual_tax_yen"]:
        return f"{year}の市民税・{told.prefecture_word}・森林環境税は、かかりません(0円)。"
    return (
        f"{year}の年税額は{told.yen('annual_tax_yen')}です(市民税{told.yen('city_tax_yen')}、"
        f"{told.prefecture_word}{told.yen('prefectural_tax_yen')}、森林環境税{told.yen('forest_tax_yen')})。"
    )


def _receipts(told: Told) -> str:
    year = f"{wareki.format_year(told.tax_year - 1)}年中"
    listed = [f"{title}{told.yen(name)}" for name, title in told.receipts.items() if told.values[name]]
    if not listed:
        return f"{year}の収入を示す資料はありません。"
    return f"{year}の収入として資料にあるのは、{'、'.join(listed)}です。"


def _incomes(told: Told) -> str:
    if not told.values["total_income_yen"]:
        return "給与所得控除などを引いた所得の合計は0円です。"
    return f"給与所得控除などを引いた所得の合計(合計所得金額)は{told.yen('total_income_yen')}です。"


def _deductions(told: Told) -> str:
    listed = [f"{word}{told.yen(name)}" for name, word in _DEDUCTIONS if told.values[name]]
    shown = "、".join(listed[:_NAMES_SPOKEN])
    rest = f"ほか{len(listed) - _NAMES_SPOKEN}件" if len(listed) > _NAMES_SPOKEN else ""
    return f"所得から差し引く控除は{shown}{rest}で、合わせて{told.yen('total_deduction_yen')}です。"


def _base(told: Told) -> str:
    values = told.values
    if values["is_exempt_person"]:
        return "生活扶助、または障害者・未成年者・寡婦・ひとり親で所得が基準以下のため、住民税は非課税です。"
    if not values["is_liable_income_levy"]:
        limit = told.yen("income_levy_limit_yen")
        if values["is_exempt_income_levy"]:
            return f"所得{told.yen('gross_income_yen')}が非課税の限度額{limit}以下のため、所得割はかかりません。"
        return "市内に住所がないなどのため、所得割はかかりません。"
    if not values["taxable_income_yen"]:
        return "控除の合計が所得以上のため、税率を掛ける額は0円です。"
    return f"所得から控除を引き、1,000円未満を切り捨てた{told.yen('taxable_income_yen')}に税率を掛けます。"


def _levy(told: Told) -> str:
    if not told.values["calculated_levy_city_yen_e4"]:
        return "算出される所得割はありません(0円)。"
    city, prefecture = told.parameters["resident.rate.city"], told.parameters["resident.rate.prefecture"]
    amounts = told.pair("calculated_levy", "_yen_e4")
    return f"税率は市民税{city}・{told.prefecture_word}{prefecture}で、算出した所得割は{amounts}です。"


def _credits(told: Told) -> str:
    if not told.values["calculated_levy_city_yen_e4"]:
        return "所得割がないため、税額控除はありません。"
    listed = []
    for stem, word in _CREDITS:
        yen = told.values[f"{stem}_city_yen"] + told.values[f"{stem}_prefecture_yen"]
        if yen:
            listed.append(f"{word}{yen:,}円")
    taken = f"{'、'.join(listed)}を引き、" if listed else "差し引く税額控除はなく、"
    return f"{taken}100円未満を切り捨てた所得割は{told.pair('income_levy')}です。"


def _per_capita(told: Told) -> str:
    values = told.values
    if not values["is_liable_per_capita"] and not values["forest_tax_yen"]:
        return f"均等割と森林環境税はかからず、年税額は{told.yen('annual_tax_yen')}です。"
    parts = []
    if values["is_liable_per_capita"]:
        parts.append(f"均等割は{told.pair('per_capita')}")
    if values["forest_tax_yen"]:
        parts.append(f"森林環境税は{told.yen('forest_tax_yen')}")
    return f"{'、'.join(parts)}で、所得割と合わせた年税額は{told.yen('annual_tax_yen')}です。"


def _collection(told: Told) -> str:
    if not told.is_levied:
        return "徴収方法と期別の額は、移行元のシステムの記録によります。"
    if not told.shares:
        return "納める税額はありません。"
    return f"{'。また、'.join(_share(share) for share in told.shares)}。"


def _share(share: ShareTold) -> str:
    how = {"ordinary": "納付書か口座振替で納めます", "wage": "給与から毎月引きます", "pension": "公的年金から引きます"}
    paid = [(word, yen) for word, yen in share.instalments if yen]
    if not paid:
        return how[share.method]
    (first, first_yen), rest = paid[0], paid[1:]
    if not rest:
        return f"{how[share.method]}({first}に{first_yen:,}円)"
    if len({yen for _, yen in rest}) == 1:
        last = _next_year(first, rest[-1][0])
        span = f"{rest[0][0]}から{last}まで各" if len(rest) > 1 else f"{last}に"
        return f"{how[share.method]}({first}に{first_yen:,}円、{span}{rest[0][1]:,}円)"
    listed = "、".join(f"{word}{yen:,}円" for word, yen in paid)
    return f"{how[share.method]}({listed})"


def _next_year(first: str, word: str) -> str:
    """翌年 before a month that comes after the turn of the year."""
    if not (first.endswith("月") and word.endswith("月")):
        return word
    return f"翌年{word}" if int(word.removesuffix("月")) < int(first.removesuffix("月")) else word
