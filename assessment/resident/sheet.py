"""計算書 (the calculation as people read it): the steps of one person grouped from 収入 to 徴収方法.

Made from the recorded run of the rules (`explain`), the stored facts and the stored collection shares; nothing is
calculated here. Pure: screens, the printable page and the PDF are drawn from the same `CalculationSheet`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from assessment.resident.rules.facts import RESIDENT_FACTS
from assessment.resident.rules.pipeline import RESIDENT_RESULT
from assessment.resident.spoken import ShareTold, Told, spoken
from taxsys.kernel import wareki
from taxsys.kernel.columns import Column
from taxsys.kernel.pipeline import display_value
from taxsys.kernel.trace import NamedValue, ParameterUse, Step

BLOCKS = (
    ("receipts", "収入"),
    ("incomes", "所得"),
    ("deductions", "所得控除"),
    ("base", "課税標準"),
    ("levy", "税額"),
    ("credits", "税額控除"),
    ("per_capita", "均等割・森林環境税"),
    ("collection", "徴収方法"),
)
_BLOCK_OF_MODULE = {
    "income": "incomes",
    "deductions": "deductions",
    "persons": "deductions",
    "exemptions": "base",
    "levy": "levy",
    "donation": "credits",
    "credits": "credits",
    "annual": "per_capita",
    "carried": "incomes",
    "separate": "base",
}
_BLOCK_OF_RULE = {
    "persons.gap_of_self_yen": "credits",
    "persons.gap_of_family_yen": "credits",
    "persons.deduction_gap_yen": "credits",
    "exemptions.per_capita_limit_yen": "per_capita",
    "exemptions.per_capita_liability": "per_capita",
    "exemptions.is_liable_forest": "per_capita",
    "exemptions.is_liable_forest_before_r6": "per_capita",
    "separate.separate_gains": "incomes",
    "separate.separate_levies": "levy",
    "levy.aggregate_base_yen": "credits",
    "levy.total_deduction_yen": "deductions",
    "levy.taxable_income_yen": "base",
    "levy.adjustment_base_yen": "credits",
    "levy.adjustment_credit": "credits",
    "levy.adjusted_levy": "credits",
    "levy.limit_relief": "credits",
}
# Facts that stand in the sheet as lines of their own: column → (block, article).
_INCOME_LAW = "地方税法32条・地方税法313条"
RECEIPT_COLUMNS = (
    "salary_receipts_yen",
    "pension_receipts_yen",
    "business_income_yen",
    "farm_income_yen",
    "real_estate_income_yen",
    "interest_income_yen",
    "dividend_income_yen",
    "misc_business_income_yen",
    "misc_other_income_yen",
    "short_gain_yen",
    "long_gain_yen",
    "occasional_income_yen",
    "forestry_income_yen",
    "retirement_income_yen",
    "short_land_gain_yen",
    "short_state_gain_yen",
    "long_land_gain_yen",
    "long_housing_gain_yen",
    "long_home_gain_yen",
    "shares_unlisted_gain_yen",
    "shares_listed_gain_yen",
    "listed_dividend_yen",
    "futures_income_yen",
)
_FACT_LINES: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(RECEIPT_COLUMNS, ("receipts", _INCOME_LAW)),
    "social_insurance_yen": ("deductions", "地方税法34条1項3号・地方税法314条の2第1項3号"),
    "small_business_mutual_yen": ("deductions", "地方税法34条1項4号・地方税法314条の2第1項4号"),
}
# Box of a paper → the fact it is the evidence of, where the names differ.
_FACT_OF_BOX = {
    "wage_yen": "salary_receipts_yen",
    "pension_yen": "pension_receipts_yen",
    "small_mutual_yen": "small_business_mutual_yen",
}
_PLAIN_PREFECTURE = "道府県民税"
_LONG_LIST = 9
_PREFECTURE_WORDS = {"01": "道民税", "13": "都民税", "26": "府民税", "27": "府民税"}
_RECEIVERS = ("市民税", _PLAIN_PREFECTURE)
_SHARE_WORDS = {
    "ordinary": ("納付書・口座振替で納める額(普通徴収)", "地方税法319条・地方税法320条"),
    "wage": ("給与から引く額(給与特別徴収)", "地方税法321条の3・地方税法321条の5"),
    "pension": ("公的年金から引く額(年金特別徴収)", "地方税法321条の7の2"),
}
_SHARE_ROUNDING = {
    "ordinary": "第2期以後は1,000円未満切捨て、端数は第1期(地方税法20条の4の2第6項)",
    "wage": "7月以後は100円未満切捨て、端数は6月(地方税法20条の4の2第8項)",
    "pension": "100円未満切捨て、端数は各半期の初回",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its value(s) as text, and what unfolds below it. `is_quiet` = nothing but zero or 非該当."""

    anchor: str
    title_ja: str
    values: tuple[tuple[str, str], ...]
    formula_ja: str
    worked_ja: str
    inputs: tuple[tuple[str, str], ...]
    rounding: str
    law: str
    parameters: tuple[ParameterUse, ...] = ()
    is_quiet: bool = False

    @property
    def details(self) -> list[tuple[str, str, str, str]]:
        """What unfolds, row by row: (title, text, note, id of the legal value it leads to)."""
        return [
            ("式", self.formula_ja, "", ""),
            *((name, text, "", "") for name, text in self.inputs),
            *(("法定値", f"{use.title_ja} {use.text}", _source(use), use.id) for use in self.parameters),
            ("端数", self.rounding, "", ""),
            ("根拠", self.law, "", ""),
        ]


