"""People with papers of 令和8 and 令和9, employers, a decided 令和8, and the switch as the job makes it."""

from datetime import date
from typing import Any

from addressbook.models import Party
from assessment.models import EmploymentChange, RunKind, TaxablePopulation, Withholder
from assessment.resident import runs
from assessment.resident.moves.services import ChangeDraft, change_record
from assessment.yearend.models import YearSwitch
from taxsys.platform.jobs.models import JobRun
from taxsys.platform.jobs.services import SYSTEM, job_release, job_request, job_run_inline
from taxsys.platform.staff.models import Staff
from tests.addressbook.people import person
from tests.assessment.desk.scene import wage_paper
from tests.assessment.desk.scene import withholder as employer
from tests.assessment.runs.test_initial_runs import CITY_CODE, on

OLD, NEW = 2026, 2027
MARCH = date(2027, 3, 25)
FEBRUARY = date(2027, 2, 10)


def employee(no: int, now: Withholder | None, *, then: Withholder) -> Party:
    """Somebody with pay slips of both years: withheld by `then` in 令和8, and by `now` (None: nobody) in 令和9."""
    party = person(no)
    for year, payer in ((OLD, then), (NEW, now)):
        TaxablePopulation.objects.create(tax_year=year, party=party, birth_on=party.birth_on)
        items = {"wage_yen": 6_543_200, "social_insurance_yen": 1_668_200}
        if payer is None:
            items["is_ordinary_collection"] = 1
        wage_paper(
            party, no * 10 + year % 10, tax_year=year, arrived_on=date(year, 1, 20), items=items,
            withholder=payer or then, business_key=f"{year}-{no}",
        )  # fmt: skip
    return party


def decide(tax_year: int, day: date, *, kind: str = RunKind.INITIAL_ORDINARY) -> None:
    """Everybody with papers of the year is decided."""
    with on(day):
        run = runs.run_open(
            tax_year=tax_year, kind=kind, documents_until=day, requested_by="S-CLERK", city_code=CITY_CODE
        )
        runs.run_compute_chunk(run, runs.run_population(run), city_code=CITY_CODE)
        runs.run_computed(run)
        people = [one.party_id for one in runs.people_to_release(run)]
        first = runs.notice_numbers_used(tax_year) + 1
        runs.run_release_chunk(run, people, first_no=first, released_by="S-CHIEF")
        runs.run_released(run, released_by="S-CHIEF")


def notify(party: Party, *, day: date = FEBRUARY, tax_year: int = OLD, **values: Any) -> EmploymentChange:
    """A notice of the old year is recorded."""
    with on(day):
        draft = ChangeDraft(tax_year=tax_year, party_id=party.pk, received_on=day, event_on=day, **values)
        return change_record(draft, actor_id="1001")


def leave(party: Party, payer: Withholder, *, day: date = FEBRUARY) -> EmploymentChange:
    """退職 in February; the last months are paid at once as the law asks."""
    return notify(
        party, day=day, reason="1", after="2", withholder_id=payer.pk, last_place=9, lump_place=9, lump_reason="1"
    )


def transfer(party: Party, payer: Withholder, new: Withholder, *, day: date = FEBRUARY) -> EmploymentChange:
    """転勤 in February."""
    return notify(
        party, day=day, reason="2", after="1", withholder_id=payer.pk, last_place=9, new_withholder_id=new.pk,
        new_employee_no="N-77", first_place=10,
    )  # fmt: skip


def try_switch(day: date = MARCH, *, tax_year: int = NEW) -> JobRun:
    """B-PI-28 is asked for and done."""
    run = job_request("B-PI-28", {"tax_year": tax_year}, actor=SYSTEM, business_on=day)
    return job_run_inline(run.pk, raise_errors=True)


def let_go(run: JobRun, chief: Staff) -> YearSwitch:
    """A second person lets it go."""
    job_release(run.pk, chief, inline=True)
    run.refresh_from_db()
    assert run.state == "released", run.message
    return YearSwitch.objects.get(job_run_id=run.pk)


__all__ = ["decide", "employee", "employer", "leave", "let_go", "notify", "transfer", "try_switch"]
