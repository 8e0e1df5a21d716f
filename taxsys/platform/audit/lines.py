"""Canonical lines of events: the one form in which an event is hashed, verified and exported.

A line is what PostgreSQL's COPY (text format) writes for the columns below; times are microseconds since 1970 UTC, so
no setting of the session can change a byte.
"""

from collections.abc import Iterator

import psycopg
from django.db import connection

COLUMNS = (
    "id",
    "epoch",
    "transaction_id",
    "(extract(epoch FROM occurred_at) * 1000000)::bigint",
    "to_char(business_on, 'YYYY-MM-DD')",
    "actor_kind",
    "actor_id",
    "unit_code",
    "terminal",
    "address",
    "function_id",
    "legal_base",
    "purpose",
    "action",
    "array_to_json(subjects)::text",
    "record_type",
    "record_id",
    "tax_year",
    "result",
    "reason",
    '"count"',
    "request_id",
)
NAMES = tuple(
    {3: "occurred_at_us", 4: "business_on", 14: "subjects", 20: "count"}.get(place, column)
    for place, column in enumerate(COLUMNS)
)
_SELECT = f"SELECT {', '.join(COLUMNS)} FROM audit_accessevent"  # noqa: S608 -- constants above
_ORDER = "ORDER BY epoch, transaction_id, id"


def lines_between(epoch: int, from_xid: int, to_xid: int) -> Iterator[bytes]:
    """Lines of one epoch's transactions in [from_xid, to_xid), in the order of sealing, without line ends.

    The connection is busy until the last line is taken.
    """
    where = "WHERE epoch = %s AND transaction_id >= %s::text::xid8 AND transaction_id < %s::text::xid8"
    yield from _copied(f"{_SELECT} {where} {_ORDER}", [epoch, from_xid, to_xid])


def _copied(query: str, values: list[int]) -> Iterator[bytes]:
    connection.ensure_connection()
    raw = connection.connection
    rest = b""
    with psycopg.ClientCursor(raw) as cursor, cursor.copy(f"COPY ({query}) TO STDOUT", values or None) as stream:
        for block in stream:
            pieces = (rest + bytes(block)).split(b"\n")
            rest = pieces.pop()
            yield from pieces


def place_of(line: bytes) -> tuple[int, int, int]:
    """(epoch, transaction, id) of a line."""
    event_id, epoch, transaction, _ = line.split(b"\t", 3)
    return int(epoch), int(transaction), int(event_id)
