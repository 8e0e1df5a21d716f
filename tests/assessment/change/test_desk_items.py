"""要調査事項: what the checks of the whole city found is worked off as lists; non-filers are such a list too."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from addressbook.models import Party
from assessment.errors import FindingRefused
from assessment.items.models import DeskItem, ItemKind
from assessment.items.selectors import counts_by_kind, open_items_count
from assessment.items.services import FoundItem, items_refresh, items_reopen, items_settle
from assessment.models import SourceDocument, TaxablePopulation
from assessment.permissions import EXPORT_ITEMS, SETTLE_FINDING, VIEW_SOURCES
from assessment.resident.non_filers import non_filers
from taxsys.city.deliveries import CityDeliveries
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.jobs.models import JobRun
from taxsys.platform.jobs.services import job_request, job_run_inline
from tests.addressbook.people import person
from tests.assessment.change.test_dependants import MAY, earner, plant
from tests.assessment.desk.scene import YEAR, resident, wage_paper
from tests.assessment.runs.test_initial_runs import on
from tests.platform.actors import officer, sign_in

pytestmark = pytest.mark.django_db
JULY = date(2026, 7, 10)


def run_job(job_id: str, day: date, **params: Any) -> JobRun:
    clerk = officer("5001", permissions=["assessment.run"])
    run = job_request(job_id, {"tax_year": YEAR, **params}, actor=clerk, business_on=day)
    job_run_inline(run.pk, actor=clerk, raise_errors=True)
    return run


def silent() -> set[str]:
    return {
        Party.objects.get(pk=one.party_id).person_no for one in non_filers(tax_year=YEAR, age_from=18)
    }  # fmt: skip


def test_who_has_no_paper_and_is_nobody_s_relative_is_a_non_filer() -> None:
    filed, claimed, nobody = resident(1), resident(2, name="旭川　花子", kana="アサヒカワ　ハナコ"), resident(3)
    wage_paper(filed, relatives=[
        {"role": "spouse", "name": "旭川　花子", "birth_on": "1980-05-05"},
    ])  # fmt: skip
    resident(4, birth_on=date(2008, 1, 2))  # seventeen at the end of the year before
    adult = resident(5, birth_on=date(2008, 1, 1))  # a day older: eighteen by law
    aided = resident(6)
    TaxablePopulation.objects.filter(party=aided).update(is_on_livelihood_aid=True)
    person(7)  # lived elsewhere on 1 January
    assert silent() == {nobody.person_no, adult.person_no}
    assert claimed.person_no not in silent()
    wage_paper(nobody, 2, state="held")
    wage_paper(adult, 3, state="cancelled")
    assert silent() == {adult.person_no}


def test_the_job_lists_them_and_ends_the_matter_when_a_return_comes() -> None:
    late, other = resident(1), resident(2)
    run = run_job("B-PI-24", JULY)
    assert sorted(DeskItem.objects.values_list("party_id", "kind", "state")) == sorted(
        [(late.pk, "non_filer", "open"), (other.pk, "non_filer", "open")]
    )
    assert set(DeskItem.objects.values_list("job_run_id", flat=True)) == {run.pk}
    wage_paper(late)
    run_job("B-PI-24", JULY)
    assert dict(DeskItem.objects.values_list("party_id", "state")) == {late.pk: "gone", other.pk: "open"}
    assert counts_by_kind(YEAR)["non_filer"] == {"open": 1, "done": 0, "gone": 1}
    SourceDocument.objects.update(state="cancelled")
    run_job("B-PI-24", JULY)
    assert open_items_count() == 2


def test_an_age_of_the_run_s_own_leaves_the_younger_out() -> None:
    resident(1, birth_on=date(2000, 1, 2))
    run_job("B-PI-24", JULY, age_from=30)
    assert DeskItem.objects.count() == 0


def test_a_settled_matter_stays_settled_until_its_figures_change() -> None:
    party, actor = resident(1), officer("1001")
    one = FoundItem(ItemKind.TOO_RICH, party.pk, "合計所得が600,000円", (resident(2).pk,))
    items_refresh([ItemKind.TOO_RICH], [one], tax_year=YEAR, job_run_id=1)
    item = DeskItem.objects.get()
    items_settle([item.pk], note="本人に電話。扶養を外す", actor=actor)
    items_refresh([ItemKind.TOO_RICH], [one], tax_year=YEAR, job_run_id=2)
    item.refresh_from_db()
    assert (item.state, item.note, item.settled_by, item.job_run_id) == ("done", "本人に電話。扶養を外す", "1001", 2)
    richer = FoundItem(ItemKind.TOO_RICH, party.pk, "合計所得が700,000円", one.others)
    items_refresh([ItemKind.TOO_RICH], [richer], tax_year=YEAR, job_run_id=3)
    item.refresh_from_db()
    assert (item.state, item.message_ja) == ("open", "合計所得が700,000円")
    items_refresh([ItemKind.NON_FILER], [], tax_year=YEAR, job_run_id=4)
    items_refresh([ItemKind.TOO_RICH], [], tax_year=YEAR - 1, job_run_id=5)
    item.refresh_from_db()
    assert item.state == "open"


@pytest.mark.parametrize("note", ["", " ", "123456789018"])
def test_nothing_is_settled_without_a_note_or_with_a_number_in_it(note: str) -> None:
    items_refresh([ItemKind.NON_FILER], [FoundItem("non_filer", resident(1).pk, "一")], tax_year=YEAR, job_run_id=1)
    item = DeskItem.objects.get()
    for act in (items_settle, items_reopen):
        with pytest.raises(FindingRefused):
            act([item.pk], note=note, actor=officer("1001"))
    with pytest.raises(FindingRefused):
        items_settle([item.pk, item.pk + 1], note="確認", actor=officer("1001"))
    item.refresh_from_db()
    assert item.state == "open"


def test_a_dependant_claimed_twice_is_worked_off_from_the_screen(city: CityDeliveries, client: Client) -> None:
    with on(MAY):
        run_job("B-PI-12", MAY, documents_until=MAY)
    before = set(DeskItem.objects.filter(kind="twice").values_list("pk", flat=True))
    known = DeskItem.objects.filter(kind="twice").values("party_id")
    child = Party.objects.filter(birth_on__gt=date(2012, 1, 1)).exclude(pk__in=known).order_by("person_no")[0]
    first, second = earner(0), earner(1)
    plant(first, child, "under_16")
    plant(second, child, "under_16")
    with on(MAY):
        run_job("B-PI-12", MAY, documents_until=MAY)
    item = DeskItem.objects.exclude(pk__in=before).get(kind="twice")
    assert item.party == child
    assert {first.party_id, second.party_id} <= set(item.others)
    desk = sign_in(client, officer("1001", permissions=[VIEW_SOURCES, SETTLE_FINDING, EXPORT_ITEMS]))
    html = desk.get(f"/assessment/items?year={YEAR}&kind=twice").content.decode()
    for who in (child, first.party, second.party):
        assert who is not None
        assert who.name in html
    fields = {"items": [item.pk], "year": YEAR, "kind": "twice", "state": "open", "act": "settle"}
    assert desk.post("/assessment/items/settle", {**fields, "note": ""}).status_code == 422
    answer = desk.post("/assessment/items/settle", {**fields, "note": "母の扶養とする。父に連絡済"})
    assert answer.status_code == 302
    html = desk.get(f"/assessment/items?year={YEAR}&kind=twice&state=done").content.decode()
    assert "母の扶養とする。父に連絡済" in html
    assert AccessEvent.objects.filter(action="update", subjects=[str(child.pk)]).exists()
    sheet = desk.get(f"/assessment/items.csv?year={YEAR}&kind=twice&state=done").content.decode("utf-8-sig")
    assert sheet.splitlines()[1].startswith(f"{YEAR},扶養親族の重複,{child.person_no},{child.name},")
    assert AccessEvent.objects.filter(action="export", subjects__contains=[str(child.pk)]).exists()
    assert desk.post("/assessment/items/settle", {**fields, "act": "reopen", "note": "父から申立て"}).status_code == 302
    item.refresh_from_db()
    assert (item.state, item.note) == ("open", "父から申立て")


def test_the_list_answers_whatever_is_asked(client: Client) -> None:
    desk = sign_in(client, officer("1001", permissions=[VIEW_SOURCES, SETTLE_FINDING, EXPORT_ITEMS]))
    for query in ("", "?year=x", "?year=99999999999", "?kind=%27&state=%00", "?page=-1"):
        assert desk.get(f"/assessment/items{query}").status_code == 200
    assert desk.post("/assessment/items/settle", {"items": ["x", "9" * 30], "note": "a"}).status_code == 422


def test_a_name_that_looks_like_a_formula_is_none_in_the_file(client: Client) -> None:
    party = resident(1, name="=1+1")
    items_refresh([ItemKind.NON_FILER], [FoundItem("non_filer", party.pk, "一")], tax_year=YEAR, job_run_id=1)
    desk = sign_in(client, officer("1001", permissions=[EXPORT_ITEMS]))
    assert ",'=1+1," in desk.get(f"/assessment/items.csv?year={YEAR}").content.decode("utf-8-sig")