@dataclass(frozen=True, slots=True)
class Block:
    """収入 … 徴収方法: one sentence that can be read out, the lines, and those that came to nothing here."""

    key: str
    title_ja: str
    spoken_ja: str
    lines: tuple[Line, ...]
    quiet_lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A result column that, computed again, is not what was stored."""

    title_ja: str
    stored_ja: str
    computed_ja: str


@dataclass(frozen=True, slots=True)
class CalculationSheet:
    """The whole calculation of one person in one run."""

    tax_year: int
    answer_ja: str
    blocks: tuple[Block, ...]
    mismatches: tuple[Mismatch, ...] = ()
    parameter_hash: str = ""


@dataclass(frozen=True, slots=True)
class PaperSaid:
    """What one adopted paper says: its name for the reader and its boxes."""

    title_ja: str
    content: Mapping[str, object] = field(default_factory=dict)


def _source(use: ParameterUse) -> str:
    since = f"{wareki.format_year(int(use.valid_from))}年度" if use.valid_from.isdecimal() else use.valid_from
    mark = "(未確認)" if use.mark == "K" else ""
    return f"{since}から／{'・'.join(use.law)}／出典 {use.source}{mark}"


def block_of(rule_id: str) -> str:
    """The block a rule stands in. Raises KeyError for a rule of an unknown module (a test walks every rule)."""
    return _BLOCK_OF_RULE.get(rule_id) or _BLOCK_OF_MODULE[rule_id.partition(".")[0]]


def prefectural_tax_word(municipality_code: str) -> str:
    """道民税・都民税・府民税・県民税 by the prefecture's two digits."""
    return _PREFECTURE_WORDS.get(municipality_code[:2], "県民税")


def calculation_sheet(
    *,
    tax_year: int,
    steps: Sequence[Step],
    facts: Mapping[str, int],
    stored: Mapping[str, int],
    shares: Sequence[ShareTold],
    papers: Sequence[PaperSaid] = (),
    municipality_code: str,
    parameter_hash: str = "",
    is_levied: bool = True,
) -> CalculationSheet:
    """Group the recorded steps into blocks, with facts before and collection shares after them.

    `stored` are the result columns of the run; every one that the steps do not reproduce becomes a Mismatch, and so
    does a collection that does not add up to the annual tax; `is_levied` is False where nothing was levied here at all
    (a year taken over from a former system).
    """
    word = prefectural_tax_word(municipality_code)
    lines: dict[str, list[Line]] = {key: [] for key, _ in BLOCKS}
    for name, (block, law) in _FACT_LINES.items():
        lines[block].append(_fact_line(RESIDENT_FACTS[name], facts[name], law, papers))
    computed: dict[str, int] = {}
    for step in steps:
        computed |= {result.name: result.value for result in step.results}
        lines[block_of(step.rule_id)].append(_step_line(step, word))
    lines["collection"] = [_share_line(share) for share in shares]
    told = Told(tax_year, dict(facts) | computed, _rates(steps), word, tuple(shares), _receipt_titles(), is_levied)
    sentences = spoken(told)
    blocks = tuple(
        Block(
            key,
            title,
            sentences[key],
            tuple(line for line in lines[key] if not line.is_quiet),
            tuple(line for line in lines[key] if line.is_quiet),
        )
        for key, title in BLOCKS
    )
    mismatches = _mismatches(stored, computed) + (_collection_mismatch(stored, shares) if is_levied else [])
    return CalculationSheet(tax_year, sentences["answer"], blocks, tuple(mismatches), parameter_hash)


