"""レイアウト表 (layout tables): one CSV of fields and one TOML sidecar for each format and edition in this folder.

`get(name, edition)` gives a `Layout` that can parse and write. Adding a true layout is adding two files.
"""

import csv
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from taxsys.platform.files.errors import L_EDITION, UnknownLayout

if TYPE_CHECKING:
    from taxsys.platform.files.codec.parsed import Parsed

FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Field:
    """One item of a record: position, names, type letter, width, converter and allowed codes."""

    seq: int
    name_ja: str
    name: str
    type: str
    length: int
    required: bool
    record: str
    converter: str
    codes: frozenset[str]
    offset: int
    level: int = 0
    is_repeatable: bool = False


@dataclass(frozen=True)
class Composite:
    """A value read from several items, such as a birth date in era, year, month and day."""

    name: str
    converter: str
    parts: tuple[str, ...]
    required: bool
    era: str


@dataclass(frozen=True)
class Layout:
    """A format in one edition. `parse` reads bytes, `write` makes them; both follow the tables only."""

    name: str
    edition: str
    title: str
    form: str
    encoding: str
    unit: str
    status: str
    valid_from: date
    fields: tuple[Field, ...]
    composites: tuple[Composite, ...]
    options: Mapping[str, Any] = field(repr=False)

    @property
    def key(self) -> str:
        """name/edition, as receipts and outgoing files record it."""
        return f"{self.name}/{self.edition}"

    @property
    def is_number_bearing(self) -> bool:
        """True when the file may carry personal numbers and must be stored encrypted."""
        return bool(self.options.get("number_bearing", False))

    @property
    def has_manifest(self) -> bool:
        """Whether files of this layout travel with a 送付票 (profile local-v1)."""
        return bool(self.options.get("manifest", False))

    @property
    def keys(self) -> tuple[str, ...]:
        """Columns that together name a record."""
        return tuple(self.options.get("keys", ()))

    @cached_property
    def by_record(self) -> dict[str, tuple[Field, ...]]:
        """Fields of each record kind in order."""
        kinds: dict[str, list[Field]] = {}
        for one in self.fields:
            kinds.setdefault(one.record, []).append(one)
        return {kind: tuple(ones) for kind, ones in kinds.items()}

    @cached_property
    def data_fields(self) -> tuple[Field, ...]:
        """Fields of the data record."""
        return self.by_record["data"]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """English names of the data record's fields in order."""
        return tuple(one.name for one in self.data_fields)

    def field_named(self, name: str) -> Field:
        """A data field by its English name. KeyError when there is none."""
        for one in self.data_fields:
            if one.name == name:
                return one
        raise KeyError(name)

    def narrowed(self, names: Iterable[str]) -> "Layout":
        """The same format with only these columns, in its own order: what is not named is not in the file at all."""
        wanted = set(names)
        return replace(self, fields=tuple(one for one in self.fields if one.name in wanted))

    def parse(self, content: bytes) -> "Parsed":
        """Records, line problems and controls of a whole file. Raises FileRefused when the file as such fails."""
        from taxsys.platform.files.codec import reader

        return reader(self)(self, content)

    def write(
        self,
        records: Iterable[Mapping[str, Any]],
        *,
        header: Mapping[str, Any] | None = None,
        trailer: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Bytes of a file of these records; counts and sums of the trailer are computed. Raises RecordNotWritable."""
        from taxsys.platform.files.codec import writer

        return writer(self)(self, records, header or {}, trailer or {})


def _length(text: str) -> int:
    return int(text) if text else 0


def _fields(path: Path) -> tuple[Field, ...]:
    found: list[Field] = []
    offsets: dict[str, int] = {}
    with path.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            length = _length(row["length_or_max"])
            offset = offsets.get(row["record"], 0)
            offsets[row["record"]] = offset + length
            found.append(
                Field(
                    seq=int(row["seq"]),
                    name_ja=row["name_ja"],
                    name=row["name_en"],
                    type=row["type"],
                    length=length,
                    required=row["required"] == "Y",
                    record=row["record"],
                    converter=row["converter"],
                    codes=frozenset(row["codes"].split("|")) if row["codes"] else frozenset(),
                    offset=offset,
                    level=_length(row.get("level") or ""),
                    is_repeatable=(row.get("max") or "1") not in {"1", ""},
                )
            )
    return tuple(found)


@cache
def _load(stem: str) -> Layout:
    with (FOLDER / f"{stem}.toml").open("rb") as handle:
        side = tomllib.load(handle)
    composites = tuple(
        Composite(one["name"], one["converter"], tuple(one["parts"]), bool(one.get("required")), one.get("era", "令和"))
        for one in side.get("composite", ())
    )
    return Layout(
        name=side["name"],
        edition=side["edition"],
        title=side["title"],
        form=side["form"],
        encoding=side["encoding"],
        unit=side["unit"],
        status=side["status"],
        valid_from=side["valid_from"],
        fields=_fields(FOLDER / f"{stem}.csv"),
        composites=composites,
        options=side,
    )


@lru_cache(maxsize=1)
def _index() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for path in sorted(FOLDER.glob("*.toml")):
        with path.open("rb") as handle:
            side = tomllib.load(handle)
        found.setdefault(side["name"], {})[side["edition"]] = path.stem
    return found


def names() -> list[str]:
    """Names of all formats."""
    return sorted(_index())


def editions(name: str) -> list[Layout]:
    """Every edition of a format, oldest first. UnknownLayout when the format is not known."""
    if name not in _index():
        raise UnknownLayout(
            L_EDITION, f"形式「{name}」のレイアウト表がありません。管理者に表の追加を依頼してください。"
        )
    return sorted((_load(stem) for stem in _index()[name].values()), key=lambda one: (one.valid_from, one.edition))


def get(name: str, edition: str | None = None) -> Layout:
    """A layout by name and edition; without an edition the newest. UnknownLayout when there is none."""
    known = editions(name)
    if edition is None:
        return known[-1]
    for one in known:
        if one.edition == edition:
            return one
    raise UnknownLayout(
        L_EDITION,
        f"形式「{name}」に「{edition}」版はありません（{'、'.join(one.edition for one in known)}があります）。",
    )


def for_item_count(name: str, count: int) -> Layout:
    """The edition of a delimited format with this many items on a line. UnknownLayout (L0109) when none has it."""
    for one in editions(name):
        if len(one.data_fields) == count:
            return one
    known = "、".join(f"{one.edition}版={len(one.data_fields)}項目" for one in editions(name))
    raise UnknownLayout(
        L_EDITION, f"1行が{count}項目のファイルはどの版にも当たりません（{known}）。送付元に版を確認してください。"
    )


def all_layouts() -> list[Layout]:
    """Every layout of every format."""
    return [one for name in names() for one in editions(name)]
