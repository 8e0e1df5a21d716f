"""年金特別徴収の照会: stops as a run knows them, people who wait for a run, results to look at."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from assessment.decisions.selectors import standing_decisions
from assessment.models import AssessmentRun, CollectionShare, Decision, RunKind, RunState
from assessment.pensions.models import (
    PensionResult,
    PensionStop,
    PensionTarget,
    ProvisionalLevy,
    RequestState,
    StopState,
)
from assessment.resident.pension_split import FIRST_REGULAR, LAST_PLACE, PENSION_KEYS, PensionKnown
from collection.models import Charge, Method
from taxsys.platform.among import among

TAX_KIND = "10"
PLACES = LAST_PLACE


def _known(run: AssessmentRun) -> Q:
    """Stops recorded when the run was opened and not taken back by then."""
    live = Q(closed_at__isnull=True) | Q(closed_at__gt=run.recorded_at)
    return Q(recorded_at__lte=run.recorded_at, tax_year=run.tax_year) & live


def pension_standing(run: AssessmentRun, party_ids: Collection[UUID]) -> dict[UUID, PensionKnown]:
    """For these people the 仮徴収 levied for the year and the first place that is not withheld, as the run knows it.

    Who has neither is left out.
    """
    levies = ProvisionalLevy.objects.filter(tax_year=run.tax_year, party__in=among(party_ids), levied_on__isnull=False)
    found = {party: PensionKnown(tuple(months)) for party, months in levies.values_list("party_id", "instalments")}
    stops = PensionStop.objects.filter(_known(run), party__in=among(party_ids))
    for party, place, yen in stops.values_list("party_id", "first_place", "partial_yen"):
        found[party] = replace(found.get(party, PensionKnown()), stopped_from=place, partial_yen=yen)
    return found


def pension_pending(run: AssessmentRun) -> set[UUID]:
    """Who has a stop, or one taken back, that no run has followed, and a decision of this system in force."""
    decided = Decision.objects.filter(
        tax_kind=run.tax_kind, tax_year=run.tax_year, run__state=RunState.RELEASED, annual_yen__gt=0
    ).exclude(run__kind=RunKind.TAKEN_OVER)
    rows = PensionStop.objects.filter(tax_year=run.tax_year, is_pending=True, recorded_at__lte=run.recorded_at)
    return set(rows.filter(party__in=decided.values("party_id")).values_list("party_id", flat=True))


def place_of_month(month: int) -> int | None:
    """The place of a calendar month (4, 6, 8, 10, 12, 2), None for a month in which nothing is withheld."""
    key = f"{month:02d}"
    return PENSION_KEYS.index(key) + 1 if key in PENSION_KEYS else None


def month_ja(place: int) -> str:
    """The month of a place in words."""
    return f"{int(PENSION_KEYS[place - 1])}月"


def kind_ja(place: int) -> str:
    """仮徴収 or 本徴収."""
    return "仮徴収" if place < FIRST_REGULAR else "本徴収"


def pension_charges(party_id: UUID, *, tax_year: int) -> list[Charge]:
    """Months withheld from the pension of a person in a year, April first."""
    rows = Charge.objects.filter(
        party_id=party_id, method=Method.PENSION, tax_kind_id=TAX_KIND, tax_year=tax_year, amount_yen__gt=0
    )
    return list(rows.order_by("instalment_no"))


def pension_notice_no(party_id: UUID, *, tax_year: int) -> str:
    """通知書番号 under which a year's months are levied: the decision's, before it the 仮徴収's, else ""."""
    decisions = Decision.objects.filter(party_id=party_id, tax_year=tax_year, tax_kind=TAX_KIND)
    levies = ProvisionalLevy.objects.filter(party_id=party_id, tax_year=tax_year, levied_on__isnull=False)
    return (
        decisions.order_by("-version").values_list("notice_no", flat=True).first()
        or levies.values_list("notice_no", flat=True).first()
        or ""
    )


def spring_to_come(party_id: UUID, *, tax_year: int) -> bool:
    """Whether 仮徴収 of the year is still to be levied of the person, by the decision of the year before."""
    decision = standing_decisions(tax_year=tax_year - 1).filter(party_id=party_id).first()
    if decision is None:
        return False
    shares = CollectionShare.objects.filter(run_id=decision.run_id, party_id=party_id, method=Method.PENSION)
    return any(any(months[FIRST_REGULAR - 1 :]) for months in shares.values_list("instalments", flat=True))


def regular_months(tax_year: int) -> dict[UUID, dict[int, int]]:
    """本徴収 levied of everybody for the year by place (yen), stopped people left out."""
    stops = PensionStop.objects.filter(tax_year=tax_year, state=StopState.ACTIVE).values("party")
    rows = Charge.objects.filter(
        method=Method.PENSION, tax_kind_id=TAX_KIND, tax_year=tax_year, amount_yen__gt=0,
        instalment_no__range=(FIRST_REGULAR, LAST_PLACE),
    ).exclude(party__in=stops)  # fmt: skip
    found: dict[UUID, dict[int, int]] = {}
    for party, place, yen in rows.values_list("party_id", "instalment_no", "amount_yen"):
        found.setdefault(party, {})[place] = yen
    return found


def told_and_changed(tax_year: int) -> list[tuple[UUID, int, int, int]]:
    """(party, tax year, place, yen now) of months levied otherwise than the payer was told last, without stops."""
    with connection.cursor() as cursor:
        # Set-based: the rows are as many as the city has pensioners.
        cursor.execute(
            """SELECT t.party_id, t.tax_year, c.instalment_no, c.amount_yen
                 FROM (SELECT DISTINCT ON (party_id) party_id, tax_year, months FROM pensions_pensiontold
                        WHERE tax_year = %(year)s ORDER BY party_id, id DESC) AS t
                 JOIN collection_charge AS c ON c.party_id = t.party_id AND c.tax_kind_id = %(kind)s
                      AND c.tax_year = t.tax_year AND c.method = 'pension' AND c.instalment_no <= %(last)s
                WHERE t.months[c.instalment_no] <> c.amount_yen
                  AND NOT EXISTS (SELECT FROM pensions_pensionstop AS p WHERE p.party_id = t.party_id
                                     AND p.tax_year = t.tax_year AND p.state = 'active')
                ORDER BY 1, 3""",
            {"year": tax_year, "kind": TAX_KIND, "last": LAST_PLACE},
        )
        return cursor.fetchall()


def stops_list(state: str) -> QuerySet[PensionStop]:
    """中止の一覧, newest first: `pending` (no run has followed), `waiting` (to be sent), else all."""
    rows = PensionStop.objects.select_related("party")
    if state == "pending":
        rows = rows.filter(is_pending=True)
    elif state == RequestState.WAITING:
        rows = rows.filter(request_state=RequestState.WAITING, state=StopState.ACTIVE)
    return rows


def results_open() -> QuerySet[PensionResult]:
    """Results that differ from what was asked, oldest first."""
    return PensionResult.objects.filter(is_open=True).select_related("party").order_by("pk")


def target_of(party_id: UUID, *, tax_year: int) -> PensionTarget | None:
    """How the payer names the person, by the list of the year or, before it has come (May), of the year before."""
    rows = PensionTarget.objects.filter(party_id=party_id, tax_year__in=(tax_year - 1, tax_year))
    return rows.order_by("-tax_year", "pk").first()


def target_parties() -> set[UUID]:
    """Everybody whom a payer has named."""
    return set(PensionTarget.objects.values_list("party_id", flat=True).distinct())


def open_count() -> int:
    """How many results wait for an officer."""
    return PensionResult.objects.filter(is_open=True).count()
