"""期割の増減 (writes): instalments of people as they should be after a change, against the books; only what differs is
posted, and kept line by line for the notices and a recall. R-019; 地方税法321条の6・319条の2.
"""

import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from assessment.models import AssessmentRun, CollectionShare, LevyChange, ResidentResult, RunKind, Withholder
from assessment.pensions.selectors import pension_standing
from assessment.resident.collection_split import ORDINARY, PENSION, WAGE
from assessment.resident.due_dates import run_due_dates
from assessment.resident.moves.selectors import timelines_of
from assessment.resident.moves.timeline import Timeline
from assessment.resident.pension_bounds import pension_bounds, pension_raise_billed
from assessment.resident.pension_split import PROVISIONAL, PensionKnown
from assessment.resident.resplit import NOTHING, Bounds, Key, Place, Stream, Terms, Yen3, resplit
from assessment.resident.runs.opening import law_of
from assessment.withholders.selectors import number_due_places
from collection.bulk.levy import LevyRow
from collection.selectors.levied import levied_instalments
from collection.services.levy import levy_adjust, levy_post

TERMS_FILE = Path(__file__).with_name("correction_terms.toml")
LEGAL_GROUND = "地方税法321条の6・319条の2"
_UNITS = {ORDINARY: "bill_unit", WAGE: "wage_unit", PENSION: "pension_unit"}
Change = tuple[UUID, Yen3, Place]


@dataclass(frozen=True, slots=True)
class Moved:
    """増額・減額 in yen, both positive."""

    more_yen: int
    less_yen: int


@cache
def _term_values() -> Mapping[str, Any]:
    return tomllib.loads(TERMS_FILE.read_text(encoding="utf-8"))


def terms_on(decided_on: date) -> Terms:
    """Which instalments a decision of this day can still change."""
    values = _term_values()
    return Terms(decided_on, values["bill_notice_days"], values["pension_notice_days"], values["extra_term_months"])


def changes_levy(run: AssessmentRun, notices: Mapping[UUID, str], *, key: str, actor: str, city_code: str) -> Moved:
    """Post what differs for these people (notice number by person) and keep it as the run's changes."""
    changes = changes_planned(run, notices, city_code=city_code)
    _post(run, changes, key=key, actor=actor)
    LevyChange.objects.bulk_create(
        [_row(run, party, before, after) for party, before, after in changes], batch_size=2000
    )
    moved = [sum(after.parts) - sum(before) for _, before, after in changes]
    return Moved(sum(yen for yen in moved if yen > 0), -sum(yen for yen in moved if yen < 0))


def changes_planned(run: AssessmentRun, notices: Mapping[UUID, str], *, city_code: str) -> list[Change]:
    """(person, parts before, instalment as it should be) of every instalment that changes. Writes nothing."""
    people = sorted(notices)
    posted = _posted(run, people)
    employers = timelines_of(run, people)
    pensions = pension_standing(run, people)
    stopped = {party for party, one in pensions.items() if one.is_stopped}
    wanted = _wanted(run, notices, employers, stopped=stopped, city_code=city_code)
    bounds = _bounds(employers)
    terms = terms_on(run.business_on)
    bill_places = tuple(enumerate(run_due_dates(run, ORDINARY), start=1))
    bill_unit = law_of(run, city_code)["resident.collection.bill_unit"].integer
    found: list[Change] = []
    for party in people:
        before = {(place.key, place.no): place.parts for place in posted[party]}
        of_pension = {(PENSION, notices[party]): pension_bounds(pensions.get(party, PensionKnown()))}
        own = replace(terms, bounds=_dated(bounds.get(party, {}), run, terms) | of_pension)
        streams = wanted[party]
        if run.kind != RunKind.MOVES:
            streams = pension_raise_billed(streams, posted[party], bill_places=bill_places, bill_unit=bill_unit)
        for place in resplit(posted[party], streams, own):
            old = before.get((place.key, place.no), NOTHING)
            if old != place.parts:
                found.append((party, old, place))
    return _as_paid(run, found)


def _as_paid(run: AssessmentRun, changes: Sequence[Change]) -> list[Change]:
    """The changes with the day on which the agent pays: with 納期の特例 that of the half year (法321条の5の2)."""
    numbers = {place.notice_no for _, _, place in changes if place.method == WAGE}
    places = number_due_places(run.tax_year, numbers)
    dues = run_due_dates(run, WAGE)
    return [
        (party, before, replace(place, due_on=dues[places[place.notice_no][place.no - 1] - 1]))
        if place.method == WAGE and place.notice_no in places and place.no <= len(dues)
        else (party, before, place)
        for party, before, place in changes
    ]


def _bounds(employers: Mapping[UUID, Timeline]) -> dict[UUID, dict[Key, Bounds]]:
    """Which months each employer has, by designation number."""
    by_person = {party: one.bounds() for party, one in employers.items()}
    numbers = dict(
        Withholder.objects.filter(pk__in={one for bounds in by_person.values() for one in bounds}).values_list(
            "pk", "designation_no"
        )
    )
    return {
        party: {(WAGE, numbers[one]): bound for one, bound in bounds.items()} for party, bounds in by_person.items()
    }


def _dated(bounds: Mapping[Key, Bounds], run: AssessmentRun, terms: Terms) -> dict[Key, Bounds]:
    """Months an employer has named itself stay open until their due date; a lump sum whatever its day."""
    dues = dict(enumerate(run_due_dates(run, WAGE), start=1))
    return {
        key: replace(one, always=frozenset(no for no in one.always if one.is_lump or dues[no] >= terms.decided_on))
        for key, one in bounds.items()
    }


