"""Reads of the register: which rows open something for a client today, and how the rows count against the PIA."""

from datetime import date

from django.db.models import Count, Q, QuerySet

from intermediary.models import RegisterRow


def in_period(on: date) -> Q:
    """Approved rows whose period contains the day."""
    return Q(state=RegisterRow.State.APPROVED, valid_from__lte=on) & (Q(valid_to__isnull=True) | Q(valid_to__gt=on))


def rows_open_to(client_system: str, *, on: date) -> QuerySet[RegisterRow]:
    """The rows by which this client may ask on the day."""
    return RegisterRow.objects.filter(in_period(on), client_system=client_system, method=RegisterRow.Method.API)


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
