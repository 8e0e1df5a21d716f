"""二人入力: nobody sees what the other keyed, a third decides, only agreed papers count (R-177, R-178)."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from assessment.entry.bundles import BundleDraft, bundle_make, difference_decide, paper_key, paper_return
from assessment.entry.models import BundlePaper, EntryBundle, Keying
from assessment.entry.selectors import bundles_progress, next_paper, own_bundles, papers_left
from assessment.errors import EntryRefused
from assessment.models import SourceDocument
from assessment.permissions import KEY_PAPERS, MANAGE_BUNDLES
from taxsys.platform import clock
from taxsys.platform.audit.context import using
from taxsys.platform.registers.models import RegisterRow
from taxsys.platform.staff.access import permissions_of
from taxsys.platform.staff.catalogue import catalogue
from taxsys.platform.staff.models import Staff
from tests.addressbook.conftest import full_context
from tests.addressbook.people import person
from tests.assessment.desk.scene import YEAR
from tests.platform.actors import officer, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.req("R-177")]
VALUES = {
    "filing_kind": "0", "name": "旭川　太郎", "name_kana": "アサヒカワ　タロウ", "birth_on": "1980-05-05",
    "wage_yen": 6_543_200, "employee_no": "E1", "payer_number": "7000012050002",
}  # fmt: skip
TYPED = {**VALUES, "birth_on": "S55.5.5", "act": "key"}


@pytest.fixture(autouse=True)
def _in_the_room() -> Iterator[None]:
    with clock.at(date(2026, 2, 2)), using(full_context(actor_kind="staff", actor_id="1002")):
        yield


def keyer(staff_no: str, **fields: Any) -> Staff:
    """A person of the data-entry contractor, to whom everything has been granted by mistake."""
    return officer(staff_no, permissions=list(catalogue()), kind="contractor", contract="entry", **fields)


def chief() -> Staff:
    return officer("1002", permissions=[MANAGE_BUNDLES])


def ledger(count: int = 2, **fields: Any) -> RegisterRow:
    values = {"title": "第1束", "handed_count": count}
    row = {
        "kind": "data_entry", "row_no": "入-1", "fiscal_year": 2025, "title": "第1束", "unit": chief().unit,
        "state": "open", "values": values, "search_text": "", "opened_on": date(2026, 2, 1),
        "retention_class": "contract", **fields,
    }  # fmt: skip
    return RegisterRow.objects.create(**row)


def bundle(count: int = 2, **fields: Any) -> EntryBundle:
    draft: dict[str, Any] = {
        "title": "給報　第1束", "form_code": "wage", "tax_year": YEAR, "arrived_on": date(2026, 1, 30),
        "paper_count": count, "first_keyer": keyer("9101"), "second_keyer": keyer("9102"), **fields,
    }  # fmt: skip
    if "ledger_row" not in draft:
        draft["ledger_row"] = ledger(count)
    return bundle_make(BundleDraft(**draft), actor=chief())


def paper(made: EntryBundle, seq: int = 1) -> BundlePaper:
    return made.papers.get(seq=seq)


def both(made: EntryBundle, seq: int = 1, **second: Any) -> BundlePaper:
    paper_key(made.pk, seq, VALUES, actor=keyer("9101"))
    return paper_key(made.pk, seq, {**VALUES, **second}, actor=keyer("9102"))


def test_a_paper_keyed_alike_by_two_becomes_a_document_and_by_one_none() -> None:
    made = bundle()
    paper_key(made.pk, 1, VALUES, actor=keyer("9101"))
    assert SourceDocument.objects.count() == 0
    paper_key(made.pk, 1, VALUES, actor=keyer("9102"))
    document = SourceDocument.objects.get()
    assert (document.state, document.items["wage_yen"], document.arrived_on, document.party) == (
        "unmatched", 6_543_200, date(2026, 1, 30), None,
    )  # fmt: skip
    assert paper(made).state == "agreed"
    assert paper(made).entry.document == document


def test_a_difference_of_one_box_waits_for_a_third_person() -> None:
    made = bundle()
    assert both(made, wage_yen=6_543_300, is_widow="1").differing == ["wage_yen", "is_widow"]
    assert SourceDocument.objects.count() == 0
    for staff_no in ("9101", "9102"):
        with pytest.raises(EntryRefused, match="入力した人は、相違を決められません"):
            difference_decide(paper(made).pk, {"wage_yen": 1}, actor=keyer(staff_no))
    difference_decide(paper(made).pk, {"wage_yen": 6_543_300, "name": "別人"}, actor=chief())
    document = SourceDocument.objects.get()
    assert (document.name, document.items) == (
        "旭川　太郎", {"wage_yen": 6_543_300, "employee_no": "E1"},
    )  # fmt: skip
    assert paper(made).decided_by == chief()
    with pytest.raises(EntryRefused):
        difference_decide(paper(made).pk, {"wage_yen": 1}, actor=chief())


def test_what_both_keyed_alike_and_no_paper_can_say_waits_too() -> None:
    made = bundle()
    paper_key(made.pk, 1, {**VALUES, "withheld_tax_yen": 9_999_999}, actor=keyer("9101"))
    stood = paper_key(made.pk, 1, {**VALUES, "withheld_tax_yen": 9_999_999}, actor=keyer("9102"))
    assert (stood.state, stood.differing) == ("differs", ["withheld_tax_yen"])
    with pytest.raises(EntryRefused, match="支払金額より多くあります"):
        difference_decide(stood.pk, {"withheld_tax_yen": 9_999_999}, actor=chief())
    difference_decide(stood.pk, {"withheld_tax_yen": 99_999}, actor=chief())
    assert SourceDocument.objects.get().items["withheld_tax_yen"] == 99_999


def test_a_paper_that_cannot_be_read_goes_back_unkeyed() -> None:
    made = bundle()
    for staff_no in ("9101", "9102"):
        paper_key(made.pk, 1, {}, actor=keyer(staff_no), is_unreadable=True)
    assert paper(made).state == "unreadable"
    paper_key(made.pk, 2, VALUES, actor=keyer("9101"))
    paper_key(made.pk, 2, {}, actor=keyer("9102"), is_unreadable=True)
    assert paper(made, 2).state == "differs"
    with pytest.raises(EntryRefused) as refused:
        paper_return(paper(made, 2).pk, actor=chief(), reason=" ")
    assert refused.value.field == "reason"
    paper_return(paper(made, 2).pk, actor=chief(), reason="にじんで読めない")
    made.refresh_from_db()
    assert made.closed_at is not None
    assert SourceDocument.objects.count() == 0


@pytest.mark.req("R-178")
def test_the_counts_for_the_ledger_and_nothing_that_was_keyed_remain_when_all_is_settled() -> None:
    made = bundle()
    both(made)
    progress = bundles_progress()[0]
    assert (progress.first_keyed, progress.second_keyed, progress.agreed, progress.settled) == (1, 1, 1, 1)
    assert made.closed_at is None
    assert Keying.objects.exclude(values={}).count() == 2
    for staff_no in ("9101", "9102"):
        paper_key(made.pk, 2, {}, actor=keyer(staff_no), is_unreadable=True)
    made.refresh_from_db()
    assert made.closed_at is not None
    assert Keying.objects.exclude(values={}).count() == 0
    progress = bundles_progress()[0]
    assert (progress.agreed, progress.unreadable) == (1, 1)


def test_the_same_keying_again_changes_nothing_another_one_is_refused() -> None:
    made = bundle()
    both(made)
    assert paper_key(made.pk, 1, VALUES, actor=keyer("9101")).state == "agreed"
    with pytest.raises(EntryRefused, match="入力済です"):
        paper_key(made.pk, 1, {**VALUES, "wage_yen": 1}, actor=keyer("9101"))
    assert (Keying.objects.count(), SourceDocument.objects.count()) == (2, 1)


def test_nobody_else_keys_and_no_paper_is_made_up() -> None:
    made = bundle()
    with pytest.raises(EntryRefused, match="入力者ではありません"):
        paper_key(made.pk, 1, VALUES, actor=keyer("9103"))
    with pytest.raises(EntryRefused, match="この原票はありません"):
        paper_key(made.pk, 3, VALUES, actor=keyer("9101"))


@pytest.mark.req("R-178")
@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"second_keyer": "9101"}, "second_keyer"),
        ({"second_keyer": "same person"}, "second_keyer"),
        ({"second_keyer": "no right"}, "second_keyer"),
        ({"ledger_row": None}, "ledger_row"),
        ({"ledger_row": "closed"}, "ledger_row"),
        ({"ledger_row": "three papers"}, "paper_count"),
        ({"paper_count": 0, "ledger_row": None}, "paper_count"),
        ({"paper_count": 501, "ledger_row": None}, "paper_count"),
        ({"form_code": "nothing"}, "form_code"),
    ],
)
def test_no_bundle_for_one_person_alone_or_beside_the_ledger(fields: dict[str, Any], field: str) -> None:
    rows = {
        "9101": lambda: keyer("9101"),
        "same person": lambda: keyer("9109", person_no="9101"),
        "no right": lambda: officer("9110"),
        "closed": lambda: ledger(2, state="keyed"),
        "three papers": lambda: ledger(3),
    }
    given = {name: rows[value]() if isinstance(value, str) and value in rows else value
             for name, value in fields.items()}  # fmt: skip
    with pytest.raises(EntryRefused) as refused:
        bundle(**given)
    assert refused.value.field == field
    assert EntryBundle.objects.count() == 0


def test_the_database_holds_the_two_apart() -> None:
    made = bundle()
    with pytest.raises(IntegrityError, match="entry_bundle_two_keyers_ck"), transaction.atomic():
        EntryBundle.objects.filter(pk=made.pk).update(second_keyer=made.first_keyer)
    paper_key(made.pk, 1, VALUES, actor=keyer("9101"))
    with pytest.raises(IntegrityError, match="entry_keying_once_per_person_uq"), transaction.atomic():
        Keying.objects.create(paper=paper(made), turn=2, keyed_by=keyer("9101"), keyed_at=clock.now())


def test_the_contractor_keys_and_opens_nothing_else_whatever_was_granted(client: Client) -> None:
    made, resident = bundle(), person(1)
    first, other = keyer("9101"), keyer("9103")
    held = {code for code in permissions_of(first) if catalogue()[code].risk in {"personal", "number"}}
    assert held == {"assessment.key_papers"}
    desk = sign_in(client, first)
    for address in (
        "/search/", f"/party/{resident.pk}/", f"/party/{resident.pk}/documents", "/assessment/unmatched",
        "/assessment/entry", f"/assessment/entry/wage/{YEAR}", "/assessment/bundles",
        f"/assessment/bundles/{made.pk}", f"/assessment/bundles/papers/{paper(made).pk}/decide",
    ):  # fmt: skip
        assert desk.get(address).status_code == 403, address
    assert "給報　第1束" in desk.get("/keying").content.decode()
    assert desk.get(f"/keying/{made.pk}").status_code == 200
    foreign = sign_in(Client(), other)
    assert "給報　第1束" not in foreign.get("/keying").content.decode()
    assert foreign.get(f"/keying/{made.pk}").status_code == 404
    assert foreign.post(f"/keying/{made.pk}", {**TYPED, "seq": "1"}).status_code == 404


def test_the_second_keyer_is_shown_an_empty_paper_and_nobody_a_finished_one(client: Client) -> None:
    made = bundle()
    first, second = sign_in(Client(), keyer("9101")), sign_in(client, keyer("9102"))
    answer = first.post(f"/keying/{made.pk}", {**TYPED, "seq": "1"}, follow=True)
    html = answer.content.decode()
    assert "2枚目／2枚" in html
    assert "旭川" not in html.partition("<form")[2]
    html = second.get(f"/keying/{made.pk}").content.decode()
    assert "1枚目／2枚" in html
    assert "6543200" not in html.replace(",", "")
    assert "太郎" not in html
    assert (papers_left(keyer("9101")), papers_left(keyer("9102"))) == (1, 2)
    assert [one.keyed for one in own_bundles(keyer("9102"))] == [0]
    assert second.post(f"/keying/{made.pk}", {**TYPED, "seq": "1"}).status_code == 302
    assert next_paper(made, keyer("9102")) == paper(made, 2)
    for desk in (first, second):
        assert desk.post(f"/keying/{made.pk}", {"seq": "2", "act": "unreadable"}).status_code == 302
    assert "入力は終わりました" in first.get(f"/keying/{made.pk}").content.decode()


def test_what_the_keyer_typed_stays_in_the_boxes_when_something_is_wrong(client: Client) -> None:
    made = bundle()
    desk = sign_in(client, keyer("9101"))
    html = desk.post(f"/keying/{made.pk}", {**TYPED, "seq": "1", "wage_yen": "六百万"}).content.decode()
    assert 'value="六百万"' in html
    assert "円単位の整数" in html
    contradicting = {**TYPED, "seq": "1", "withheld_tax_yen": "9,999,999"}
    answer = desk.post(f"/keying/{made.pk}", contradicting)
    assert answer.status_code == 422
    assert "原票のとおりか確かめてください" in answer.content.decode()
    accepted = re.findall(r'name="accepted" value="([^"]+)"', answer.content.decode())[0]
    assert accepted.startswith("withheld_tax_yen:")
    assert desk.post(f"/keying/{made.pk}", {**contradicting, "accepted": accepted}).status_code == 302
    assert Keying.objects.get().values["withheld_tax_yen"] == 9_999_999
    assert desk.post(f"/keying/{made.pk}", {**TYPED, "seq": "x"}).status_code == 404


def test_the_office_makes_follows_and_decides_on_its_pages(client: Client) -> None:
    keyer("9101"), keyer("9102")
    row = ledger(1)
    desk = sign_in(client, officer("1002", permissions=[MANAGE_BUNDLES, KEY_PAPERS, "staff.home", "staff.self"]))
    fields = {
        "title": "第1束", "form_code": "wage", "tax_year": YEAR, "arrived_on": "R8.1.30", "paper_count": "1",
        "first_keyer": "9101", "second_keyer": "9101", "ledger_row": str(row.pk),
    }  # fmt: skip
    assert "別の人にしてください" in desk.post("/assessment/bundles/new", fields).content.decode()
    answer = desk.post("/assessment/bundles/new", {**fields, "second_keyer": "9102"})
    made = EntryBundle.objects.get()
    assert answer.headers["location"] == f"/assessment/bundles/{made.pk}"
    both(made, wage_yen=6_543_300)
    html = desk.get(f"/assessment/bundles/{made.pk}").content.decode()
    assert "相違を決める" in html
    assert "旭川" not in html.partition("<main")[2]
    address = f"/assessment/bundles/papers/{paper(made).pk}/decide"
    html = desk.get(address).content.decode()
    assert "6,543,200" in html
    assert "6,543,300" in html
    assert 'name="employee_no"' not in html
    assert desk.post(address, {"act": "decide", "wage_yen": "?"}).status_code == 422
    assert desk.post(address, {"act": "return", "reason": ""}).status_code == 422
    assert desk.post(address, {"act": "decide", "wage_yen": "6543300"}).status_code == 302
    assert SourceDocument.objects.get().items["wage_yen"] == 6_543_300
    html = desk.get(f"/assessment/bundles/{made.pk}").content.decode()
    assert "「入力した件数」は1件、「未入力で戻った原票」は0枚" in html
    assert desk.get(address).status_code == 404
