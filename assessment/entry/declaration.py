"""紙の様式の宣言: boxes, order, groups, labels and checks of a form (pure; no database).

One declaration draws the page, reads and checks what was typed, and maps it into the content of a source document, so
that a paper and a file of the same form say the same in the same words. F-PI-006, F-PI-008, F-PI-009, F-PI-011.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

BoxKind = Literal["yen", "signed", "count", "flag", "code", "date", "text", "kana", "digits", "corporate", "number"]
CheckKind = Literal["sum", "within", "not_beside", "needs", "at_least"]
Values = Mapping[str, Any]
SINGLE_CODES = (("1", "該当"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryBox:
    """One box: the name of its content, the words and mark on the paper, what it holds, how many digits fit in.

    `width` is its share of the row; a box of kind `number` is drawn and never filled in here (the vault's own way).
    """

    name: str
    label: str
    kind: BoxKind = "yen"
    mark: str = ""
    digits: int = 10
    codes: tuple[tuple[str, str], ...] = ()
    width: int = 2
    is_required: bool = False

    @property
    def options(self) -> tuple[tuple[str, str], ...]:
        """Codes that may be typed, with their words."""
        return SINGLE_CODES if self.kind == "flag" else self.codes


@dataclass(frozen=True, slots=True, kw_only=True)
class RelativeRows:
    """Rows of relatives: role, how many the paper has, and which columns beside the name."""

    role: str
    label: str
    rows: int
    columns: tuple[EntryBox, ...]

    def boxes(self, row: int) -> tuple[EntryBox, ...]:
        """The boxes of one row (counted from 1), each with a name of its own."""
        return tuple(
            EntryBox(
                name=f"{self.role}_{row}_{one.name}", label=f"{self.label}{row if self.rows > 1 else ''} {one.label}",
                kind=one.kind, digits=one.digits, codes=one.codes, width=one.width,
            )
            for one in self.columns
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A part of the paper: its heading and its rows of boxes, or its rows of relatives."""

    title: str
    rows: tuple[tuple[EntryBox, ...], ...] = ()
    relatives: RelativeRows | None = None

    @property
    def all_rows(self) -> tuple[tuple[EntryBox, ...], ...]:
        """Every row, those of relatives too, in the order of the paper."""
        if self.relatives is None:
            return self.rows
        listed = tuple(self.relatives.boxes(row) for row in range(1, self.relatives.rows + 1))
        return (*self.rows, *listed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A relation of boxes, shown at `box`.

    sum: box = Σ others; within: box ≤ Σ others; not_beside: box and none of others; needs: box only with one of others;
    at_least: Σ others ≥ number of named relatives of role `box`. `is_stop`: no paper can say so; else the clerk is
    asked once and may keep what the paper says.
    """

    kind: CheckKind
    box: str
    others: tuple[str, ...]
    message_ja: str
    is_stop: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperForm:
    """様式: `code` in addresses, `kind` of the source document, `document_code` of the business key of reports.

    `totals` are contents that the paper has in several lines: name → boxes added up.
    """

    code: str
    kind: str
    title: str
    groups: tuple[Group, ...]
    checks: tuple[Check, ...] = ()
    totals: tuple[tuple[str, tuple[str, ...]], ...] = ()
    document_code: str = ""
    has_payer: bool = False

    def boxes(self) -> Iterator[EntryBox]:
        """Every box in the order of the paper."""
        for group in self.groups:
            for row in group.all_rows:
                yield from row

    def box(self, name: str) -> EntryBox:
        """The box of this name; raises KeyError."""
        for one in self.boxes():
            if one.name == name:
                return one
        raise KeyError(name)

    @property
    def relatives(self) -> tuple[RelativeRows, ...]:
        """Every list of relatives of the paper."""
        return tuple(group.relatives for group in self.groups if group.relatives is not None)


FILING_KINDS = (("0", "新規"), ("1", "追加"), ("2", "訂正"), ("3", "取消"))
NAME = EntryBox(name="name", label="氏名", kind="text", digits=40, width=4, is_required=True)
KANA = EntryBox(name="name_kana", label="フリガナ", kind="kana", digits=60, width=4, is_required=True)
ADDRESS = EntryBox(name="address", label="住所", kind="text", digits=100, width=6)
BIRTH = EntryBox(name="birth_on", label="生年月日", kind="date", width=3)
NUMBER = EntryBox(name="my_number", label="個人番号", kind="number", width=3)
ARRIVED = EntryBox(name="arrived_on", label="受付日", kind="date", width=3, is_required=True)
FILING = EntryBox(name="filing_kind", label="提出区分", kind="code", digits=1, codes=FILING_KINDS, is_required=True)
DISABILITY = EntryBox(
    name="disability_code", label="障害者", kind="code", digits=1, codes=(("1", "その他"), ("2", "特別"))
)
HEAD_NAMES = frozenset({"name", "name_kana", "address", "birth_on", "arrived_on", "filing_kind", "payer_number"})
"""Boxes that are columns of the document itself and no part of its content."""

REL_NAME = EntryBox(name="name", label="氏名", kind="text", digits=40, width=4)
REL_KANA = EntryBox(name="kana", label="フリガナ", kind="kana", digits=60, width=4)
REL_BIRTH = EntryBox(name="birth_on", label="生年月日", kind="date", width=3)
REL_RELATION = EntryBox(name="relation", label="続柄", kind="text", digits=10)
REL_INCOME = EntryBox(name="income_yen", label="合計所得金額", width=3)
REL_DISABILITY = EntryBox(
    name="disability", label="障害者", kind="code", digits=1, codes=(("1", "その他"), ("2", "特別"))
)
DISABILITIES = {"1": "ordinary", "2": "special"}
