"""賦課決定の参照: which decision stands for a person, today or as known on an earlier day.

A decision stands when its run was released and not recalled and no later standing version of the same person and year
follows it. Whoever speaks of "the decision" of a person (notice, certificate, copy, ledger, screen) asks here.
"""

from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from assessment.models import Decision, RunState

RESIDENT_TAX = "10"


def _stood(prefix: str, known_at: datetime | None) -> Q:
    """Of a released run that was not recalled (as known at `known_at`)."""
    if known_at is None:
        return Q(**{f"{prefix}run__state": RunState.RELEASED})
    released = Q(**{f"{prefix}run__state__in": [RunState.RELEASED, RunState.RECALLED]})
    known = Q(**{f"{prefix}recorded_at__lte": known_at})
    recalled = Q(**{f"{prefix}run__recall__recorded_at__lte": known_at})
    return released & known & ~recalled


def standing_decisions(
    *, tax_year: int, tax_kind: str = RESIDENT_TAX, known_at: datetime | None = None
) -> QuerySet[Decision]:
    """現に効力のある決定: one row per person at most; `known_at` answers as it was known at that moment."""
    later = Decision.objects.filter(
        _stood("", known_at),
        party=OuterRef("party"),
        tax_kind=OuterRef("tax_kind"),
        tax_year=OuterRef("tax_year"),
        version__gt=OuterRef("version"),
    )
    return Decision.objects.filter(_stood("", known_at), ~Exists(later), tax_kind=tax_kind, tax_year=tax_year)


def standing_decision_of(
    party_id: UUID, *, tax_year: int, tax_kind: str = RESIDENT_TAX, known_at: datetime | None = None
) -> Decision | None:
    """The decision in force of one person, None where there is none or it was recalled."""
    standing = standing_decisions(tax_year=tax_year, tax_kind=tax_kind, known_at=known_at)
    return standing.filter(party_id=party_id).select_related("run").first()


def decision_history(party_id: UUID, *, tax_kind: str = RESIDENT_TAX) -> QuerySet[Decision]:
    """決定の履歴: every version of every year, newest first, recalled ones too (their run says so)."""
    return (
        Decision.objects.filter(party_id=party_id, tax_kind=tax_kind)
        .select_related("run", "run__recall")
        .order_by("-tax_year", "-version")
    )
