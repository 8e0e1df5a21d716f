"""並行稼働の比較 (parallel run): the old system's state of every instalment beside ours on a day.

Levied, paid and unpaid tax and the late interest of that day; whole tax years are compared, so that an instalment that
one of the two does not have is seen too. Nothing is posted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction

from collection.bulk.staging import stage
from collection.selectors.account import interest_many
from collection.services.imports import FileRecord
from collection.takeover.models import Comparison, ComparisonRow
from collection.takeover.reading import key_of, key_text
from taxsys.platform import clock

ITEMS_JA = {
    "levied": "調定額",
    "paid": "収納額",
    "unpaid": "未納額",
    "interest": "延滞金",
    "missing_here": "こちらにない期別",
    "missing_there": "旧システムにない期別",
}
_COLUMNS = (
    ("tax_kind", "text"), ("levy_year", "int4"), ("tax_year", "int4"), ("method", "text"), ("notice_no", "text"),
    ("instalment_no", "int2"), ("levied", "int8"), ("paid", "int8"), ("unpaid", "int8"), ("interest", "int8"),
)  # fmt: skip
_KEY = "tax_kind, levy_year, tax_year, method, notice_no, instalment_no"
# Ours as of a day, by value dates as on the account screen; of the taxes and years that the file speaks of.
_BESIDE = f"""
    WITH mine AS (
         SELECT c.id, c.tax_kind_id AS tax_kind, c.levy_year, c.tax_year, c.method, c.notice_no, c.instalment_no,
                c.due_on,
                coalesce(sum(x.yen) FILTER (WHERE o.kind LIKE 'revenue%%'), 0)::bigint AS levied,
                coalesce(sum(x.yen), 0)::bigint AS unpaid
           FROM collection_charge AS c
           JOIN collection_account AS a ON a.charge_id = c.id AND a.component = 'principal' AND a.kind = 'receivable'
           JOIN LATERAL (
                SELECT d.yen, d.credit_id AS other_id, d.entry_id FROM collection_transfer AS d WHERE d.debit_id = a.id
                UNION ALL
                SELECT -d.yen, d.debit_id, d.entry_id FROM collection_transfer AS d WHERE d.credit_id = a.id) AS x
                ON true
           JOIN collection_account AS o ON o.id = x.other_id
           JOIN collection_journalentry AS e ON e.id = x.entry_id AND e.value_date <= %(on)s
          WHERE (c.tax_kind_id, c.tax_year) IN (SELECT DISTINCT tax_kind, tax_year FROM cmp_in)
          GROUP BY c.id)
    SELECT {_KEY}, l.levied IS NOT NULL, l.levied, l.paid, l.unpaid, l.interest, m.id, m.due_on, m.levied, m.unpaid
      FROM cmp_in AS l FULL JOIN mine AS m USING ({_KEY})
     WHERE l.levied IS NOT NULL OR m.levied > 0
     ORDER BY {_KEY}"""  # noqa: S608 - a constant of this module


@dataclass(frozen=True, slots=True)
class Beside:
    """One instalment on both sides; the old system's figures are None where it does not have it, ours likewise."""

    key: str
    charge_id: int | None
    due_on: date | None
    old: tuple[int, int, int, int | None] | None
    ours: tuple[int, int, int] | None


@dataclass(frozen=True, slots=True)
class Difference:
    """An item of an instalment that differs, in yen."""

    charge_id: int | None
    key: str
    item: str
    legacy_yen: int | None
    yen: int | None


def compare(records: Iterable[FileRecord], *, on: date, file_name: str) -> Comparison:
    """並行稼働の比較: the summary is kept, the differences of an earlier comparison are replaced by these."""
    with transaction.atomic():
        rows = _beside(records, on)
        found = [difference for row in rows for difference in _differences(row)] + list(_interest(rows, on))
        ComparisonRow.objects.all().delete()
        summary = Comparison.objects.create(
            on=on,
            file_name=file_name,
            rows=sum(row.old is not None and row.ours is not None for row in rows),
            differing=len({one.key for one in found if not one.item.startswith("missing")}),
            missing_here=sum(one.item == "missing_here" for one in found),
            missing_there=sum(one.item == "missing_there" for one in found),
            legacy_unpaid_yen=sum(row.old[2] for row in rows if row.old),
            unpaid_yen=sum(row.ours[2] for row in rows if row.ours),
            compared_at=clock.now(),
        )
        ComparisonRow.objects.bulk_create(
            (
                ComparisonRow(
                    comparison=summary, charge_id=one.charge_id, charge_key=one.key, item=one.item,
                    legacy_yen=one.legacy_yen, yen=one.yen,
                )
                for one in found
            ),
            batch_size=5000,
        )  # fmt: skip
        return summary


def _beside(records: Iterable[FileRecord], on: date) -> list[Beside]:
    lines = {}
    for record in records:
        values = record.values
        interest = values["late_interest_yen"]
        lines[key_of(values)] = (
            int(values["levied_yen"]), int(values["paid_yen"]), int(values["unpaid_yen"]),
            None if interest is None else int(interest),
        )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '30min'")
        stage(cursor, "cmp_in", _COLUMNS, ((*key, *figures) for key, figures in lines.items()))
        cursor.execute(_BESIDE, {"on": on})
        return [
            Beside(
                key_text(row[:6]), row[11], row[12], (row[7], row[8], row[9], row[10]) if row[6] else None,
                (row[13], row[13] - row[14], row[14]) if row[11] is not None else None,
            )
            for row in cursor.fetchall()
        ]  # fmt: skip


def _differences(row: Beside) -> Iterator[Difference]:
    if row.ours is None:
        yield Difference(None, row.key, "missing_here", row.old[0] if row.old else None, None)
    elif row.old is None:
        yield Difference(row.charge_id, row.key, "missing_there", None, row.ours[0])
    else:
        for item, legacy, ours in zip(("levied", "paid", "unpaid"), row.old[:3], row.ours, strict=True):
            if legacy != ours:
                yield Difference(row.charge_id, row.key, item, legacy, ours)


def _interest(rows: Iterable[Beside], on: date) -> Iterator[Difference]:
    """延滞金 of the day, where the old system says one."""
    asked = {
        row.charge_id: row
        for row in rows
        if row.charge_id is not None and row.old is not None and row.old[3] is not None
    }
    claims = {
        charge_id: (row.ours[0], row.due_on) for charge_id, row in asked.items() if row.ours and row.due_on is not None
    }
    figures = interest_many(claims, as_of=on)
    for charge_id, row in asked.items():
        legacy, ours = row.old[3] if row.old else None, figures.get(charge_id, 0)
        if legacy != ours:
            yield Difference(charge_id, row.key, "interest", legacy, ours)
