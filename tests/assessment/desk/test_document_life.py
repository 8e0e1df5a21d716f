"""Life of a paper: repeated, corrected, cancelled, of somebody elsewhere; what does not count says why."""

import itertools
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.test import Client

from assessment.errors import MatchRefused
from assessment.models import ResidentFacts, SourceDocument, SourceState, TaxablePopulation
from assessment.sources import matching, selectors
from assessment.sources.elsewhere import Outcome, elsewhere_set_aside, elsewhere_settle
from assessment.sources.repeats import DROP, KEEP, REPLACE, repeat_settle
from assessment.sources.services import DocumentRow, documents_register
from taxsys.platform import clock
from taxsys.platform.audit.context import using
from tests.addressbook.conftest import full_context
from tests.addressbook.people import person, protect
from tests.assessment.desk.scene import YEAR, computed, paper_file, resident, wage_paper
from tests.assessment.desk.test_documents import clerk, page, token
from tests.platform.actors import officer

pytestmark = [pytest.mark.django_db, pytest.mark.req("R-018")]
LINES = itertools.count(1)


@pytest.fixture(autouse=True)
def _at_the_desk() -> Iterator[None]:
    with clock.at(date(2026, 11, 20)), using(full_context(actor_kind="staff", actor_id="1001")):
        yield


def report(wage: int, kind: str = "0", key: str = "315:7:0001:E1", **fields: Any) -> DocumentRow:
    values: dict[str, Any] = {
        "kind": "wage", "tax_year": YEAR, "line_no": next(LINES), "business_key": key, "filing_kind": kind,
        "arrived_on": date(YEAR, 1, 20), "name": "旭川　太郎", "name_kana": "アサヒカワ　タロウ",
        "birth_on": date(1980, 5, 5), "address": "", "content": {"wage_yen": wage},
    }  # fmt: skip
    return DocumentRow(**{**values, **fields})


def states() -> list[tuple[int, str]]:
    rows = SourceDocument.objects.order_by("line_no").values_list("items", "state")
    return [(items["wage_yen"], state) for items, state in rows]


def counted_wages() -> list[int]:
    return sorted(one.items["wage_yen"] for one in SourceDocument.objects.filter(state="active"))


def test_the_same_report_of_the_same_payer_counts_once_and_says_why() -> None:
    party, file = resident(1), paper_file().pk
    counts = documents_register([report(500, party_id=party.pk)], received_file_id=file)
    counts = documents_register([report(500, party_id=party.pk)], received_file_id=file)
    assert (counts.inserted, counts.duplicates, counts.held) == (0, 1, 0)
    assert states() == [(500, "active"), (500, "duplicate")]
    again = SourceDocument.objects.get(state="duplicate")
    assert "同じ支払者の同じ内容の資料" in selectors.state_reasons([again])[again.pk]


def test_the_same_report_twice_in_one_file_counts_once() -> None:
    party = resident(1)
    rows = [report(500, party_id=party.pk), report(500, party_id=party.pk), report(7, key="315:7:0002:E1")]
    counts = documents_register(rows, received_file_id=paper_file().pk)
    assert (counts.inserted, counts.duplicates) == (2, 1)


def test_another_content_without_being_a_correction_waits_for_the_clerk() -> None:
    party, file = resident(1), paper_file().pk
    documents_register([report(500, party_id=party.pk), report(900, party_id=party.pk)], received_file_id=file)
    assert states() == [(500, "active"), (900, "held")]
    held = SourceDocument.objects.get(state="held")
    assert "内容が違います" in selectors.state_reasons([held])[held.pk]


@pytest.mark.parametrize(("choice", "counts"), [(REPLACE, [900]), (KEEP, [500, 900]), (DROP, [500])])
def test_the_clerk_decides_what_a_second_report_is(choice: str, counts: list[int]) -> None:
    party = resident(1)
    rows = [report(500, party_id=party.pk), report(900, party_id=party.pk)]
    documents_register(rows, received_file_id=paper_file().pk)
    held = SourceDocument.objects.get(state="held")
    with pytest.raises(MatchRefused):
        repeat_settle(held.pk, choice, actor_id="1001", reason=" ")
    repeat_settle(held.pk, choice, actor_id="1001", reason="支払者に電話で確かめた")
    assert counted_wages() == counts
    assert held.match_events.get().reason == "支払者に電話で確かめた"
    if choice != DROP:
        with pytest.raises(MatchRefused):
            repeat_settle(held.pk, choice, actor_id="1001", reason="もう一度")


@pytest.mark.parametrize("order", list(itertools.permutations(range(2))))
@pytest.mark.parametrize(("last", "counts"), [("2", [900]), ("3", [])])
def test_a_report_and_its_correction_or_cancellation_end_the_same_in_any_order(
    order: tuple[int, ...], last: str, counts: list[int]
) -> None:
    party, file = resident(1), paper_file().pk
    rows = [report(500, party_id=party.pk), report(900, last)]
    for at in order:
        documents_register([rows[at]], received_file_id=file)
    assert counted_wages() == counts
    assert {one.party_id for one in SourceDocument.objects.filter(state="active")} <= {party.pk}
    reasons = selectors.state_reasons(list(SourceDocument.objects.exclude(state="active")))
    assert len(reasons) == len(rows) - len(counts)
    assert all(reasons.values())


