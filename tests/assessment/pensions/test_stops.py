"""年金特別徴収の中止・徴収結果: what was withheld stays, the rest is billed, money is a receipt, payers are told."""

from collections.abc import Iterator
from datetime import date
from itertools import permutations

import pytest
from django.db import transaction
from django.test import Client

from addressbook.models import Party
from assessment.models import CollectionShare, Decision
from assessment.pensions.errors import PensionStopRefused
from assessment.pensions.models import PensionResult, PensionStop, PensionTarget
from assessment.pensions.services import pension_stop_withdraw, result_settle, stop_notices_issue
from collection.models import Overpayment, Receipt, Suspense
from collection.selectors.proofs import prove_ledger
from eltax_bridge.services.pension_events import pension_events_import
from taxsys.city.deliveries import CityDeliveries
from taxsys.platform import clock
from taxsys.platform.audit.context import using
from taxsys.platform.files import layouts
from taxsys.platform.files.models import LineError
from tests.addressbook.conftest import full_context
from tests.assessment.desk.test_documents import clerk
from tests.assessment.moves.scene import YEAR, books, move, moves_run, notify, total
from tests.assessment.pensions.scene import (
    BEFORE_OCTOBER,
    NOVEMBER,
    agent,
    billed,
    event,
    months,
    pensioner,
    receive,
    stop,
    take,
)
from tests.assessment.runs.test_initial_runs import on

RESULT, TARGET = "22", "00"


@pytest.mark.req("R-017")
def test_a_stop_keeps_what_was_withheld_and_bills_the_rest(year: CityDeliveries) -> None:
    party = pensioner()
    before, bills, annual = months(party.pk), billed(party.pk), total(party.pk)
    stop(party.pk, 5, day=NOVEMBER)
    run = move(NOVEMBER)
    assert months(party.pk) == {4: before[4]}
    assert billed(party.pk) == bills + before[5] + before[6]
    assert total(party.pk) == annual
    decision = Decision.objects.filter(party=party, tax_year=YEAR).latest("version")
    assert (decision.cause, decision.reason_ja, decision.annual_yen) == ("moved", "年金特別徴収の中止(転出)", annual)
    assert not CollectionShare.objects.filter(run=run, party=party, method="pension").exists()
    found = PensionStop.objects.get()
    assert (found.is_pending, found.run_id) == (False, run.pk)
    assert prove_ledger().is_ok


@pytest.mark.req("R-017")
def test_a_stop_before_the_first_month_bills_everything_and_nobody_elses_books_move(year: CityDeliveries) -> None:
    party, other = pensioner(), pensioner(1)
    annual, others = total(party.pk), books(other.pk)
    stop(party.pk, 4, day=BEFORE_OCTOBER, reason="died")
    move(BEFORE_OCTOBER)
    assert months(party.pk) == {}
    assert total(party.pk) == billed(party.pk) == annual
    assert books(other.pk) == others


@pytest.mark.req("R-156")
def test_a_tax_on_the_pension_never_goes_to_the_wages(year: CityDeliveries) -> None:
    party = pensioner()
    before = months(party.pk)
    notify(
        party.pk, day=BEFORE_OCTOBER, reason="S", after="1", event_on=BEFORE_OCTOBER, new_withholder_id=agent().pk,
        first_place=5,
    )  # fmt: skip
    move(BEFORE_OCTOBER)
    withheld = sum(sum(yen.values()) for (method, _), yen in books(party.pk).items() if method == "wage")
    stop(party.pk, 4, day=date(2026, 9, 2))
    move(date(2026, 9, 3))
    after = sum(sum(yen.values()) for (method, _), yen in books(party.pk).items() if method == "wage")
    assert after == withheld
    assert billed(party.pk) >= sum(before.values())


@pytest.mark.req("R-156")
def test_changes_of_wages_and_pension_end_in_the_same_books_in_any_order(year: CityDeliveries) -> None:
    """併徴: whatever was noted first, one run ends the same, and every path adds up to the levy."""
    party = pensioner()
    annual = total(party.pk)
    first = agent()

    def start() -> None:
        notify(
            party.pk, day=NOVEMBER, reason="S", after="1", event_on=date(2026, 11, 2), new_withholder_id=first.pk,
            first_place=7,
        )  # fmt: skip

    def leave() -> None:
        notify(
            party.pk, day=NOVEMBER, reason="1", after="3", event_on=date(2026, 11, 9), withholder_id=first.pk,
            last_place=0,
        )  # fmt: skip

    def end() -> None:
        stop(party.pk, 5, day=NOVEMBER)

    ends, paths = [], []
    orders = [order for order in permutations((start, leave, end)) if order.index(start) < order.index(leave)]
    for order in orders:
        for runs_between in (False, True):
            with transaction.atomic():
                for act in order:
                    act()
                    if runs_between:
                        move(NOVEMBER)
                        assert total(party.pk) == annual
                if not runs_between:
                    move(NOVEMBER)
                assert total(party.pk) == annual
                assert prove_ledger().is_ok
                (paths if runs_between else ends).append(books(party.pk))
                transaction.set_rollback(True)
    assert len(orders) == 3
    assert all(one == ends[0] for one in ends)
    assert all(sum(sum(yen.values()) for yen in one.values()) == annual for one in paths)


