"""本人の記録の取りまとめ: every room's tables about one party, for a request for disclosure (R-283) and, masked, for a
question to a contractor (R-185).

An app registers its sections; each column says what kind of content it holds, and from that follows what is masked.
"""

import hashlib
import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from taxsys.platform.files.payloads.spreadsheet import table_csv
from taxsys.platform.search.services import holds_my_number

Content = Literal["plain", "name", "place", "birth", "key", "text"]
MASK = "＊＊＊"
_TIME = (1980, 1, 1, 0, 0, 0)  # files of the package carry no time: same content, same bytes


@dataclass(frozen=True, slots=True)
class Column:
    """列: its heading, width on paper (mm) and what kind of content: plain, or one that is masked."""

    title_ja: str
    width: float
    content: Content = "plain"
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class PersonTable:
    """表 of one party; `note_ja` stands above it."""

    title_ja: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    note_ja: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a section: the party's key, the day, the officer who makes it."""

    party_key: str
    on: date
    viewer: object


@dataclass(frozen=True, kw_only=True)
class Section:
    """一つの部屋の記録. `for_support`: also given, masked, with a question to a contractor."""

    name: str
    title_ja: str
    order: int
    tables: Callable[[Asked], Sequence[PersonTable]]
    for_support: bool = True


_sections: dict[str, Section] = {}


def section_register(section: Section) -> None:
    """Register a section (AppConfig.ready); the same name again replaces."""
    _sections[section.name] = section


def sections() -> list[Section]:
    """Every section in order."""
    return sorted(_sections.values(), key=lambda one: (one.order, one.name))


def tables_of(asked: Asked, *, for_support: bool = False) -> list[PersonTable]:
    """The tables of the party, section by section."""
    wanted = [one for one in sections() if one.for_support or not for_support]
    return [table for one in wanted for table in one.tables(asked)]


def masked_cell(value: str, content: Content) -> str:
    """What of a cell goes to a contractor: names, places, texts nothing; of a birth date the year; no key as it is."""
    if not value or content == "plain":
        return value
    if content == "birth":
        return f"{value.split('年')[0]}年{MASK}" if "年" in value else MASK
    if content == "key":
        return f"K-{hashlib.sha256(value.encode()).hexdigest()[:8]}"
    return MASK


def masked(tables: Sequence[PersonTable]) -> list[PersonTable]:
    """The same tables with every name, place, birth, key and text masked."""
    return [
        PersonTable(
            table.title_ja,
            table.columns,
            [
                [masked_cell(cell, column.content) for cell, column in zip(row, table.columns, strict=True)]
                for row in table.rows
            ],
            table.note_ja,
        )
        for table in tables
    ]


class NumberInPackage(RuntimeError):
    """A My Number stands in what was to leave: nothing is made."""


def zip_of(tables: Sequence[PersonTable], *, papers: Sequence[tuple[str, bytes]] = ()) -> bytes:
    """One CSV per table and the given papers, with a list of their hashes. Raises NumberInPackage."""
    files = [(f"{number:02d}_{table.title_ja}.csv", _csv(table)) for number, table in enumerate(tables, start=1)]
    files += list(papers)
    hashes = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\r\n" for name, content in files)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in [*files, ("SHA256SUMS.txt", hashes.encode())]:
            archive.writestr(zipfile.ZipInfo(name, _TIME), content)
    return buffer.getvalue()


def _csv(table: PersonTable) -> bytes:
    for row in table.rows:
        for cell, column in zip(row, table.columns, strict=True):
            if column.content in {"text", "name", "place"} and holds_my_number(cell):
                raise NumberInPackage(table.title_ja)
    return table_csv([column.title_ja for column in table.columns], table.rows)