def _posted(run: AssessmentRun, people: Sequence[UUID]) -> dict[UUID, list[Place]]:
    found: dict[UUID, list[Place]] = defaultdict(list)
    # Which month a notice can still change is told by the month itself, whenever the agent pays it.
    months = dict(enumerate(run_due_dates(run, WAGE), start=1))
    for one in levied_instalments(tax_kind=run.tax_kind, tax_year=run.tax_year, taxpayer_ids=people):
        found[one.taxpayer_id].append(
            Place(
                one.method, one.notice_no, one.debtor_id, one.instalment_no,
                months.get(one.instalment_no, one.due_on) if one.method == WAGE else one.due_on, one.statutory_due_on,
                (one.city_yen, one.prefecture_yen, one.forest_yen),
            )
        )  # fmt: skip
    return found


def _wanted(
    run: AssessmentRun,
    notices: Mapping[UUID, str],
    employers: Mapping[UUID, Timeline],
    *,
    stopped: set[UUID],
    city_code: str,
) -> dict[UUID, list[Stream]]:
    """The ways of collecting of the new decisions; what is left after a lump sum or a stop of the pension is billed."""
    law = law_of(run, city_code)
    units = {method: law[f"resident.collection.{name}"].integer for method, name in _UNITS.items()}
    dues = {method: tuple(enumerate(run_due_dates(run, method), start=1)) for method in _UNITS}
    # 仮徴収 is levied before the year's decision, never by it.
    dues[PENSION] = dues[PENSION][PROVISIONAL:]
    at_once = {
        party: city + prefecture + forest
        for party, city, prefecture, forest in ResidentResult.objects.filter(run=run, party_id__in=notices).values_list(
            "party_id", "per_capita_city_yen", "per_capita_prefecture_yen", "forest_tax_yen"
        )
    }
    found: dict[UUID, dict[Key, Stream]] = defaultdict(dict)
    shares = CollectionShare.objects.filter(run=run, party_id__in=notices).select_related("withholder")
    for share in shares.order_by("party_id", "method"):
        employer = employers.get(share.party_id)
        payer = share.withholder if employer is None or not employer.is_paid_off else None
        is_billed = (share.withholder and payer is None) or (share.method == PENSION and share.party_id in stopped)
        method = ORDINARY if is_billed else share.method
        stream = Stream(
            method=method,
            notice_no=payer.designation_no if payer else notices[share.party_id],
            debtor_id=payer.party_id if payer else share.party_id,
            parts=(share.city_yen, share.prefecture_yen, share.forest_yen),
            places=dues[method],
            unit=units[method],
            at_once_yen=0 if method == PENSION else at_once[share.party_id],
            bill_to=(notices[share.party_id], share.party_id) if payer or method == PENSION else None,
        )
        streams = found[share.party_id]
        other = streams.get(stream.key)
        streams[stream.key] = stream if other is None else _joined(other, stream)
    return defaultdict(list, {party: list(streams.values()) for party, streams in found.items()})


def _joined(one: Stream, other: Stream) -> Stream:
    city, prefecture, forest = (yen + more for yen, more in zip(one.parts, other.parts, strict=True))
    return replace(one, parts=(city, prefecture, forest))


def _post(run: AssessmentRun, changes: Sequence[Change], *, key: str, actor: str) -> None:
    """Only what differs: instalments of people without any so far as a first levy, the others as an adjustment."""
    had = {party for party, before, _ in changes if before != NOTHING} | {
        one.taxpayer_id
        for one in levied_instalments(
            tax_kind=run.tax_kind, tax_year=run.tax_year, taxpayer_ids=list({party for party, _, _ in changes})
        )
    }
    fresh = [levy_row(run, party, place) for party, _, place in changes if party not in had]
    moved = [levy_row(run, party, place) for party, _, place in changes if party in had]
    day = run.business_on
    if fresh:
        levy_post(fresh, dedupe_key=key, occurred_on=day, actor=actor, legal_ground=LEGAL_GROUND)
    if moved:
        levy_adjust(moved, dedupe_key=f"{key}:adjust", occurred_on=day, actor=actor, legal_ground=LEGAL_GROUND)


def levy_row(run: AssessmentRun, party: UUID, place: Place) -> LevyRow:
    """An instalment as the ledger takes it; a withholder's month is charged to the withholder, by employee."""
    city, prefecture, forest = place.parts
    return LevyRow(
        source_ref=f"decision:{party}:{run.tax_year}",
        party_id=place.debtor_id,
        tax_kind=run.tax_kind,
        levy_year=run.tax_year,
        tax_year=run.tax_year,
        method=place.method,
        notice_no=place.notice_no,
        instalment_no=place.no,
        due_on=place.due_on,
        statutory_due_on=place.statutory_due_on,
        city_yen=city,
        prefecture_yen=prefecture,
        forest_yen=forest,
        employee_id=party if place.method == WAGE else None,
    )


def _row(run: AssessmentRun, party: UUID, before: Yen3, after: Place) -> LevyChange:
    return LevyChange(
        run=run, party_id=party, debtor_id=after.debtor_id, method=after.method, notice_no=after.notice_no,
        instalment_no=after.no, due_on=after.due_on, statutory_due_on=after.statutory_due_on,
        city_before_yen=before[0], prefecture_before_yen=before[1], forest_before_yen=before[2],
        city_yen=after.parts[0], prefecture_yen=after.parts[1], forest_yen=after.parts[2],
    )  # fmt: skip