def test_a_stop_taken_back_before_it_was_sent_withholds_again(year: CityDeliveries) -> None:
    party = pensioner()
    annual = total(party.pk)
    found = stop(party.pk, 5, day=BEFORE_OCTOBER)
    move(BEFORE_OCTOBER)
    with on(date(2026, 9, 2)):
        with pytest.raises(PensionStopRefused, match="理由"):
            pension_stop_withdraw(found.pk, actor_id="1001", reason=" ")
        pension_stop_withdraw(found.pk, actor_id="1001", reason="転出の届出の取消")
    move(date(2026, 9, 2))
    assert sorted(months(party.pk)) == [4, 5, 6]
    assert total(party.pk) == annual


@pytest.mark.parametrize("place", [0, 7])
def test_only_a_month_of_the_year_can_be_the_first_without(year: CityDeliveries, place: int) -> None:
    with pytest.raises(PensionStopRefused, match="4月から翌年2月"):
        stop(pensioner().pk, place, day=BEFORE_OCTOBER)


def test_who_has_nothing_withheld_and_who_is_stopped_cannot_be_stopped(year: CityDeliveries) -> None:
    party = pensioner()
    stop(party.pk, 5, day=BEFORE_OCTOBER)
    with pytest.raises(PensionStopRefused, match="すでに中止"):
        stop(party.pk, 6, day=BEFORE_OCTOBER)
    nobody = Party.objects.exclude(pk__in=CollectionShare.objects.filter(method="pension").values("party_id"))
    with pytest.raises(PensionStopRefused, match="徴収する月がありません"):
        stop(nobody.order_by("person_no")[0].pk, 4, day=BEFORE_OCTOBER)


@pytest.mark.req("R-110")
def test_what_the_payer_withheld_is_a_receipt_and_what_it_could_not_is_billed(year: CityDeliveries) -> None:
    one, two, three = pensioner(), pensioner(1), pensioner(2)
    asked = {party.pk: months(party.pk) for party in (one, two, three)}
    lines = (
        event(one, RESULT, month="202610", collected=asked[one.pk][4]),
        event(two, RESULT, month="202610", collected=0, stop_reason="03", basic_pension_no="2234567890"),
        event(three, RESULT, month="202610", collected=asked[three.pk][4] - 100, basic_pension_no="3234567890"),
    )
    counts = take(*lines, day=NOVEMBER)
    assert (counts.results, counts.stops, counts.set_aside) == (3, 1, 0)
    assert counts.collected_yen == asked[one.pk][4] + asked[three.pk][4] - 100
    assert sum(Receipt.objects.filter(channel="pension").values_list("amount_yen", flat=True)) == counts.collected_yen
    found = {row.party_id: (row.finding_ja, row.is_open) for row in PensionResult.objects.all()}
    assert found == {one.pk: ("一致", False), two.pk: ("不能", False), three.pk: ("不足", True)}
    stopped = PensionStop.objects.get()
    assert (stopped.party_id, stopped.reason, stopped.first_place, stopped.request_state) == (
        two.pk,
        "small",
        4,
        "none",
    )
    move(NOVEMBER)
    assert months(two.pk) == {}
    assert prove_ledger().is_ok
    with on(NOVEMBER):
        row = PensionResult.objects.get(party=three)
        result_settle(row.pk, note="保険者に照会済", actor_id="1001")
        with pytest.raises(PensionStopRefused, match="処理済み"):
            result_settle(row.pk, note="もう一度", actor_id="1001")


def test_a_file_taken_again_changes_nothing_and_strange_lines_are_set_aside(year: CityDeliveries) -> None:
    party = pensioner()
    asked = months(party.pk)
    with on(NOVEMBER):
        received = receive(
            event(party, RESULT, month="202610", collected=asked[4]),
            event(party, RESULT, month="202611", collected=5),
            event(party, RESULT, month="202612", person_no="X", basic_pension_no="9", collected=5),
            event(party, "61", month="202610"),
            day=NOVEMBER,
        )
        first = pension_events_import(received, 0, 4)
        again = pension_events_import(received, 0, 4)
    assert (first.results, first.set_aside) == (1, 3)
    assert (again.results, again.repeated) == (0, 1)
    assert Receipt.objects.filter(channel="pension").count() == 1
    assert LineError.objects.filter(file=received).exists()


