"""住民記録との全件整合: the whole resident register beside the address book; every difference named by kind (R-277).

Only compares: a difference is mended by the change that was lost, sent again, not by this run. What is told is the kind
and the 宛名番号, never a value; numbers are compared inside the vault.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import models

from addressbook.models import FeedState
from addressbook.number_text import my_number_digits
from addressbook.selectors.register_rows import (
    ADDRESS,
    HOUSEHOLD,
    VERSION,
    current_rows,
    last_seqs,
    registered_nos,
    residents_by_no,
)
from addressbook.services.feed_records import FeedEntry, feed_entry
from addressbook.services.numbers import holders_by_numbers, parties_with_number


class RegisterDifference(models.TextChoices):
    """相違の種別."""

    MISSING = "missing", "宛名にない住民"
    EXTRA = "extra", "住民記録にない住民"
    NAME = "name", "氏名・フリガナの相違"
    BIRTH = "birth", "生年月日・性別の相違"
    STATE = "state", "住民状態の相違"
    ADDRESS = "address", "住所の相違"
    HOUSEHOLD = "household", "世帯の相違"
    NUMBER = "number", "個人番号の相違"
    NUMBER_MISSING = "number_missing", "個人番号の未登録"
    BEHIND = "behind", "届いていない異動がある住民"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference of one person."""

    person_no: str
    kind: RegisterDifference


_VERSION_COLUMNS = ("name", "name_kana", "birth_on", "sex", "state")
_ADDRESS_COLUMNS = ("municipality_code", "town_code", "full_text")
_HOUSEHOLD_COLUMNS = ("household_no", "relation_code")


def register_compare(records: Sequence[Mapping[str, Any]], *, source: str) -> list[Difference]:
    """Differences of these records of a full extract, in order of the records. Needs a context with a legal base.

    A person of whom the address book already knows a later change than the extract is passed over; one whose change has
    not arrived yet is told as `behind` and compared no further.
    """
    entries = [feed_entry(record) for record in records]
    applied = FeedState.objects.filter(source=source).values_list("last_seq", flat=True).first() or 0
    parties = residents_by_no([entry.person_no for entry in entries])
    ids = list(parties.values())
    seqs = last_seqs(ids, source=source)
    rows = {
        VERSION: current_rows(VERSION, ids, _VERSION_COLUMNS),
        ADDRESS: current_rows(ADDRESS, ids, _ADDRESS_COLUMNS),
        HOUSEHOLD: current_rows(HOUSEHOLD, ids, _HOUSEHOLD_COLUMNS),
    }
    found: list[Difference] = []
    compared: list[tuple[FeedEntry, UUID]] = []
    for entry in entries:
        party = parties.get(entry.person_no)
        if entry.seq > applied:
            found.append(Difference(entry.person_no, RegisterDifference.BEHIND))
        elif party is None:
            found.append(Difference(entry.person_no, RegisterDifference.MISSING))
        elif seqs.get(party, 0) <= entry.seq:
            found += [Difference(entry.person_no, kind) for kind in _items_differ(entry, party, rows)]
            compared.append((entry, party))
    return [*found, *_numbers_differ(compared)]


def register_extra(person_nos: Sequence[str]) -> list[Difference]:
    """Registered residents of the address book who are not among the extract's."""
    known = set(person_nos)
    return [Difference(one, RegisterDifference.EXTRA) for one in registered_nos() if one not in known]


def _items_differ(entry: FeedEntry, party: UUID, rows: Mapping[Any, Mapping[UUID, tuple[Any, ...]]]) -> list[Any]:
    name, kana, birth_on, sex, state = rows[VERSION].get(party, (None,) * 5)
    told = entry.version
    address = (entry.address[1], entry.address[2], entry.address[6])
    checks = {
        RegisterDifference.NAME: (name, kana) == (told[0], told[1]),
        RegisterDifference.BIRTH: (birth_on, sex) == (told[4], told[6]),
        RegisterDifference.STATE: state == told[7],
        RegisterDifference.ADDRESS: rows[ADDRESS].get(party) == address,
        RegisterDifference.HOUSEHOLD: rows[HOUSEHOLD].get(party) == (entry.household[0], entry.household[1]),
    }
    return [kind for kind, is_same in checks.items() if not is_same]


def _numbers_differ(compared: Sequence[tuple[FeedEntry, UUID]]) -> list[Difference]:
    told = [(entry, party) for entry, party in compared if my_number_digits(entry.number_text)]
    if not told:
        return []
    holders = holders_by_numbers([entry.number_text for entry, _ in told])
    numbered = parties_with_number([party for _, party in told])
    found = []
    for (entry, party), holder in zip(told, holders, strict=True):
        if party not in numbered:
            found.append(Difference(entry.person_no, RegisterDifference.NUMBER_MISSING))
        elif holder != party:
            found.append(Difference(entry.person_no, RegisterDifference.NUMBER))
    return found
