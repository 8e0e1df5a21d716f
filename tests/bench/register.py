"""A register filled by COPY, for measurements and for plans of queries: any number of parties in seconds.

Names, kana, birth dates, addresses and households are drawn like the synthetic city's; the fifty surnames make frequent
names more frequent than in any real city, so searches meet their worst case. Nobody has a My Number.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

from django.db import connection

from addressbook.address_text import address_key, name_key
from addressbook.models import Address, HouseholdMembership, Party, PartyVersion
from addressbook.services.bulk import copy_rows, parties_copy
from addressbook.services.feed import search_keys
from taxsys.city.names import FEMALE_NAMES, MALE_NAMES, SURNAMES, TOWNS
from taxsys.platform import clock

SOURCE = "bench"
SINCE = date(2010, 4, 1)
_CHUNK = 10_000
_SPAN = ("party_id", "valid_from", "recorded_at", "source")
_SPAN_TYPES = ("uuid", "date", "timestamptz", "varchar")


def _people(count: int, seed: int) -> Iterator[tuple[Any, ...]]:
    """(number, surname, given name, sex, birth date, town, lot, household number, relation) of each person."""
    draw = Random(seed)
    weights = [weight for *_, weight in SURNAMES]
    number = household = 0
    while number < count:
        household += 1
        surname = draw.choices(SURNAMES, weights)[0]
        town, lot = draw.choice(TOWNS), f"{draw.randint(1, 40)}番{draw.randint(1, 30)}号"
        size = draw.choices((1, 2, 3, 4), (45, 28, 15, 12))[0]
        for place in range(min(size, count - number)):
            number += 1
            is_child = place >= 2
            sex = draw.choice("12") if place != 1 else "2"
            given = draw.choice(MALE_NAMES if sex == "1" else FEMALE_NAMES)
            birth_on = date(2006, 1, 1) + timedelta(days=draw.randint(0, 7000) if is_child else -draw.randint(0, 27700))
            yield number, surname, given, sex, birth_on, town, lot, household, ("02", "12", "20", "20")[place]


def fill(count: int, *, seed: int = 1, protected_each: int = 1000) -> list[UUID]:
    """Add `count` residents (every `protected_each`-th a protected person) and gather statistics; answers their ids."""
    ids: list[UUID] = []
    rows: list[tuple[Any, ...]] = []
    for row in _people(count, seed):
        rows.append(row)
        if len(rows) == _CHUNK:
            ids += _store(rows)
            rows = []
    if rows:
        ids += _store(rows)
    _protect(ids[::protected_each])
    with connection.cursor() as cursor:
        for model in (Party, PartyVersion, Address, HouseholdMembership):
            cursor.execute(f"ANALYZE {model._meta.db_table}")
    return ids


def _store(rows: list[tuple[Any, ...]]) -> list[UUID]:
    now = clock.now()
    parties, versions, addresses, homes = [], [], [], []
    for number, surname, given, sex, birth_on, town, lot, household, relation in rows:
        party_id = Party().id
        name, name_kana = f"{surname[0]}　{given[0]}", f"{surname[1]}　{given[1]}"
        strict, loose = search_keys(name_kana)
        parties.append(
            (party_id, f"R{number:014d}", "resident", name, name_kana, name_key(name), strict, loose, birth_on, sex,
             "registered", now)
        )  # fmt: skip
        span = (party_id, SINCE, now, SOURCE)
        text = f"{town[1]}{lot}"
        versions.append((*span, name, name_kana, "", "", birth_on, "", sex, "registered", "", "", "", False, ""))
        addresses.append((*span, "residence", "012041", town[0], text, "", town[2], text, address_key(text)))
        homes.append((*span, f"S{household:010d}", relation, relation == "02"))
    parties_copy(parties)
    copy_rows(
        PartyVersion._meta.db_table,
        (*_SPAN, "name", "name_kana", "former_surname", "alias", "birth_on", "birth_text", "sex", "state",
         "resident_kind", "previous_address_text", "next_address_text", "is_fallback_glyph", "reason"),
        (*_SPAN_TYPES, *("varchar",) * 4, "date", *("varchar",) * 6, "bool", "varchar"),
        versions,
    )  # fmt: skip
    copy_rows(
        Address._meta.db_table,
        (*_SPAN, "kind", "municipality_code", "town_code", "lot_text", "building_text", "zip", "full_text",
         "address_key"),
        (*_SPAN_TYPES, *("varchar",) * 8),
        addresses,
    )  # fmt: skip
    copy_rows(
        HouseholdMembership._meta.db_table,
        (*_SPAN, "household_no", "relation_code", "is_head"),
        (*_SPAN_TYPES, "varchar", "varchar", "bool"),
        homes,
    )
    return [row[0] for row in parties]


def _protect(ids: list[UUID]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO addressbook_protection (party_id, kind, accepted_on, valid_from, targets, opponent_name,"
            " opponent_address, contact, mail_to, forwarded_to, requested_from, state, source, recorded_at)"
            " SELECT id, '1', %s, %s, '', '', '', '', '', '', '', '1', %s, now() FROM unnest(%s::uuid[]) AS t(id)",
            [date(2026, 4, 1), date(2026, 4, 1), SOURCE, ids],
        )
