"""Reads of the register: which rows open something for a client today, and how the rows count against the PIA."""

from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet

from intermediary.models import PiaTask, RegisterRow


def in_period(on: date) -> Q:
    """Approved rows whose period contains the day."""
    return Q(state=RegisterRow.State.APPROVED, valid_from__lte=on) & (Q(valid_to__isnull=True) | Q(valid_to__gt=on))


def rows_open_to(client_system: str, *, on: date) -> QuerySet[RegisterRow]:
    """The rows by which this client may ask on the day."""
    by_api = Q(method=RegisterRow.Method.API) | Q(other_methods__contains=[RegisterRow.Method.API])
    return RegisterRow.objects.filter(in_period(on), by_api, client_system=client_system)


def row_counts(*, on: date) -> dict[tuple[str, str], int]:
    """(kind, state) → rows; approved rows only in their period. For the comparison with the PIA (R-160)."""
    found = {
        (kind, RegisterRow.State.CANDIDATE.value): rows
        for kind, rows in RegisterRow.objects.filter(state=RegisterRow.State.CANDIDATE)
        .values_list("kind")
        .annotate(Count("pk"))
    }
    for kind, rows in RegisterRow.objects.filter(in_period(on)).values_list("kind").annotate(Count("pk")):
        found[kind, RegisterRow.State.APPROVED.value] = rows
    return found


def rows_on(on: date) -> QuerySet[RegisterRow]:
    """The register as it is in force on a day: approved versions in their period."""
    return RegisterRow.objects.filter(in_period(on))


def recipients_on(on: date) -> list[str]:
    """経常的な提供先: recipients of the rows in force on the day with their affairs, each once, in order."""
    found = rows_on(on).order_by("kind", "recipient", "affair").values_list("recipient", "affair")
    return list(dict.fromkeys(f"{recipient}（{affair}）" for recipient, affair in found))


def rows_for_unit(unit_name: str, *, on: date) -> QuerySet[RegisterRow]:
    """The rows under which a division may ask: those in force whose recipient it is (R-264)."""
    return rows_on(on).filter(recipient=unit_name)


def row_history(row: RegisterRow) -> QuerySet[RegisterRow]:
    """Every version of the row, newest first."""
    return RegisterRow.objects.filter(row_no=row.row_no).order_by("-version")


def pia_tasks_open(_staff: Any) -> int:
    """Kinds whose count differs from the published assessment."""
    return PiaTask.objects.filter(closed_on__isnull=True).count()