def test_names_of_files_do_not_make_two_returns_one() -> None:
    one, other, file = resident(1), resident(2), paper_file().pk
    rows = [report(1, kind="0", key="KOA020:2025:0001.xml", party_id=who.pk) for who in (one, other)]
    rows = [DocumentRow(**{name: getattr(row, name) for name in row.__slots__} | {"kind": "return"}) for row in rows]
    assert documents_register(rows, received_file_id=file).inserted == 2


def test_papers_of_people_elsewhere_never_enter_a_calculation() -> None:
    here, away = resident(1), person(2)
    wage_paper(here, 1)
    paper = wage_paper(away, 2)
    run = computed()
    assert [row.party_id for row in ResidentFacts.objects.filter(run=run)] == [here.pk]
    paper.refresh_from_db()
    assert paper.state == SourceState.ELSEWHERE
    assert elsewhere_set_aside(tax_year=YEAR) == 0
    assert [one.pk for one in selectors.elsewhere_list(SourceState.ELSEWHERE)] == [paper.pk]


def test_nothing_is_set_aside_before_the_population_is_known() -> None:
    paper = wage_paper(person(2), 2)
    assert elsewhere_set_aside(tax_year=YEAR) == 0
    paper.refresh_from_db()
    assert paper.state == SourceState.ACTIVE


def test_who_is_taxable_here_after_all_gets_the_papers_back() -> None:
    resident(1)
    away = person(2)
    paper = wage_paper(away, 2)
    assert elsewhere_set_aside(tax_year=YEAR) == 1
    TaxablePopulation.objects.create(tax_year=YEAR, party=away, basis="recorded_elsewhere")
    elsewhere_set_aside(tax_year=YEAR)
    paper.refresh_from_db()
    assert paper.state == SourceState.ACTIVE


@pytest.mark.parametrize(
    "wanted",
    [
        Outcome("forwarded", " ", "転出先で課税"),
        Outcome("forwarded", "札幌市", " "),
        Outcome("active", "札幌市", "理由"),
        Outcome("forwarded", "札幌市", "番号は123456789018"),
        Outcome("returned", "123456789018", "理由"),
    ],
)
def test_an_outcome_without_place_reason_or_with_a_number_moves_nothing(wanted: Outcome) -> None:
    resident(1)
    paper = wage_paper(person(2), 2)
    elsewhere_set_aside(tax_year=YEAR)
    with pytest.raises(MatchRefused):
        elsewhere_settle([paper.pk], wanted, actor=officer("1001"))
    paper.refresh_from_db()
    assert paper.state == SourceState.ELSEWHERE


def test_all_chosen_papers_move_or_none() -> None:
    here = resident(1)
    papers = [wage_paper(person(2), 2), wage_paper(here, 3)]
    elsewhere_set_aside(tax_year=YEAR)
    staff, wanted = officer("1001"), Outcome("forwarded", "札幌市", "1月1日の住所")
    with pytest.raises(MatchRefused):
        elsewhere_settle([one.pk for one in papers], wanted, actor=staff)
    assert len(elsewhere_settle([papers[0].pk], wanted, actor=staff)) == 1
    assert elsewhere_settle([papers[0].pk], wanted, actor=staff) == []
    matching.document_take_back(papers[0].pk, actor_id="1001", reason="誤り")
    papers[0].refresh_from_db()
    assert papers[0].state == SourceState.ELSEWHERE


def test_the_clerk_works_the_list_off_and_prints_the_letter(client: Client) -> None:
    resident(1)
    away, hidden = person(2), person(3)
    protect(hidden)
    for line, party in enumerate((away, hidden), start=2):
        wage_paper(party, line, name=f"資料の人{line}")
    elsewhere_set_aside(tax_year=YEAR)
    desk = clerk(client)
    assert away.name in page(desk, "/assessment/elsewhere")
    ids = list(SourceDocument.objects.filter(state="elsewhere").values_list("pk", flat=True))
    fields = {"documents": ids, "outcome": "forwarded", "destination": "札幌市", "reason": "1月1日の住所"}
    assert desk.post("/assessment/elsewhere/settle", {**fields, "reason": ""}).status_code == 422
    assert desk.post("/assessment/elsewhere/settle", {**fields, "documents": ["x"]}).status_code == 422
    assert desk.post("/assessment/elsewhere/settle", fields).status_code == 302
    done = page(desk, "/assessment/elsewhere?state=forwarded")
    assert "札幌市" in done
    assert "1月1日の住所" in done
    letter = page(desk, f"/assessment/elsewhere/{YEAR}/letters")
    assert "札幌市　御中" in letter
    assert "資料の人2" in letter
    assert "資料の人3" not in letter
    assert "支援措置の人の資料1件" in letter


def test_the_clerk_decides_about_a_repeated_paper_on_its_page(client: Client) -> None:
    party = resident(1)
    rows = [report(500, party_id=party.pk), report(900, party_id=party.pk)]
    documents_register(rows, received_file_id=paper_file().pk)
    held = SourceDocument.objects.get(state="held")
    desk = clerk(client)
    address = f"/assessment/documents/{held.pk}"
    html = page(desk, address)
    assert "重なる資料の扱い" in html
    mark = token(html)
    assert desk.post(f"{address}/decide", {"subject_token": mark, "reason": "電話"}).status_code == 422
    mark = token(page(desk, address))
    answer = desk.post(f"{address}/decide", {"subject_token": mark, "reason": "電話", "choice": "replace"})
    assert answer.status_code == 302
    assert counted_wages() == [900]
    assert "訂正により置き換えた" in page(desk, f"/assessment/documents/{held.supersedes_id}")
