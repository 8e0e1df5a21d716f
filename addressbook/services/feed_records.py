"""One record of the resident feed (layout `local_juki_ido`), read into plain values and checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from addressbook.address_text import address_key
from addressbook.codes import FEED_STATES, HEAD_RELATION_CODE, AddressKind, PartyState
from addressbook.errors import FeedRecordInvalid

OP_INSERT, OP_UPDATE, OP_CORRECTION = "1", "2", "3"

VERSION_COLUMNS = (
    "name", "name_kana", "former_surname", "alias", "birth_on", "birth_text", "sex", "state", "resident_kind",
    "resident_since", "left_on", "died_on", "previous_address_text", "next_address_text", "is_fallback_glyph", "reason",
)  # fmt: skip
ADDRESS_COLUMNS = (
    "kind", "municipality_code", "town_code", "lot_text", "building_text", "zip", "full_text", "address_key",
)  # fmt: skip
HOUSEHOLD_COLUMNS = ("household_no", "relation_code", "is_head")


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """A checked feed record. `version`, `address`, `household` are value tuples in the order of the columns above."""

    seq: int
    op: str
    person_no: str
    event_on: date
    state: str
    version: tuple[Any, ...]
    address: tuple[Any, ...]
    household: tuple[Any, ...]
    resident_since: date | None
    address_since: date | None
    left_on: date | None
    died_on: date | None
    address_jan1: str
    number_text: str
    is_protected: bool


def _date(record: Mapping[str, Any], name: str) -> date | None:
    value = record.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise FeedRecordInvalid("日付の形式が正しくありません。", field=name) from None


def _text(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    return "" if value is None else str(value).strip()


def _required(record: Mapping[str, Any], name: str) -> str:
    value = _text(record, name)
    if not value:
        raise FeedRecordInvalid("必須の項目がありません。", field=name)
    return value


def address_full_text(lot_text: str, building_text: str) -> str:
    """Lot and building in one line; the municipality is kept as a code and named where the address is shown."""
    return lot_text + (f"　{building_text}" if building_text else "")


def feed_entry(record: Mapping[str, Any]) -> FeedEntry:
    """Read one record by the layout's field names (`name_en`); raises FeedRecordInvalid with the field's name."""
    op, state_code = _required(record, "op"), _required(record, "resident_state")
    if op not in {OP_INSERT, OP_UPDATE, OP_CORRECTION}:
        raise FeedRecordInvalid("異動区分が正しくありません。", field="op")
    if state_code not in FEED_STATES:
        raise FeedRecordInvalid("住民状態が正しくありません。", field="resident_state")
    event_on = _date(record, "event_on")
    if event_on is None:
        raise FeedRecordInvalid("必須の項目がありません。", field="event_on")
    state = FEED_STATES[state_code].value
    left_on, died_on = _date(record, "left_on"), _date(record, "died_on")
    resident_since, address_since = _date(record, "resident_since"), _date(record, "address_since")
    municipality, lot = _text(record, "addr_municipality"), _text(record, "addr_number")
    building = _text(record, "addr_building")
    relation, name = _text(record, "relation"), _required(record, "name")
    return FeedEntry(
        seq=int(_required(record, "seq")),
        op=op,
        person_no=_required(record, "person_no"),
        event_on=event_on,
        state=state,
        version=(
            name, _text(record, "kana"), _text(record, "former_name"), _text(record, "alias"), _date(record, "birth"),
            _text(record, "birth_unknown"), _text(record, "sex") or "0", state, _text(record, "resident_kind"),
            resident_since, left_on, died_on, _text(record, "prev_address"), _text(record, "next_address"),
            _text(record, "fallback") == "1", _text(record, "reason"),
        ),
        address=(
            AddressKind.RESIDENCE.value, municipality, _text(record, "addr_choaza"), lot, building,
            _text(record, "zip"), address_full_text(lot, building), address_key(lot),
        ),
        household=(
            _required(record, "household_no"), relation, relation == HEAD_RELATION_CODE,
        ),
        resident_since=resident_since,
        address_since=address_since,
        left_on=left_on,
        died_on=died_on,
        address_jan1=_text(record, "address_jan1"),
        number_text=_text(record, "my_number"),
        is_protected=_text(record, "protected") == "1",
    )  # fmt: skip


def state_from_on(entry: FeedEntry) -> date:
    """The day from which the record's state holds: of death, of leaving, else of the event."""
    if entry.state == PartyState.DEAD and entry.died_on:
        return entry.died_on
    if entry.state == PartyState.MOVED_OUT and entry.left_on:
        return entry.left_on
    return entry.event_on
