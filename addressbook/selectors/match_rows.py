"""Set-based look-ups of the matching: many keys in, rows out.

Raw SQL, because a join of 20,000 rows on two keys at once has no form in the ORM that stays one statement.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection


@dataclass(frozen=True, slots=True)
class KeyHit:
    """One party beside the row (by position) whose keys found it."""

    position: int
    party_id: UUID
    strict_key: str
    loose_key: str
    birth_on: date | None


_COLUMNS = "r.o::int, p.id, p.strict_key, p.loose_key, p.birth_on"
_PERSONS = "p.kind IN ('resident', 'nonresident_registrant') AND p.merged_into_id IS NULL"
_BY_KANA_AND_BIRTH = (
    f"SELECT {_COLUMNS} FROM unnest(%b::text[], %b::date[]) WITH ORDINALITY AS r(lkey, birth, o)"  # noqa: S608
    f" JOIN addressbook_party p ON p.loose_key = r.lkey AND p.birth_on = r.birth WHERE {_PERSONS}"
    " ORDER BY r.o, p.person_no"
)
_BY_KANA = (
    f"SELECT {_COLUMNS} FROM unnest(%b::text[]) WITH ORDINALITY AS r(skey, o)"  # noqa: S608
    f" CROSS JOIN LATERAL (SELECT * FROM addressbook_party p WHERE p.strict_key = r.skey AND {_PERSONS}"
    " ORDER BY p.birth_on, p.person_no LIMIT %b) p ORDER BY r.o, p.birth_on, p.person_no"
)


def _rows(sql: str, parameters: Sequence[object]) -> list[tuple[Any, ...]]:
    connection.ensure_connection()
    with psycopg.Cursor(connection.connection) as cursor:
        return cursor.execute(sql, parameters, binary=True).fetchall()


def hits_by_kana_and_birth(keys: Sequence[tuple[str, date]]) -> list[KeyHit]:
    """Persons with the same loose kana and birth date; `keys` are (loose key, birth date)."""
    rows = _rows(_BY_KANA_AND_BIRTH, ([key for key, _ in keys], [day for _, day in keys]))
    return [KeyHit(row[0] - 1, *row[1:]) for row in rows]


def hits_by_kana(strict_keys: Sequence[str], *, limit: int) -> list[KeyHit]:
    """Persons with the same strict kana whatever their birth date, at most `limit` a row."""
    return [KeyHit(row[0] - 1, *row[1:]) for row in _rows(_BY_KANA, (list(strict_keys), limit))]


def address_keys_of(party_ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """All known address keys of parties, of every period: documents carry old addresses too."""
    found: dict[UUID, list[str]] = {}
    sql = (
        "SELECT party_id, address_key FROM addressbook_address"
        " WHERE party_id = ANY(%b) AND superseded_at IS NULL AND address_key <> ''"
    )
    for party_id, key in _rows(sql, (list(party_ids),)):
        found.setdefault(party_id, []).append(key)
    return found


def party_keys_of(party_ids: Sequence[UUID]) -> dict[UUID, KeyHit]:
    """Keys of parties that were found by number; a merged party answers its survivor."""
    sql = (
        "SELECT p.id, coalesce(s.id, p.id), coalesce(s.strict_key, p.strict_key), coalesce(s.loose_key, p.loose_key),"
        " coalesce(s.birth_on, p.birth_on) FROM addressbook_party p LEFT JOIN addressbook_party s"
        " ON s.id = p.merged_into_id WHERE p.id = ANY(%b)"
    )
    return {row[0]: KeyHit(-1, *row[1:]) for row in _rows(sql, (list(party_ids),))}
