"""番号を含むファイルの読み方: how a line of a received file tells whose number it is. Each duty registers its formats.

What is read here is compared inside the process and never kept (R-207).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.files.parsing import file_parsed

FEED = "local_juki_ido"


@dataclass(frozen=True, slots=True, repr=False)
class NumberLine:
    """One line of a file: the number as written ("" for none) and who the line says it belongs to."""

    line_no: int
    number: str
    name: str
    name_kana: str
    birth_on: date | None


@dataclass(frozen=True, slots=True)
class NumberSource:
    """A format: how many lines a file has, and its lines at given positions (0 = the first), in that order."""

    format: str
    count: Callable[[ReceivedFile], int]
    read: Callable[[ReceivedFile, Sequence[int]], list[NumberLine]]


_sources: dict[str, NumberSource] = {}


def source_register(source: NumberSource) -> None:
    """Register a format (from AppConfig.ready); again replaces."""
    _sources[source.format] = source


def source_of(received: ReceivedFile) -> NumberSource | None:
    """How this file is read; None where its format brings no numbers of people."""
    return _sources.get(received.format)


def formats() -> tuple[str, ...]:
    """Every registered format."""
    return tuple(sorted(_sources))


def parsed_count(received: ReceivedFile) -> int:
    """Good lines of a file of one layout."""
    return len(file_parsed(received).records)


def _day(value: object) -> date | None:
    return value if isinstance(value, date) else None


def _feed_read(received: ReceivedFile, positions: Sequence[int]) -> list[NumberLine]:
    records = file_parsed(received).records
    return [
        NumberLine(
            line_no=records[at].line_no,
            number=str(records[at].values.get("my_number") or ""),
            name=str(records[at].values.get("name") or ""),
            name_kana=str(records[at].values.get("kana") or ""),
            birth_on=_day(records[at].values.get("birth")),
        )
        for at in positions
    ]


source_register(NumberSource(FEED, parsed_count, _feed_read))
