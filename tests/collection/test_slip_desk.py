"""納付書の発行: one slip for many instalments, for a part, for all; and what the portal is told of slips."""

from collections.abc import Iterator
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from addressbook.models import Party
from collection import permissions
from collection.models import Allocation, Charge, Component, Receipt, Slip, SlipState, Suspense
from collection.papers.issue import slip_papers, slips_pdf
from collection.papers.payment_slip_data import PayEasy, SlipMismatch
from collection.params import parameter_file
from collection.selectors.proofs import prove_ledger
from collection.services.levy import levy_post
from collection.services.receipts import ReceiptRecord, receipts_post
from collection.services.reversals import receipt_reverse
from collection.services.slip_list import SLIP_LIST
from collection.services.slips import ClaimedSlip, SlipClaim, SlipError, SlipRequest, slip_issue_many
from taxsys.platform import clock
from taxsys.platform.files import layouts
from taxsys.platform.files.models import OutgoingFile
from taxsys.platform.jobs.services import job_request, job_run_inline
from tests.addressbook.people import person
from tests.collection.books import ordinary
from tests.outputs.reading import pdf_pages
from tests.platform.actors import officer, sign_in

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)
UNTIL = date(2026, 11, 30)
DUES = (date(2026, 6, 1), date(2026, 8, 31), date(2026, 11, 30))


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.at(TODAY):
        yield


@pytest.fixture
def payer() -> Party:
    return person(1, name="旭川　太郎")


@pytest.fixture
def charges(payer: Party) -> list[Charge]:
    """Three instalments of 令和8: 300,000 due 1 June, 50,000 due 31 August, 40,000 due 30 November."""
    rows = ordinary(payer.id, "0012345678", [(300_000, 0, 0), (50_000, 0, 0), (40_000, 0, 0)], due_ons=DUES)
    levy_post(rows, dedupe_key="run", occurred_on=date(2026, 5, 10), actor="job:test")
    return list(Charge.objects.order_by("instalment_no"))


@pytest.fixture
def desk(client: Client) -> Client:
    from addressbook.permissions import VIEW_PARTY

    staff = officer("2002", permissions=[*permissions.PERMISSIONS, VIEW_PARTY], unit_name="納税管理課")
    return sign_in(client, staff)


def issue(*claims: SlipClaim, until: date = UNTIL) -> Slip:
    return Slip.objects.get(pk=slip_issue_many([ClaimedSlip(claims, until)], issued_on=TODAY)[0].slip_id)


def paid_by(slip: Slip, yen: int, key: str, on: date = TODAY) -> None:
    record = ReceiptRecord(
        channel="common", external_key=key, kind="confirmed", key_kind="case", match_key=slip.case_no, amount_yen=yen,
        paid_on=on, account_on=on,
    )  # fmt: skip
    receipts_post([record], actor="job:test", as_of=TODAY)


def left(charge: Charge, component: str = Component.PRINCIPAL) -> int:
    from collection.models import Balance

    return sum(
        one.debit_yen - one.credit_yen
        for one in Balance.objects.filter(account__charge=charge, account__component=component, kind="receivable")
    )


# --- the service --------------------------------------------------------------------------------------------------


def test_a_slip_for_a_part_takes_its_amount_and_is_done_when_that_has_come(charges: list[Charge]) -> None:
    slip = issue(SlipClaim(charges[0].pk, 100_000))
    assert (slip.amount_yen, slip.is_part, slip.state) == (100_000, True, SlipState.ACTIVE)
    assert slip.cvs_barcode[37:43] == "100000"
    paid_by(slip, 100_000, "P1")
    slip.refresh_from_db()
    assert slip.state == SlipState.PAID
    assert left(charges[0]) == 200_000
    assert not Suspense.objects.exists()
    assert prove_ledger().is_ok


def test_a_part_that_was_reversed_puts_its_slip_into_circulation_again(charges: list[Charge]) -> None:
    slip = issue(SlipClaim(charges[0].pk, 100_000))
    paid_by(slip, 100_000, "P1")
    receipt_reverse(Receipt.objects.get().pk, occurred_on=TODAY, actor="staff:2001", reason_ja="組戻し")
    slip.refresh_from_db()
    assert slip.state == SlipState.ACTIVE
    assert left(charges[0]) == 300_000


def test_one_slip_carries_several_instalments_with_the_interest_and_fee_of_each(charges: list[Charge]) -> None:
    slip = issue(
        SlipClaim(charges[0].pk, late_interest_yen=3_000, reminder_fee_yen=0), SlipClaim(charges[1].pk),
        SlipClaim(charges[2].pk),
    )  # fmt: skip
    assert (slip.amount_yen, slip.is_part) == (393_000, False)
    assert slip.cvs_barcode == ""  # above 300,000 yen
    paid_by(slip, 393_000, "P1")
    slip.refresh_from_db()
    assert slip.state == SlipState.PAID
    assert [left(one) for one in charges] == [0, 0, 0]
    taken = {(one.charge_id, one.component): one.yen for one in Allocation.objects.all()}
    assert taken == {
        (charges[0].pk, "principal"): 300_000, (charges[0].pk, "late_interest"): 3_000,
        (charges[1].pk, "principal"): 50_000, (charges[2].pk, "principal"): 40_000,
    }  # fmt: skip
    assert prove_ledger().is_ok


