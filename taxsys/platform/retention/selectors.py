"""保管の照会: erase dates of records, lists with their items, and what is overdue."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from taxsys.platform.retention.declarations import Family, classes, declared
from taxsys.platform.retention.models import ENDED, ErasureItem, ErasureList

OLDEST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class EraseDate:
    """When a record may go: its class, start event, the computed date, and what stops it now (R-189)."""

    family: Family
    start_on: date
    erase_on: date
    stop_ja: str

    @property
    def class_ja(self) -> str:
        """The class's Japanese name."""
        return classes()[self.family.class_code].title_ja


def erase_date(family_code: str, key: object) -> EraseDate | None:
    """保管期限 of one record; None where its period has not begun."""
    found = _facts(family_code, [str(key)])
    return found[0] if found else None


def _facts(family_code: str, keys: list[str]) -> list[EraseDate]:
    family = declared().families[family_code]
    with connection.cursor() as cursor:
        cursor.execute("SELECT start_on, erase_on, stop FROM erasure.facts(%s, %s, false)", [family_code, keys])
        return [
            EraseDate(family, start, end, family.stop_ja(stop) if stop else "")
            for start, end, stop in cursor.fetchall()
        ]


@dataclass(frozen=True, slots=True)
class PartyDates:
    """The records of one family that tell of a party: how many, first and last erase date, what stops some of them."""

    family: Family
    count: int
    waiting: int
    first_on: date | None
    last_on: date | None
    stops_ja: tuple[str, ...]


def party_dates(party_id: UUID) -> list[PartyDates]:
    """保管期限 of everything about a party, family by family; families without a record are left out."""
    rows = []
    for family in declared().families.values():
        keys = _keys_of(family, party_id)
        found = _facts(family.code, keys) if keys else []
        if family.party == "r.id":  # the party's own row: there, or not among these records at all
            keys = keys if found else []
        if keys:
            dates = [one.erase_on for one in found]
            stops = tuple(sorted({one.stop_ja for one in found if one.stop_ja}))
            first, last = min(dates, default=None), max(dates, default=None)
            rows.append(PartyDates(family, len(keys), len(keys) - len(found), first, last, stops))
    return rows


def _keys_of(family: Family, party_id: UUID) -> list[str]:
    if not family.party:
        return []
    if family.party == "r.id":
        return [str(party_id)]
    with connection.cursor() as cursor:
        query = f"SELECT r.{family.key}::text FROM {family.root} AS r WHERE {family.party} = %s"  # noqa: S608 -- declared
        cursor.execute(query, [party_id])
        return [row[0] for row in cursor.fetchall()]


def live_lists() -> QuerySet[ErasureList]:
    """Lists that are not at their end, oldest erase date first."""
    return ErasureList.objects.exclude(state__in=ENDED).order_by("oldest_erase_on", "id")


def overdue_count() -> int:
    """記録の消去待ち: due items that no erasure has reached yet; the target is 0 (N-080)."""
    return sum(live_lists().values_list("planned", flat=True))


def items_of(target: ErasureList, *, stopped: bool) -> QuerySet[ErasureItem]:
    """The items of a list: those to be erased in order, or those that are stopped."""
    items = target.items.exclude(stop_code="") if stopped else target.items.filter(stop_code="")
    return items.order_by("no", "id")


def stop_counts(target: ErasureList) -> list[tuple[str, int]]:
    """Why items are stopped, with how many."""
    family = declared().families[target.family]
    counts: dict[str, int] = {}
    for code in target.items.exclude(stop_code="").values_list("stop_code", flat=True):
        counts[code] = counts.get(code, 0) + 1
    return [(family.stop_ja(code), number) for code, number in sorted(counts.items())]


def class_rows() -> list[dict[str, Any]]:
    """保管区分の一覧: period and law of each class, with its families."""
    families = declared().families.values()
    rows = []
    for one in classes().values():
        values = one.parameter.values if one.rule == "period" else ()
        rows.append(
            {
                "class": one,
                "periods": [(value.valid_from, value.value) for value in values],
                "law": "、".join(one.parameter.law) if one.rule == "period" else "",
                "families": [family for family in families if family.class_code == one.code],
            }
        )
    return rows
