"""A small city whose 令和8 runs stand beside a decided 令和7."""

from collections.abc import Callable
from datetime import date

import pytest

from addressbook.services.feed import feed_apply_chunk
from assessment.models import AssessmentRun, Decision, DecisionCause, ResidentFacts, ResidentResult, RunKind, RunState
from assessment.resident.rules.facts import RESIDENT_FACTS
from assessment.resident.rules.pipeline import RESIDENT_RESULT, compute, resident_law
from assessment.sources.services import population_freeze
from taxsys.city.deliveries import CityDeliveries
from taxsys.city.economy import CityEconomy
from taxsys.city.people import CityPeople
from taxsys.city.resident_feed import snapshot_records
from taxsys.platform import clock
from tests.assessment.runs.test_initial_runs import CITY_CODE, on, run_through, take_in

LAST_YEAR = 2025
Change = Callable[[int, dict[str, int]], dict[str, int]]


@pytest.fixture
def city(db: None, data_folder: object) -> CityDeliveries:
    deliveries = CityDeliveries(CityEconomy(CityPeople(size=200, seed=30)))
    with on(date(2026, 1, 5)):
        feed_apply_chunk(list(snapshot_records(deliveries.people)), source="juki")
        population_freeze(tax_year=2026)
    take_in(deliveries.spring_files())
    return deliveries


@pytest.fixture
def ordinary_run(city: CityDeliveries) -> AssessmentRun:
    """A whole run of everybody (the closing cut), computed and not released."""
    return run_through(RunKind.INITIAL_ORDINARY, date(2026, 6, 1), date(2026, 6, 3))


def decide_last_year(like: AssessmentRun, change: Change, *, cause: str = DecisionCause.INITIAL) -> AssessmentRun:
    """Released decisions of last year: the facts of `like`, changed person by person (order of party id)."""
    rows = list(ResidentFacts.objects.filter(run=like).order_by("party__person_no"))
    facts = [
        change(number, {column.name: int(getattr(row, column.name)) for column in RESIDENT_FACTS})
        for number, row in enumerate(rows)
    ]
    batch = RESIDENT_FACTS.batch({column.name: [one[column.name] for one in facts] for column in RESIDENT_FACTS})
    result = compute(batch, resident_law(LAST_YEAR, CITY_CODE)).columns
    with on(date(2026, 4, 1)):
        run = AssessmentRun.objects.create(
            tax_year=LAST_YEAR, kind=RunKind.TAKEN_OVER, business_on=date(2026, 4, 1),
            documents_until=date(2026, 4, 1), requested_by="S-CLERK", recorded_at=clock.now(),
        )  # fmt: skip
        ResidentFacts.objects.bulk_create(
            ResidentFacts(run=run, party_id=row.party_id, **one) for row, one in zip(rows, facts, strict=True)
        )
        ResidentResult.objects.bulk_create(
            ResidentResult(
                run=run, party_id=row.party_id, **{c.name: result[c.name][n].item() for c in RESIDENT_RESULT}
            )
            for n, row in enumerate(rows)
        )
        Decision.objects.bulk_create(
            Decision(
                party_id=row.party_id,
                tax_year=LAST_YEAR,
                version=1,
                cause=cause,
                decided_on=date(2025, 6, 3),
                run=run,
                annual_yen=int(result["annual_tax_yen"][n]),
                notice_no=f"2025-{n:06d}",
                released_by="S-CHIEF",
                recorded_at=clock.now(),
            )
            for n, row in enumerate(rows)
        )
        AssessmentRun.objects.filter(pk=run.pk).update(state=RunState.RELEASED, released_by="S-CHIEF")
    run.refresh_from_db()
    return run
