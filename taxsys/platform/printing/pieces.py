"""一通のデータ (one piece of a print package) and its place in the post. Pure."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from datetime import date
from enum import Enum
from functools import cached_property
from typing import Any, Protocol

from taxsys.platform.printing.engine import Book
from taxsys.platform.printing.parts import Addressee, Instalment, MailKind

BULK, INHOUSE = "bulk", "inhouse"
VENDOR_ADDRESS_LINES, VENDOR_LINE_CHARS, VENDOR_NAME_CHARS = 3, 50, 50
VENDOR_PAGES = 99  # the page column of the data file has two digits: thicker pieces are printed in the office
# Keys of the register: never printed, and other in every database.
_KEYS = frozenset({"party_key"})
_NOT_IN_LINES = frozenset({"addressee", "office", "appeal"})


class Drawer(Protocol):
    """帳票 (a form): how many pages a paper takes, and how it is drawn."""

    form_id: str
    title_ja: str

    def page_count(self, paper: Any) -> int:
        """頁数 (pages of one piece)."""

    def draw(self, book: Book, paper: Any) -> None:
        """描く (draw one piece into the book)."""


@dataclasses.dataclass(frozen=True, slots=True)
class Subject:
    """一通に載る人 (one person on a piece): the key of the register, and what is told of that person."""

    key: str
    reference: str = ""


@dataclasses.dataclass(frozen=True)
class PrintPiece:
    """一通 (one envelope): the paper and what the print data file says of it — both from the same row.

    `item_key`: business key inside the package. `instalments`: at most four go into the data columns, all stand in
    the lines. `cvs44`, `el_number`, `qr_payload`, `ocr_lines`: codes of the first slip, ready made. `amount_yen`: what
    the piece tells, for the sum against the ledger. `subjects`: whose figures it carries.
    """

    item_key: str
    addressee: Addressee
    notice_no: str
    tax_year: int
    paper: Any
    instalments: tuple[Instalment, ...] = ()
    ocr_lines: tuple[str, ...] = ()
    cvs44: str = ""
    el_number: str = ""
    qr_payload: str = ""
    insert_code: str = ""
    is_debit: bool = False
    amount_yen: int = 0
    subjects: tuple[Subject, ...] = ()

    @cached_property
    def plain(self) -> dict[str, Any]:
        """そのままの値 (the piece as plain data): the glyph check, the data file and the hash all read it."""
        return dict(_plain(self))


@dataclasses.dataclass(frozen=True, order=True)
class PlanEntry:
    """並べ替えの一行 (one piece in the plan; sorts in postal order: zip, address, name)."""

    batch: str
    zip7: str
    address: str
    name: str
    item_key: str
    person_no: str = dataclasses.field(compare=False)
    notice_no: str = dataclasses.field(compare=False)
    mail_kind: str = dataclasses.field(compare=False)
    is_protected: bool = dataclasses.field(compare=False)
    addressee_key: str = dataclasses.field(compare=False)
    pages: int = dataclasses.field(compare=False)
    amount_yen: int = dataclasses.field(compare=False, default=0)
    subjects: tuple[Subject, ...] = dataclasses.field(compare=False, default=())


def plan_entry(piece: PrintPiece, drawer: Drawer) -> PlanEntry:
    """計画の一行 (the plan line of a piece)."""
    to = piece.addressee
    pages = drawer.page_count(piece.paper)
    return PlanEntry(
        batch=INHOUSE if pages > VENDOR_PAGES else batch_of(to),
        zip7=to.zip7,
        address="\n".join(to.address_lines),
        name=to.name,
        item_key=piece.item_key,
        person_no=to.person_no,
        notice_no=piece.notice_no,
        mail_kind=to.mail_kind,
        is_protected=to.is_protected,
        addressee_key=to.party_key,
        pages=pages,
        amount_yen=piece.amount_yen,
        subjects=piece.subjects,
    )


def batch_of(to: Addressee) -> str:
    """委託か庁内か (who prints). N-095.

    The contractor gets ordinary domestic mail only. Protected persons, overseas and hand delivery, returned mail and
    addresses longer than the data file allows (nothing is cut) are printed in the office.
    """
    vendor_lines = split_address(to.address_lines)
    ordinary = to.mail_kind == MailKind.NORMAL.value and not to.is_protected and len(to.zip7) == 7
    fits = 0 < len(vendor_lines) <= VENDOR_ADDRESS_LINES and len(to.name) <= VENDOR_NAME_CHARS
    return BULK if ordinary and fits else INHOUSE


def split_address(lines: tuple[str, ...]) -> list[str]:
    """住所を印刷データの行へ (address lines of at most 50 characters; a longer line goes on in the next)."""
    out: list[str] = []
    for line in lines:
        out.extend(line[at : at + VENDOR_LINE_CHARS] for at in range(0, len(line), VENDOR_LINE_CHARS))
    return out


def piece_lines(piece: PrintPiece) -> dict[str, Any]:
    """印字行 (the printed figures of a piece as plain data; address, office and 教示 left out)."""
    plain = piece.plain.get("paper", {})
    if isinstance(plain, list):
        plain = {"slips": plain}
    return dict(_without(plain, _NOT_IN_LINES))


def _without(plain: Any, names: frozenset[str]) -> Any:
    """The same plain data less what every paper repeats, at any depth."""
    if isinstance(plain, dict):
        return {key: _without(one, names) for key, one in plain.items() if key not in names}
    if isinstance(plain, list):
        return [_without(one, names) for one in plain]
    return plain


_FIELDS: dict[type, tuple[str, ...]] = {}


def _field_names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind)) if dataclasses.is_dataclass(kind) else ()


def _plain(value: Any) -> Any:
    kind = type(value)
    if kind is str or kind is int:
        return value
    names = _FIELDS.get(kind)
    if names is None:
        names = _FIELDS[kind] = _field_names(kind)
    if names:
        plain = {}
        for name in names:
            one = _plain(getattr(value, name))
            if one is not None and one != "" and one != [] and one != {}:
                plain[name] = one
        return plain
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    return value


def lines_json(piece: PrintPiece) -> str:
    """印字行のJSON (canonical: sorted keys, no spaces)."""
    return json.dumps(piece_lines(piece), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def piece_texts(piece: PrintPiece) -> list[str]:
    """印字する文字列 (every text that a piece may print: addressee, names, lines)."""
    found: list[str] = []
    _gather(_without(piece.plain, _KEYS), found)
    return found


def _gather(value: Any, found: list[str]) -> None:
    if isinstance(value, str):
        found.extend(value.splitlines())
    elif isinstance(value, dict):
        for one in value.values():
            _gather(one, found)
    elif isinstance(value, list):
        for one in value:
            _gather(one, found)


def piece_hash(piece: PrintPiece) -> str:
    """一通の内容ハッシュ (SHA-256 of all that the piece prints; register keys stay out: they differ per database)."""
    printed = {key: value for key, value in _without(piece.plain, _KEYS).items() if key != "subjects"}
    body = json.dumps(printed, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(body.encode()).hexdigest()