def test_too_much_and_money_for_a_month_that_fell_away_are_overpayments_of_the_person(year: CityDeliveries) -> None:
    party, other = pensioner(), pensioner(1)
    asked = months(party.pk)
    stop(other.pk, 4, day=BEFORE_OCTOBER)
    held = months(other.pk)[4]
    move(BEFORE_OCTOBER)
    take(
        event(party, RESULT, month="202610", collected=asked[4] + 700),
        event(other, RESULT, month="202610", collected=held, basic_pension_no="2234567890"),
        day=NOVEMBER,
    )
    assert dict(Overpayment.objects.values_list("party_id", "yen")) == {party.pk: 700, other.pk: held}
    assert not Suspense.objects.exists()
    assert sorted(row.finding_ja for row in PensionResult.objects.filter(is_open=True)) == ["超過", "超過"]


@pytest.mark.req("R-017")
def test_payers_are_told_of_stops_and_answer(year: CityDeliveries) -> None:
    party, unknown = pensioner(), pensioner(1)
    before = months(party.pk)
    assert take(event(party, TARGET), day=BEFORE_OCTOBER, name="taisho").targets == 1
    assert PensionTarget.objects.get().party == party
    found, nameless = stop(party.pk, 5, day=NOVEMBER, reason="died"), stop(unknown.pk, 5, day=NOVEMBER)
    with on(NOVEMBER):
        issued = stop_notices_issue([found.pk, nameless.pk], business_key="k", name="teishi.csv")
        assert issued is not None
        (line,) = layouts.get("local_nenkin_tokucho_events").parse(issued.open_bytes()).records
    assert {name: line.values[name] for name in ("notice", "basic_pension_no", "stop_reason", "collected")} == {
        "notice": "41", "basic_pension_no": "1234567890", "stop_reason": "01", "collected": before[4],
    }  # fmt: skip
    found.refresh_from_db()
    nameless.refresh_from_db()
    assert (found.request_state, nameless.request_state) == ("sent", "waiting")
    with on(NOVEMBER), pytest.raises(PensionStopRefused, match="保険者が知っている"):
        pension_stop_withdraw(found.pk, actor_id="1001", reason="誤り")
    assert take(event(party, "42", result="00"), day=date(2026, 11, 20), name="kekka").answers == 1
    found.refresh_from_db()
    assert found.request_state == "accepted"
    assert take(event(unknown, "42", result="00", basic_pension_no="5"), day=NOVEMBER, name="x").set_aside == 1


def test_a_run_not_let_go_changes_nothing(year: CityDeliveries) -> None:
    party = pensioner()
    before = books(party.pk)
    stop(party.pk, 5, day=NOVEMBER)
    moves_run(NOVEMBER)
    assert books(party.pk) == before
    assert PensionStop.objects.get().is_pending


@pytest.fixture
def desk(year: CityDeliveries, client: Client) -> Iterator[Client]:
    with clock.at(NOVEMBER), using(full_context(actor_kind="staff", actor_id="1001")):
        yield clerk(client)


def test_a_stop_is_recorded_at_the_desk_and_withdrawn(desk: Client) -> None:
    party = pensioner()
    url = f"/party/{party.pk}/assessment/{YEAR}/pension-stop"

    def token() -> str:
        return str(desk.get(url).content.decode().split('name="subject_token" value="')[1].split('"')[0])

    typed = {"subject_token": token(), "reason": "moved", "event_on": "R8.11.5", "first_place": "5", "note_ja": "転出"}
    wrong = desk.post(url, {**typed, "event_on": "R8.13.1"})
    assert wrong.status_code == 422
    assert "転出" in wrong.content.decode()
    assert desk.post(url, typed).status_code == 302
    assert desk.post(url, typed).status_code == 409
    html = desk.get("/assessment/pension-stops").content.decode()
    assert party.name in html
    assert "未処理" in html
    given = {"subject_token": token(), "reason": ""}
    assert desk.post(f"{url}/withdraw", given).status_code == 422
    assert desk.post(f"{url}/withdraw", {**given, "reason": "届出の取消"}).status_code == 302
    assert desk.get(f"/party/{party.pk}/assessment/1999/pension-stop").status_code == 404
    assert desk.post("/assessment/pension-stops/settle", {"result": "1", "note": "x"}).status_code == 404