def test_a_new_slip_replaces_every_slip_that_holds_one_of_its_instalments(charges: list[Charge]) -> None:
    alone = [issue(SlipClaim(one.pk)) for one in charges]
    together = issue(SlipClaim(charges[1].pk), SlipClaim(charges[2].pk))
    states = list(Slip.objects.filter(pk__in=[one.pk for one in alone]).order_by("pk").values_list("state", flat=True))
    assert states == ["active", "replaced", "replaced"]
    assert together.version == 2
    assert together.case_no not in {one.case_no for one in alone}


@pytest.mark.parametrize(
    ("principal", "message"),
    [(300_001, "未納額は300,000円"), (-1, "未納額は300,000円"), (0, "1円以上")],
)
def test_more_than_is_open_or_nothing_at_all_makes_no_slip(charges: list[Charge], principal: int, message: str) -> None:
    with pytest.raises(SlipError, match=message):
        issue(SlipClaim(charges[0].pk, principal))
    assert not Slip.objects.exists()


def test_instalments_that_go_to_different_items_of_the_portal_are_not_put_on_one_slip(
    charges: list[Charge], payer: Party
) -> None:
    Charge.objects.filter(pk=charges[2].pk).update(method="wage")
    with pytest.raises(SlipError, match="まとめられません"):
        issue(SlipClaim(charges[0].pk), SlipClaim(charges[2].pk))
    with pytest.raises(SlipError, match="どの期別のものか"):
        slip_issue_many([SlipRequest((charges[0].pk, charges[1].pk), UNTIL, late_interest_yen=100)], issued_on=TODAY)
    with pytest.raises(SlipError, match="対象の期別がありません"):
        issue(SlipClaim(charges[0].pk), SlipClaim(charges[0].pk))


def test_the_paper_of_a_combined_slip_holds_the_sums_and_says_for_how_many_it_is(
    charges: list[Charge], payer: Party
) -> None:
    both = issue(SlipClaim(charges[0].pk, late_interest_yen=3_000), SlipClaim(charges[1].pk))
    part = issue(SlipClaim(charges[2].pk, 10_000))
    paper, partial = slip_papers([both, part], payer)
    assert (paper.tax_yen, paper.late_interest_yen, paper.total_yen) == (350_000, 3_000, 353_000)
    assert (paper.instalment_label, paper.due_on) == ("2期別の合計", date(2026, 8, 31))
    assert (partial.instalment_label, partial.total_yen) == ("第3期（一部）", 10_000)


# --- the screen ---------------------------------------------------------------------------------------------------


def address(payer: Party) -> str:
    return f"/party/{payer.id}/collection/slips/"


def choice(charges: list[Charge], *amounts: str, **more: str) -> dict[str, object]:
    typed = {f"amount_{one.pk}": yen for one, yen in zip(charges, amounts, strict=True)}
    return {"charge": [one.pk for one in charges], "valid_until": "R8.11.30", "issue": "1", **typed, **more}


def test_slips_of_all_chosen_instalments_are_issued_and_printed_at_once(
    desk: Client, charges: list[Charge], payer: Party
) -> None:
    shown = desk.get(address(payer)).content.decode()
    assert (shown.count('name="charge"'), shown.count(" checked>")) == (3, 2 + 1)  # what is overdue; the interest
    answer = desk.post(address(payer), choice(charges, "300,000", "５０，０００", "40000", with_interest="on"))
    assert answer.status_code == 302
    slips = list(Slip.objects.order_by("pk"))
    # 300,000 yen: 30 days at 2.8 % and 152 at 9.1 % are 12,000 yen; of 50,000 yen not yet 1,000 yen.
    assert [one.amount_yen for one in slips] == [312_000, 50_000, 40_000]
    after = desk.get(answer["Location"]).content.decode()
    assert "納付書3枚（402,000円）を発行しました。" in after
    paper = desk.get(f"{address(payer)}paper?{urlsplit(answer['Location']).query}")
    assert paper["Content-Type"] == "application/pdf"
    assert parse_qs(urlsplit(answer["Location"]).query)["slip"] == [str(one.pk) for one in slips]


def test_a_part_on_the_screen_carries_neither_fee_nor_interest(
    desk: Client, charges: list[Charge], payer: Party
) -> None:
    desk.post(address(payer), choice(charges[:1], "100000", with_interest="on"))
    (line,) = Slip.objects.get().lines.all()
    assert (line.principal_yen, line.late_interest_yen, line.reminder_fee_yen) == (100_000, 0, 0)


