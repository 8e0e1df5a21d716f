"""法定値の一覧 (legal values in force for a tax year): value, article, source, mark and history, for the staff screen.

Read-only: the files are the truth and are reviewed like code (CONVENTIONS §4).
"""

from __future__ import annotations

from dataclasses import dataclass

from assessment.resident.rules.pipeline import PIPELINES, coverage, parameter_book
from taxsys.kernel import wareki
from taxsys.params.coverage import Coverage
from taxsys.params.model import DatedValue, Parameter, display
from taxsys.params.table import NO_LIMIT, Table

_MARKS = {"V": "原典確認", "V2": "二次資料で確認", "K": "未確認"}
_STATUSES = {"enacted": "施行・公布済", "bill": "法案", "outline": "大綱"}
_LAYERS = {"law": "法令", "designated": "指定都市", "overlay": "試算"}
# Headings of the columns of legal tables; a name that is not here is shown as it is.
_COLUMNS = {
    "to": "上限(以下)",
    "code": "区分",
    "class": "級地",
    "band": "段階",
    "kind": "種別",
    "rate": "率",
    "amount": "額",
    "add": "加算額",
    "step": "刻み",
    "cap": "限度額",
    "limit": "限度額",
    "ratio": "割合",
    "one_stop": "申告特例の割合",
    "ordinary": "一般",
    "elderly": "老人",
    "city": "市民税",
    "city_over": "市民税(超える部分)",
    "prefecture": "道府県民税",
    "prefecture_over": "道府県民税(超える部分)",
    "deduction_1": "控除額(所得区分1)",
    "deduction_2": "控除額(所得区分2)",
    "deduction_3": "控除額(所得区分3)",
    "payer_1": "本人の所得区分1",
    "payer_2": "本人の所得区分2",
    "payer_3": "本人の所得区分3",
    "payer_over": "本人の所得が上限超",
}


@dataclass(frozen=True, slots=True)
class ShownTable:
    """A table value: headings and rows as text."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class ShownValue:
    """One dated value as text."""

    text: str
    table: ShownTable | None
    since_ja: str
    until_ja: str
    source: str
    mark_ja: str
    status_ja: str
    layer_ja: str
    act: str
    is_unconfirmed: bool
    is_enacted: bool


@dataclass(frozen=True, slots=True)
class ShownParameter:
    """A parameter: the value in force (None: a calculation that asks for it stops) and its history."""

    id: str
    title: str
    law: tuple[str, ...]
    current: ShownValue | None
    history: tuple[ShownValue, ...]


@dataclass(frozen=True, slots=True)
class LegalValues:
    """Everything in force for one tax year, with the state of proof."""

    tax_year: int
    parameters: tuple[ShownParameter, ...]
    coverage: Coverage
    hash: str

    @property
    def unconfirmed(self) -> tuple[ShownParameter, ...]:
        """Values that no source has confirmed."""
        return tuple(one for one in self.parameters if one.current and one.current.is_unconfirmed)

    @property
    def missing(self) -> tuple[ShownParameter, ...]:
        """Parameters without a value for the year."""
        return tuple(one for one in self.parameters if one.current is None)


def column_title(name: str) -> str:
    """Japanese heading of a column of a legal table."""
    return _COLUMNS.get(name, name)


def years_offered() -> tuple[int, ...]:
    """Tax years whose rules exist, newest first."""
    return tuple(sorted(PIPELINES, reverse=True))


def legal_values(tax_year: int, municipality_code: str) -> LegalValues:
    """The values in force for `tax_year` in the city. Raises LookupError for a year whose rules are not built."""
    if tax_year not in PIPELINES:
        raise LookupError(tax_year)
    book = parameter_book(municipality_code)
    law = book.at(tax_year)
    shown = [
        ShownParameter(
            parameter.id,
            parameter.title,
            parameter.law,
            _value(parameter, law[key].dated) if key in law else None,
            tuple(_value(parameter, dated) for dated in reversed(parameter.values)),
        )
        for key, parameter in sorted(book.parameters.items())
    ]
    return LegalValues(tax_year, tuple(shown), coverage(tax_year), law.hash)


def _value(parameter: Parameter, dated: DatedValue) -> ShownValue:
    return ShownValue(
        display(dated.value, parameter.unit),
        _table(dated.value) if isinstance(dated.value, Table) else None,
        _when(dated.valid_from),
        _when(dated.until) if dated.until is not None else "",
        dated.source,
        _MARKS[dated.mark],
        _STATUSES[dated.status],
        _layer(dated.layer),
        dated.act,
        dated.mark == "K",
        dated.status == "enacted",
    )


def _when(when: object) -> str:
    return f"{wareki.format_year(when)}年度" if isinstance(when, int) else str(when)


def _layer(layer: str) -> str:
    return "市条例" if layer.startswith("city/") else _LAYERS.get(layer, layer)


def _table(table: Table) -> ShownTable:
    content = table.canonical()
    columns = tuple(column_title(name) for name, _ in table.kinds)
    kinds = dict(table.kinds)
    rates = {name: [str(rate) for rate in values] for name, values in table.rates.items()}
    cells = [
        rates[name] if kinds[name] == "rate" else [_cell(int(value), kinds[name]) for value in values]
        for name, values in content.items()
    ]
    return ShownTable(columns, tuple(zip(*cells, strict=True)))


def _cell(value: int, kind: str) -> str:
    if kind == "to" and value == NO_LIMIT:
        return "上限なし"
    return f"{value:,}" if kind in {"to", "yen", "count"} else str(value)
