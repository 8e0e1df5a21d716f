"""People with several decided years: papers by year, runs of each year released in its June."""

from datetime import date
from typing import Any

from addressbook.models import Party
from assessment.models import AssessmentRun, RunKind, SourceDocument, TaxablePopulation
from assessment.resident import runs
from tests.addressbook.people import person
from tests.assessment.desk.scene import wage_paper
from tests.assessment.runs.test_initial_runs import CITY_CODE, on

YEARS = (2024, 2025, 2026)


def resident_of_years(no: int, years: tuple[int, ...] = YEARS, **fields: Any) -> Party:
    """Somebody who lived here on 1 January of each year."""
    party = person(no, **fields)
    TaxablePopulation.objects.bulk_create(
        TaxablePopulation(tax_year=year, party=party, birth_on=party.birth_on) for year in years
    )
    return party


def tax_return(party: Party, tax_year: int, *, arrived_on: date | None = None, **items: int) -> SourceDocument:
    """A return of the year, filed in its March unless said otherwise."""
    day = arrived_on or date(tax_year, 3, 10)
    return wage_paper(
        party, tax_year * 1000 + SourceDocument.objects.count(), kind="return", tax_year=tax_year, arrived_on=day,
        items=items, business_key=f"return-{party.person_no}-{tax_year}-{day}",
    )  # fmt: skip


def decide(tax_year: int, *, day: date | None = None) -> AssessmentRun:
    """Everybody with papers of the year, decided in its June."""
    day = day or date(tax_year, 6, 3)
    with on(day):
        run = runs.run_open(
            tax_year=tax_year, kind=RunKind.INITIAL_ORDINARY, documents_until=day, requested_by="S-CLERK",
            city_code=CITY_CODE,
        )  # fmt: skip
        people = runs.run_population(run)
        runs.run_compute_chunk(run, people, city_code=CITY_CODE)
        runs.run_computed(run)
        order = [one.party_id for one in runs.people_to_release(run)]
        runs.run_release_chunk(run, order, first_no=runs.notice_numbers_used(tax_year) + 1, released_by="S-CHIEF")
        runs.run_released(run, released_by="S-CHIEF")
    return run
