"""随時更正 (writes): people whose papers changed since their decision are computed again; what differs becomes version
n + 1 with its cause, and only the difference reaches the ledger. F-PC-022, F-PL-010, F-PL-014; R-019; 法321条の6.
"""

import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from assessment.decisions.announce import decisions_announce
from assessment.errors import RunNotReady
from assessment.models import AssessmentRun, CollectionShare, LevyChange, ResidentResult
from assessment.resident.bulk import corrections as bulk
from assessment.resident.bulk import release as release_bulk
from assessment.resident.collection_split import ORDINARY, PENSION, WAGE
from assessment.resident.due_dates import run_due_dates
from assessment.resident.losses import losses_record
from assessment.resident.resplit import Place, Stream, Terms, Yen3, resplit
from assessment.resident.runs import law_of, run_compute_chunk
from collection.bulk.levy import LevyRow
from collection.selectors.levied import levied_instalments
from collection.services.levy import levy_adjust, levy_post

TERMS_FILE = Path(__file__).with_name("correction_terms.toml")
LEGAL_GROUND = "地方税法321条の6・319条の2"
NOTHING: Yen3 = (0, 0, 0)
_UNITS = {ORDINARY: "bill_unit", WAGE: "wage_unit", PENSION: "pension_unit"}


@cache
def _term_values() -> Mapping[str, Any]:
    return tomllib.loads(TERMS_FILE.read_text(encoding="utf-8"))


def terms_on(decided_on: date) -> Terms:
    """Which instalments a decision of this day can still change."""
    values = _term_values()
    return Terms(decided_on, values["bill_notice_days"], values["pension_notice_days"], values["extra_term_months"])


def correction_population(run: AssessmentRun) -> list[UUID]:
    """Whom the run concerns: people with a paper that changed after their last decision, ordered by id."""
    return bulk.changed_people(run)


@transaction.atomic
def correction_compute_chunk(run: AssessmentRun, party_ids: Sequence[UUID], *, city_code: str) -> dict[str, int]:
    """Compute these people again and keep only those whose result or way of collecting differs. Idempotent."""
    counts = run_compute_chunk(run, party_ids, city_code=city_code)
    unchanged = bulk.unchanged_drop(run, party_ids)
    return {"再計算": counts["対象"], "変更なし": unchanged, "停止": counts["停止"]}


@transaction.atomic
def correction_release_chunk(
    run: AssessmentRun, party_ids: Sequence[UUID], *, first_no: int, released_by: str, city_code: str
) -> dict[str, int]:
    """Decisions of these people with their changed instalments, by a second person. Idempotent by (run, person)."""
    if run.requested_by == released_by:
        raise RunNotReady("起案者本人は決裁できません。別の職員が決裁してください。")
    with connection.cursor() as cursor:
        if not release_bulk.decisions_stage(cursor, run, party_ids, first_no=first_no):
            return {"決定": 0, "増額": 0, "減額": 0}
        bulk.decisions_correct(cursor, run, released_by=released_by)
        losses_record(cursor, run)
        told = release_bulk.decisions_told(cursor)
    notices = {party: notice_no for party, _, _, _, notice_no in told}
    changes = _changes(run, notices, city_code=city_code)
    _post(run, changes, key=f"run:{run.pk}:{told[0][4]}", actor=released_by)
    LevyChange.objects.bulk_create(
        [_row(run, party, before, after) for party, before, after in changes], batch_size=2000
    )
    decisions_announce(run.tax_year, ((party, version) for party, version, *_ in told))
    moved = [sum(after.parts) - sum(before) for _, before, after in changes]
    return {
        "決定": len(told),
        "増額": sum(yen for yen in moved if yen > 0),
        "減額": -sum(yen for yen in moved if yen < 0),
    }


Change = tuple[UUID, Yen3, Place]


def _changes(run: AssessmentRun, notices: Mapping[UUID, str], *, city_code: str) -> list[Change]:
    """(person, parts before, instalment as it should be) of every instalment that changes."""
    posted = _posted(run, list(notices))
    wanted = _wanted(run, notices, city_code=city_code)
    terms = terms_on(run.business_on)
    found: list[Change] = []
    for party in sorted(notices):
        before = {(place.key, place.no): place.parts for place in posted[party]}
        for place in resplit(posted[party], wanted[party], terms):
            old = before.get((place.key, place.no), NOTHING)
            if old != place.parts:
                found.append((party, old, place))
    return found


def _posted(run: AssessmentRun, people: Sequence[UUID]) -> dict[UUID, list[Place]]:
    found: dict[UUID, list[Place]] = defaultdict(list)
    for one in levied_instalments(tax_kind=run.tax_kind, tax_year=run.tax_year, taxpayer_ids=people):
        found[one.taxpayer_id].append(
            Place(
                one.method, one.notice_no, one.debtor_id, one.instalment_no, one.due_on, one.statutory_due_on,
                (one.city_yen, one.prefecture_yen, one.forest_yen),
            )
        )  # fmt: skip
    return found


def _wanted(run: AssessmentRun, notices: Mapping[UUID, str], *, city_code: str) -> dict[UUID, list[Stream]]:
    """The ways of collecting of the new decisions."""
    law = law_of(run, city_code)
    units = {method: law[f"resident.collection.{name}"].integer for method, name in _UNITS.items()}
    dues = {method: tuple(enumerate(run_due_dates(run, method), start=1)) for method in _UNITS}
    at_once = {
        party: city + prefecture + forest
        for party, city, prefecture, forest in ResidentResult.objects.filter(run=run, party_id__in=notices).values_list(
            "party_id", "per_capita_city_yen", "per_capita_prefecture_yen", "forest_tax_yen"
        )
    }
    found: dict[UUID, list[Stream]] = defaultdict(list)
    shares = CollectionShare.objects.filter(run=run, party_id__in=notices).select_related("withholder")
    for share in shares.order_by("party_id", "method"):
        payer = share.withholder
        found[share.party_id].append(
            Stream(
                method=share.method,
                notice_no=payer.designation_no if payer else notices[share.party_id],
                debtor_id=payer.party_id if payer else share.party_id,
                parts=(share.city_yen, share.prefecture_yen, share.forest_yen),
                places=dues[share.method],
                unit=units[share.method],
                at_once_yen=0 if share.method == PENSION else at_once[share.party_id],
            )
        )
    return found


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
