"""Relatives over the whole city: claimed twice, earning too much, spouses who disagree — named with their claimants."""

from datetime import date
from typing import Any

import pytest

from addressbook.models import Party
from assessment.models import SourceDocument, SourceState
from assessment.resident.dependants import SPOUSES, TOO_RICH, TWICE, DependantFinding, dependants_check
from taxsys.city.deliveries import CityDeliveries
from taxsys.platform.jobs.models import WorkItem
from taxsys.platform.jobs.services import job_request, job_run_inline
from tests.assessment.runs.test_initial_runs import CITY_CODE, on
from tests.platform.actors import officer

MAY = date(2026, 5, 7)


def checked() -> list[DependantFinding]:
    with on(MAY):
        claims, found = dependants_check(tax_year=2026, documents_until=MAY, city_code=CITY_CODE)
    assert claims.written > 30
    # Children too young for a paper of their own are known by the household they live in.
    assert claims.unknown * 10 < claims.written
    return found


def plant(paper: SourceDocument, person: Party, role: str, **said: Any) -> None:
    """A later paper of the same kind that names the person as a relative; what was filed is not rewritten."""
    assert person.birth_on is not None
    original = SourceDocument.objects.get(pk=paper.pk)
    original.state = SourceState.SUPERSEDED
    original.save(update_fields=["state"])
    relative = {"role": role, "name": person.name, "kana": person.name_kana, "birth_on": person.birth_on.isoformat()}
    paper.pk, paper.supersedes, paper.relatives = None, original, [*paper.relatives, relative | said]
    paper.line_no += 100_000
    paper._state.adding = True
    paper.save()


def earner(position: int) -> SourceDocument:
    papers = SourceDocument.objects.filter(kind="wage", state="active", relatives=[], items__wage_yen__gt=4_000_000)
    return papers.order_by("party__person_no")[position]


@pytest.mark.req("R-016")
def test_a_dependant_claimed_twice_is_found_with_both_claimants(city: CityDeliveries) -> None:
    before = {one.subject_no for one in checked() if one.kind == TWICE}
    child = Party.objects.filter(birth_on__gt=date(2012, 1, 1)).exclude(person_no__in=before).order_by("person_no")[0]
    first, second = earner(0), earner(1)
    plant(first, child, "under_16")
    plant(second, child, "under_16")
    assert first.party is not None
    assert second.party is not None
    found = next(one for one in checked() if one.kind == TWICE and one.subject_no == child.person_no)
    assert {first.party.person_no, second.party.person_no} <= set(found.claimants)
    assert all(number in found.message_ja for number in found.claimants)
    assert child.name not in found.message_ja


def test_a_dependant_with_too_much_income_is_found_by_his_own_papers(city: CityDeliveries) -> None:
    claimant, rich = earner(0), earner(1)
    assert rich.party is not None
    plant(claimant, rich.party, "dependant")
    found = [one for one in checked() if one.kind == TOO_RICH and one.subject_no == rich.party.person_no]
    assert len(found) == 1
    assert "限度の580,000円" in found[0].message_ja


def test_spouses_who_claim_each_other_or_state_too_little_are_found(city: CityDeliveries) -> None:
    one, other = earner(0), earner(1)
    assert one.party is not None
    assert other.party is not None
    plant(one, other.party, "spouse")
    plant(other, one.party, "spouse")
    found = [f for f in checked() if f.kind == SPOUSES and f.subject_no in {one.party.person_no, other.party.person_no}]
    assert len(found) == 2
    assert sum("互いに" in f.message_ja for f in found) == 1
    assert all("より多い" in f.message_ja for f in found)


def test_two_people_of_one_name_and_birth_date_are_never_guessed_between(city: CityDeliveries) -> None:
    """The namesakes of the city: whoever fits twice stays unknown."""
    twin, other = Party.objects.filter(kind="resident", birth_on__lt=date(1980, 1, 1)).order_by("person_no")[:2]
    Party.objects.filter(pk=other.pk).update(name=twin.name, name_key=twin.name_key, birth_on=twin.birth_on)
    stranger = earner(0)
    with on(MAY):
        before, _ = dependants_check(tax_year=2026, documents_until=MAY, city_code=CITY_CODE)
        plant(stranger, twin, "dependant")
        after, _ = dependants_check(tax_year=2026, documents_until=MAY, city_code=CITY_CODE)
    assert (after.written, after.unknown) == (before.written + 1, before.unknown + 1)


def test_the_job_puts_every_finding_on_the_work_list_once(city: CityDeliveries) -> None:
    claimant, rich = earner(0), earner(1)
    assert rich.party is not None
    plant(claimant, rich.party, "dependant")
    clerk = officer("5001", permissions=["assessment.run"])
    run = job_request("B-PI-12", {"tax_year": 2026, "documents_until": MAY}, actor=clerk, business_on=MAY)
    job_run_inline(run.pk, actor=clerk, raise_errors=True)
    rows = WorkItem.objects.filter(run=run)
    assert rows.count() == len(checked())
    assert rows.filter(kind=TOO_RICH, subject_key__startswith=rich.party.person_no, code="S0402").count() == 1
