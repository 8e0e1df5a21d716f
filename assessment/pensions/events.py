"""住民異動からの年金特別徴収の中止: who died or moved away, from when nothing is withheld, the stop recorded.

Death: from the first payment after it. Moving out between January and March: from October, the 仮徴収 goes on; later:
from the next April, this year's withholding goes on to February (地方税法321条の7の9; R-154, F-PL-007, B-PI-18).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q

from addressbook.codes import PartyState
from addressbook.models import PartyVersion
from assessment.pensions.errors import PensionStopRefused
from assessment.pensions.models import PensionStop, StopReason, StopState
from assessment.pensions.selectors import TAX_KIND
from assessment.pensions.services import StopDraft, pension_stop_record
from assessment.resident.pension_split import FIRST_REGULAR, PENSION_KEYS
from assessment.resident.rules.pipeline import resident_law
from collection.models import Charge, Method
from taxsys.params.model import ParameterSet

RECORDED_BY = "job:B-PI-18"
APRIL = 4


@dataclass(frozen=True, slots=True)
class EventStop:
    """A stop that a resident's event asks for: the year and the first place that is not withheld."""

    party_id: UUID
    reason: str
    event_on: date
    tax_year: int
    first_place: int


def stop_place(reason: str, event_on: date, law: ParameterSet) -> tuple[int, int]:
    """(tax year, first place that is not withheld) after a death or a move out of the city on this day."""
    if reason == StopReason.MOVED:
        is_spring = event_on.month <= law["resident.collection.pension_move_spring_months"].integer
        return (event_on.year, FIRST_REGULAR) if is_spring else (event_on.year + 1, 1)
    day = law["resident.collection.pension_payment_day"].integer
    tax_year = event_on.year - (event_on.month < APRIL)
    for place, key in enumerate(PENSION_KEYS, start=1):
        year = tax_year + (int(key) < APRIL)
        if date(year, int(key), day) > event_on:
            return tax_year, place
    return tax_year + 1, 1


def events_pending(tax_year: int, *, on: date, city_code: str) -> list[EventStop]:
    """Whom the year, or the spring after it, must stop withholding from and of whom no stop of the event is known.

    Ordered by 宛名番号. A stop that an officer took back is not asked for again.
    """
    law = resident_law(tax_year, city_code)
    withheld = Charge.objects.filter(
        tax_kind_id=TAX_KIND, tax_year=tax_year, method=Method.PENSION, amount_yen__gt=0
    ).values("party")
    gone = PartyVersion.objects.as_of(on).filter(
        Q(state=PartyState.DEAD, died_on__isnull=False) | Q(state=PartyState.MOVED_OUT, left_on__isnull=False),
        party__in=withheld,
    )
    found = []
    for party, state, died_on, left_on in gone.order_by("party__person_no").values_list(
        "party_id", "state", "died_on", "left_on"
    ):
        reason, day = (StopReason.DIED, died_on) if state == PartyState.DEAD else (StopReason.MOVED, left_on)
        if day is None:
            continue
        year, place = stop_place(reason, day, law)
        # An event before the year began to withhold stops it from its first month on.
        found.append(EventStop(party, reason, day, *((tax_year, 1) if year < tax_year else (year, place))))
    return [one for one in _unknown(found) if one.tax_year <= tax_year + 1]


def _unknown(events: Sequence[EventStop]) -> list[EventStop]:
    """Those of whom no stop stands in the year or before it, nor was one of the same event taken back."""
    stops = PensionStop.objects.filter(party_id__in={one.party_id for one in events})
    rows = list(stops.values_list("party_id", "tax_year", "state", "reason", "event_on"))
    standing = {(party, year) for party, year, state, *_ in rows if state == StopState.ACTIVE}
    same = {(party, reason, day) for party, _, _, reason, day in rows}
    return [
        one
        for one in events
        if not {(one.party_id, one.tax_year), (one.party_id, one.tax_year - 1)} & standing
        and (one.party_id, one.reason, one.event_on) not in same
    ]


def event_stops_record(events: Sequence[EventStop]) -> tuple[int, int]:
    """Record the stops; answers (recorded, nothing left to stop). Idempotent: a known stop is refused and counted."""
    recorded = idle = 0
    for one in events:
        draft = StopDraft(
            party_id=one.party_id, tax_year=one.tax_year, reason=one.reason, event_on=one.event_on,
            first_place=one.first_place, note_ja="住民異動から",
        )  # fmt: skip
        try:
            pension_stop_record(draft, actor_id=RECORDED_BY)
        except PensionStopRefused:
            idle += 1
        else:
            recorded += 1
    return recorded, idle
