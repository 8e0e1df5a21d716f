"""台帳の照会: lists with search, filters and order; the row as the closing rules see it; what waits for a unit."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet

from taxsys.platform import clock
from taxsys.platform.registers.access import kinds_for
from taxsys.platform.registers.declaration import Act, Facts, Kind
from taxsys.platform.registers.models import RegisterRow, RowTask
from taxsys.platform.registers.registry import all_kinds
from taxsys.platform.staff.models import Staff, Unit

PLAIN_ORDER = {"row_no": "row_no", "title": "title", "opened_on": "opened_on", "state": "state", "unit": "unit__name"}


def rows_found(kind: Kind, *, text: str = "", state: str = "", unit: str = "", **chosen: str) -> QuerySet[RegisterRow]:
    """Rows of a kind: words in any order (number, title, text), state (`working` = not closed), unit, choices."""
    found = RegisterRow.objects.filter(kind=kind.code).select_related("unit")
    for word in unicodedata.normalize("NFKC", text).split():
        found = found.filter(
            Q(row_no__icontains=word) | Q(title__icontains=word) | Q(search_text__contains=word.casefold())
        )
    if state == "working":
        found = found.exclude(state="closed")
    elif state:
        found = found.filter(state=state)
    if unit:
        found = found.filter(unit__code=unit)
    for name in kind.filters:
        if chosen.get(name):
            found = found.filter(values__contains={name: chosen[name]})
    return found


def rows_ordered(found: QuerySet[RegisterRow], kind: Kind, order: str) -> QuerySet[RegisterRow]:
    """The same in the order asked for (`name` or `-name`); an unknown order is the newest first."""
    name, sign = order.removeprefix("-"), "-" if order.startswith("-") else ""
    if name in PLAIN_ORDER:
        return found.order_by(f"{sign}{PLAIN_ORDER[name]}", "row_no")
    if name in kind.columns:
        return found.order_by(f"{sign}values__{name}", "row_no")
    return found.order_by("-opened_on", "-row_no")


def linked_values(kind: Kind, values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """`row` field → the values of the row it names, with its state as `_state`."""
    keys = {one.name: str(values[one.name]) for one in kind.fields if one.type == "row" and values.get(one.name)}
    rows = {str(row.pk): row for row in RegisterRow.objects.filter(pk__in=keys.values())}
    return {name: {**rows[key].values, "_state": rows[key].state} for name, key in keys.items() if key in rows}


def facts_of(row: RegisterRow, kind: Kind, values: Mapping[str, Any] | None = None) -> Facts:
    """The row as the closing rules see it, with the values about to be kept where given."""
    values = row.values if values is None else values
    versions = row.versions.select_related("changed_by").order_by("version")
    acts = tuple(
        Act(step=one.act, person_key=one.changed_by.person_key if one.changed_by else "", on=one.business_on)
        for one in versions
    )
    return Facts(
        values=values,
        papers=frozenset(row.attachments.values_list("role", flat=True)),
        acts=acts,
        opened_on=row.opened_on,
        today=clock.today(),
        linked=linked_values(kind, values),
    )


def row_labels(keys: Iterable[str]) -> dict[str, str]:
    """Row id → number and title."""
    wanted = [key for key in keys if key]
    return {str(row.pk): f"{row.row_no}　{row.title}" for row in RegisterRow.objects.filter(pk__in=wanted)}


def row_choices(kind_code: str, *, kept: str = "") -> list[tuple[str, str]]:
    """Open rows of a kind to choose from; the one kept already stays in the list."""
    found = RegisterRow.objects.filter(Q(kind=kind_code) & (~Q(state="closed") | Q(pk=kept or None)))
    return [(str(row.pk), f"{row.row_no}　{row.title}") for row in found.order_by("-opened_on", "row_no")[:500]]


def rows_pointing_at(row: RegisterRow) -> list[RegisterRow]:
    """Rows of other registers that name this one, newest first."""
    wanted = Q(pk__in=[])
    for kind in all_kinds():
        for one in kind.fields:
            if one.type == "row" and one.links_to == row.kind:
                wanted |= Q(kind=kind.code, values__contains={one.name: str(row.pk)})
    return list(RegisterRow.objects.filter(wanted).order_by("-opened_on", "-row_no")[:100])


def tasks_waiting(staff: Staff, on: date | None = None) -> QuerySet[RowTask]:
    """期限: open time limits whose reminder has come, in rows of the officer's unit and of kinds he may read."""
    codes = [kind.code for kind in kinds_for(staff)]
    return tasks_due(on or clock.today()).filter(row__unit=staff.unit_on(), row__kind__in=codes)


def tasks_due(on: date) -> QuerySet[RowTask]:
    """Open time limits of open rows whose reminder has come by the day."""
    found = RowTask.objects.filter(done_on__isnull=True, remind_on__lte=on).exclude(row__state="closed")
    return found.select_related("row", "row__unit").order_by("due_on", "row__row_no", "code")


def tasks_waiting_count(staff: Staff) -> int:
    """How many of them."""
    return tasks_waiting(staff).count()


def tasks_level(staff: Staff) -> str:
    """danger where one has passed, else caution."""
    return "danger" if tasks_waiting(staff).filter(due_on__lt=clock.today()).exists() else "caution"


def open_count(staff: Staff) -> int:
    """Open rows of the officer's unit."""
    codes = [kind.code for kind in kinds_for(staff)]
    return RegisterRow.objects.filter(kind__in=codes, unit=staff.unit_on()).exclude(state="closed").count()


def counts_by_kind(kinds: Iterable[Kind], on: date) -> dict[str, dict[str, int]]:
    """Kind → rows in all, open ones, time limits passed."""
    codes = [kind.code for kind in kinds]
    rows = RegisterRow.objects.filter(kind__in=codes)
    total = Counter(dict(rows.values_list("kind").annotate(n=Count("pk")).order_by()))
    working = Counter(dict(rows.exclude(state="closed").values_list("kind").annotate(n=Count("pk")).order_by()))
    late = RowTask.objects.filter(row__kind__in=codes, done_on__isnull=True, due_on__lt=on).exclude(row__state="closed")
    passed = Counter(dict(late.values_list("row__kind").annotate(n=Count("pk")).order_by()))
    return {code: {"total": total[code], "open": working[code], "late": passed[code]} for code in codes}


def units_with_rows(kind: Kind) -> list[Unit]:
    """The units that own rows of the kind."""
    owners = RegisterRow.objects.filter(kind=kind.code).values("unit_id")
    return list(Unit.objects.filter(pk__in=owners).order_by("sort_order", "code"))


def figures(kind: Kind, name: str, *, years: tuple[int, ...]) -> list[tuple[str, list[int], int]]:
    """統計: per choice of a field the rows opened in each fiscal year and their sum."""
    field = kind.field(name)
    counted: Counter[tuple[str, int]] = Counter()
    rows = RegisterRow.objects.filter(kind=kind.code, fiscal_year__in=years)
    for value, year in rows.values_list(f"values__{name}", "fiscal_year"):
        counted[str(value or ""), year] += 1
    choices = [*field.choices, *([("", "（未入力）")] if any(key == "" for key, _ in counted) else [])]
    table = [(title, [counted[value, year] for year in years]) for value, title in choices]
    return [(title, row, sum(row)) for title, row in table]