def test_one_slip_for_all_is_made_when_the_box_is_ticked(desk: Client, charges: list[Charge], payer: Party) -> None:
    desk.post(address(payer), choice(charges[1:], "50000", "40000", is_combined="on"))
    slip = Slip.objects.get()
    assert (slip.amount_yen, slip.lines.count()) == (90_000, 2)


@pytest.mark.parametrize(
    ("amount", "more", "message"),
    [
        ("300001", {}, "未納額300,000円までの数字"),
        ("三千円", {}, "未納額300,000円までの数字"),
        ("0", {}, "未納額300,000円までの数字"),
        ("100", {"valid_until": "R8.11.19"}, "今日以後の日"),
        ("100", {"charge": []}, "期別を選んでください"),
    ],
)
def test_what_cannot_be_a_slip_is_told_and_what_was_typed_stays(
    desk: Client, charges: list[Charge], payer: Party, amount: str, more: dict[str, object], message: str
) -> None:
    answer = desk.post(address(payer), {**choice(charges[:1], amount), **more})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert message in page
    assert f'value="{amount}"' in page
    assert not Slip.objects.exists()


def test_slips_of_somebody_else_are_not_printed(desk: Client, charges: list[Charge], payer: Party) -> None:
    slip = issue(SlipClaim(charges[0].pk))
    other = person(2)
    assert desk.get(f"{address(other)}paper?slip={slip.pk}").status_code == 404
    assert desk.get(f"{address(payer)}paper?slip=x").status_code == 404
    assert desk.get(f"{address(payer)}paper")["Content-Type"] == "application/pdf"  # what is in circulation
    none = desk.get(f"{address(other)}paper")
    assert (none.status_code, "有効な納付書はありません" in none.content.decode()) == (404, True)


# --- what the portal is told ----------------------------------------------------------------------------------------


def run_changes(on: date = TODAY) -> list[dict[str, str]]:
    """Run B-CL-06 and give the records of the file it made, if it made one."""
    known = set(OutgoingFile.objects.values_list("pk", flat=True))
    clerk = officer("2001", permissions=[permissions.ISSUE_SLIPS], unit_name="納税管理課")
    job_run_inline(job_request("B-CL-06", {}, actor=clerk, business_on=on).pk, raise_errors=True)
    made = OutgoingFile.objects.filter(kind=SLIP_LIST).exclude(pk__in=known).first()
    return [dict(one.values) for one in layouts.get(SLIP_LIST).parse(made.open_bytes()).records] if made else []


def test_the_portal_is_told_of_each_slip_once_and_of_every_change_of_it(charges: list[Charge], data_folder) -> None:
    both = issue(SlipClaim(charges[0].pk, late_interest_yen=3_000), SlipClaim(charges[1].pk))
    (record,) = run_changes()
    assert (record["case_key"], record["term"], record["state"]) == (both.el_case_key, "99", "1")
    assert (record["principal"], record["delinquency"], record["amount"]) == (350_000, 3_000, 353_000)
    assert record["due_on"] == date(2026, 6, 1)
    assert run_changes() == []
    replaced = issue(SlipClaim(charges[0].pk))
    never_told = issue(SlipClaim(charges[0].pk))
    told = {one["case_key"]: one["state"] for one in run_changes()}
    assert told == {both.el_case_key: "2", never_told.el_case_key: "1"}
    assert replaced.el_case_key not in told
    paid_by(never_told, 300_000, "P1")
    assert {one["case_key"]: one["state"] for one in run_changes()} == {never_told.el_case_key: "4"}
    assert OutgoingFile.objects.filter(kind=SLIP_LIST).count() == 3


# --- ペイジー --------------------------------------------------------------------------------------------------------


def test_pay_easy_numbers_are_printed_only_where_the_city_has_switched_them_on(
    charges: list[Charge], payer: Party, monkeypatch: pytest.MonkeyPatch
) -> None:
    slip = issue(SlipClaim(charges[0].pk))
    assert slip_papers([slip], payer)[0].payeasy is None
    switched_on = {**parameter_file("slip_issuer"), "payeasy": {"is_printed": True, "agency": "01204", "kind": "123"}}
    monkeypatch.setattr("collection.papers.slip_rows.parameter_file", lambda _name: switched_on)
    numbers = slip_papers([slip], payer)[0].payeasy
    assert numbers is not None
    assert (numbers.agency, numbers.payment, numbers.confirmation) == ("01204", slip.case_no, slip.el_confirm_no)
    text = "".join(pdf_pages(slips_pdf([slip], payer)))
    assert text.count("収納機関番号") == 2
    assert f"納付番号{slip.case_no}" in text.replace(" ", "")


@pytest.mark.parametrize("changes", [{"agency": "1204"}, {"payment": ""}, {"confirmation": "1234567"}, {"kind": "A"}])
def test_pay_easy_numbers_of_another_shape_stop_the_slip(changes: dict[str, str]) -> None:
    given = {"agency": "01204", "payment": "2402944732157574", "confirmation": "898484", "kind": "123", **changes}
    with pytest.raises(SlipMismatch, match="ペイジー"):
        PayEasy(**given)