def _receipt_titles() -> dict[str, str]:
    return {name: RESIDENT_FACTS[name].title_ja for name in RECEIPT_COLUMNS}


def _rates(steps: Sequence[Step]) -> dict[str, str]:
    return {use.id: use.text for step in steps for use in step.parameters}


def _fact_line(column: Column, value: int, law: str, papers: Sequence[PaperSaid]) -> Line:
    said = []
    for paper in papers:
        for box, amount in paper.content.items():
            if _FACT_OF_BOX.get(box, box) == column.name and isinstance(amount, int) and amount:
                said.append((paper.title_ja, display_value(column.name, "i", amount)))
    text = display_value(column.name, "i", value)
    formula = f"資料に書かれた額を合わせた額({column.note_ja})" if column.note_ja else "資料に書かれた額を合わせた額"
    worked = " + ".join(f"{title} {amount}" for title, amount in said)
    return Line(
        f"fact-{column.name}",
        column.title_ja,
        (("", text),),
        formula,
        f"{worked} → {text}" if worked else text,
        tuple(said),
        "なし",
        law,
        is_quiet=value == 0,
    )


def _step_line(step: Step, word: str) -> Line:
    def local(text: str) -> str:
        return text.replace(_PLAIN_PREFECTURE, word)

    single = len(step.results) == 1
    return Line(
        step.rule_id.replace(".", "-"),
        local(step.title_ja),
        tuple(("" if single else local(_short(result.title_ja)), result.text) for result in _told(step.results)),
        local(step.formula_ja),
        local(step.worked_ja),
        tuple((local(one.title_ja), one.text) for one in _told(step.inputs)),
        local(step.rounding),
        step.law,
        step.parameters,
        is_quiet=not any(result.value for result in step.results),
    )


def _told(values: tuple[NamedValue, ...]) -> tuple[NamedValue, ...]:
    """Of a long list only what is not zero (a rule of separate income has a dozen kinds, a person one or two)."""
    if len(values) <= _LONG_LIST:
        return values
    return tuple(value for value in values if value.value) or values[:1]


def _short(title: str) -> str:
    """The receiver alone where a title ends in one: 「均等割額(市民税)」 beside its line's own title."""
    for receiver in _RECEIVERS:
        if title.endswith(f"({receiver})"):
            return receiver
    return title


def _share_line(share: ShareTold) -> Line:
    title, law = _SHARE_WORDS[share.method]
    parts = tuple((word, f"{yen:,}円") for word, yen in share.instalments)
    worked = f"{share.total_yen:,}円 = " + " + ".join(f"{word} {yen:,}円" for word, yen in share.instalments if yen)
    return Line(
        f"share-{share.method}",
        title,
        (("", f"{share.total_yen:,}円"),),
        f"納める税額を{len(share.instalments)}回に分けた額",
        worked if share.total_yen else "0円",
        parts,
        _SHARE_ROUNDING[share.method],
        law,
    )


def _mismatches(stored: Mapping[str, int], computed: Mapping[str, int]) -> list[Mismatch]:
    found = []
    for column in RESIDENT_RESULT:
        if stored[column.name] != computed.get(column.name):
            kind = "b" if column.kind == "flag" else "i"
            found.append(
                Mismatch(
                    column.title_ja,
                    display_value(column.name, kind, stored[column.name]),
                    display_value(column.name, kind, computed.get(column.name, 0)),
                )
            )
    return found


def _collection_mismatch(stored: Mapping[str, int], shares: Sequence[ShareTold]) -> list[Mismatch]:
    annual, collected = stored["annual_tax_yen"], sum(share.total_yen for share in shares)
    split = sum(yen for share in shares for _, yen in share.instalments)
    if annual == collected == split:
        return []
    return [Mismatch("徴収方法ごとの税額の合計", f"{annual:,}円", f"{collected:,}円(期別の合計 {split:,}円)")]
