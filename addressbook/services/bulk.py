"""Set-based writes of the address book (COPY, UPDATE … FROM unnest): the only raw SQL of this app's services."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection

from addressbook.models import Address, FeedRecord, HouseholdMembership, Party, PartyVersion
from addressbook.services.feed_records import ADDRESS_COLUMNS, HOUSEHOLD_COLUMNS, VERSION_COLUMNS
from addressbook.services.history import Timeline

_SPAN_COLUMNS = (
    "party_id", "valid_from", "valid_to", "recorded_at", "superseded_at", "source", "source_seq", "superseded_seq",
)  # fmt: skip
_SPAN_TYPES = ("uuid", "date", "date", "timestamptz", "timestamptz", "varchar", "int8", "int8")
FACETS = {
    PartyVersion: (
        VERSION_COLUMNS,
        ("varchar",) * 4 + ("date", "varchar", "varchar", "varchar", "varchar") + ("date",) * 3
        + ("varchar", "varchar", "bool", "varchar"),
    ),
    Address: (ADDRESS_COLUMNS, ("varchar",) * len(ADDRESS_COLUMNS)),
    HouseholdMembership: (HOUSEHOLD_COLUMNS, ("varchar", "varchar", "bool")),
}  # fmt: skip
FacetModel = type[PartyVersion] | type[Address] | type[HouseholdMembership]
_PARTY_COLUMNS = (
    "id", "person_no", "kind", "name", "name_kana", "name_key", "strict_key", "loose_key", "birth_on", "sex", "state",
    "recorded_at",
)  # fmt: skip
_PARTY_TYPES = ("uuid",) + ("varchar",) * 7 + ("date", "varchar", "varchar", "timestamptz")
_RECORD_COLUMNS = ("source", "seq", "party_id", "op", "event_on", "reason", "applied_at")
_RECORD_TYPES = ("varchar", "int8", "uuid", "varchar", "date", "varchar", "timestamptz")


def copy_rows(table: str, columns: Sequence[str], types: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY rows into a table of this app, in the transaction of the caller."""
    connection.ensure_connection()
    # The names are this module's constants, never input.
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)"
    with psycopg.Cursor(connection.connection) as cursor, cursor.copy(statement) as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)


def execute(sql: str, parameters: Sequence[Any]) -> None:
    """Run one set-based statement with server-side parameters."""
    connection.ensure_connection()
    with psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(sql, parameters)


def parties_copy(rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert parties (values in the order of the party columns)."""
    copy_rows(Party._meta.db_table, _PARTY_COLUMNS, _PARTY_TYPES, rows)


def parties_refresh(rows: Sequence[tuple[Any, ...]]) -> None:
    """Bring the cached current values of parties up to date: (id, name, kana, three keys, birth, sex, state)."""
    if not rows:
        return
    execute(
        "UPDATE addressbook_party p SET name = r.name, name_kana = r.kana, name_key = r.nkey, strict_key = r.skey,"
        " loose_key = r.lkey, birth_on = r.birth, sex = r.sex, state = r.state"
        " FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::date[], %s::text[],"
        " %s::text[]) AS r(id, name, kana, nkey, skey, lkey, birth, sex, state) WHERE p.id = r.id",
        [list(column) for column in zip(*rows, strict=True)],
    )


def feed_records_copy(rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert feed records."""
    copy_rows(FeedRecord._meta.db_table, _RECORD_COLUMNS, _RECORD_TYPES, rows)


def timelines_store(model: FacetModel, timelines: dict[UUID, Timeline], *, source: str, now: datetime) -> None:
    """Write what changed in the timelines: close rows, then add rows."""
    columns, types = FACETS[model]
    table = model._meta.db_table
    closed = [
        (span.row_id, span.superseded_seq)
        for timeline in timelines.values()
        for span in timeline.closed
        if span.row_id is not None
    ]
    if closed:
        execute(
            f"UPDATE {table} t SET superseded_at = %s, superseded_seq = r.seq"  # noqa: S608 -- a table of our own
            " FROM unnest(%s::bigint[], %s::bigint[]) AS r(id, seq) WHERE t.id = r.id",
            [now, [row_id for row_id, _ in closed], [seq for _, seq in closed]],
        )

    def rows() -> Iterable[tuple[Any, ...]]:
        for party_id, timeline in timelines.items():
            for span in timeline.closed:
                if span.row_id is None:
                    yield (party_id, span.valid_from, span.valid_to, now, now, source, span.source_seq,
                           span.superseded_seq, *span.values)  # fmt: skip
            for span in timeline.spans:
                if span.row_id is None:
                    yield (party_id, span.valid_from, span.valid_to, now, None, source, span.source_seq, None,
                           *span.values)  # fmt: skip

    copy_rows(table, (*_SPAN_COLUMNS, *columns), (*_SPAN_TYPES, *types), rows())


def facet_undo(model: FacetModel, party_id: UUID, *, source: str, seq: int, by_seq: int, now: datetime) -> None:
    """Take back what one feed record did to one table: close its rows, bring back what it had closed."""
    columns, _ = FACETS[model]
    table = model._meta.db_table
    names = ", ".join(columns)
    execute(
        f"UPDATE {table} SET superseded_at = %s, superseded_seq = %s"  # noqa: S608 -- a table of our own
        " WHERE party_id = %s AND source = %s AND source_seq = %s AND superseded_at IS NULL",
        [now, by_seq, party_id, source, seq],
    )
    execute(
        f"INSERT INTO {table} (party_id, valid_from, valid_to, recorded_at, source, source_seq, {names})"  # noqa: S608
        f" SELECT party_id, valid_from, valid_to, %s, source, source_seq, {names} FROM {table}"
        " WHERE party_id = %s AND source = %s AND superseded_seq = %s AND source_seq <> %s",
        [now, party_id, source, seq, seq],
    )
