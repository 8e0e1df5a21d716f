"""住民異動からの中止: who dies or moves out is stopped by himself, from the month of the law, and the payer is told."""

from datetime import date
from typing import Any

import pytest

from addressbook.models import Party, PartyVersion
from assessment.pensions.events import event_stops_record, events_pending, stop_place
from assessment.pensions.models import PensionResult, PensionStop, StopReason
from assessment.pensions.provisional import provisional_people
from assessment.pensions.services import pension_stop_withdraw, stop_notices_issue
from assessment.resident.rules.pipeline import resident_law
from collection.selectors.proofs import prove_ledger
from taxsys.city.deliveries import CityDeliveries
from taxsys.platform import clock
from taxsys.platform.files import layouts
from tests.assessment.moves.scene import YEAR, move, total
from tests.assessment.pensions.scene import NOVEMBER, billed, event, months, pensioner, take
from tests.assessment.runs.test_initial_runs import CITY_CODE, on

LAW = resident_law(YEAR, CITY_CODE)


def happens(party: Party, state: str, day: date) -> None:
    """The resident feed tells of a death or a move out of the city."""
    row = PartyVersion.objects.known().get(party=party, valid_to__isnull=True)
    PartyVersion.objects.filter(pk=row.pk).update(valid_to=day)
    dates: dict[str, Any] = {"dead": {"died_on": day}, "moved_out": {"left_on": day}}[state]
    row.pk, row.state, row.valid_from = None, state, day
    for name, value in dates.items():
        setattr(row, name, value)
    with on(day):
        row.recorded_at = clock.now()
    row.save(force_insert=True)


def stopped(day: date) -> list[PensionStop]:
    with on(day):
        event_stops_record(events_pending(YEAR, on=day, city_code=CITY_CODE))
    return list(PensionStop.objects.order_by("party__person_no"))


@pytest.mark.req("R-154")
@pytest.mark.parametrize(
    ("reason", "day", "expected"),
    [
        # Who dies before the payment of the month is not withheld from in it.
        ("died", date(2026, 10, 14), (2026, 4)),
        ("died", date(2026, 10, 15), (2026, 5)),
        ("died", date(2027, 1, 31), (2026, 6)),
        ("died", date(2027, 2, 20), (2027, 1)),
        ("died", date(2026, 4, 1), (2026, 1)),
        # Out of the city: up to March the 仮徴収 goes on to August, later the year to February.
        ("moved", date(2026, 1, 2), (2026, 4)),
        ("moved", date(2026, 3, 31), (2026, 4)),
        ("moved", date(2026, 4, 1), (2027, 1)),
        ("moved", date(2026, 12, 31), (2027, 1)),
    ],
)
def test_the_month_from_which_nothing_is_withheld(reason: str, day: date, expected: tuple[int, int]) -> None:
    assert stop_place(StopReason(reason), day, LAW) == expected


@pytest.mark.req("R-154")
def test_a_death_stops_the_next_payment_and_bills_the_rest(year: CityDeliveries) -> None:
    party = pensioner()
    before, bills, annual = months(party.pk), billed(party.pk), total(party.pk)
    happens(party, "dead", date(2026, 11, 3))
    (found,) = stopped(NOVEMBER)
    assert (found.party, found.reason, found.first_place, found.request_state, found.is_pending) == (
        party, "died", 5, "waiting", True
    )  # fmt: skip
    assert len(stopped(NOVEMBER)) == 1
    move(NOVEMBER)
    assert months(party.pk) == {4: before[4]}
    assert billed(party.pk) == bills + before[5] + before[6]
    assert total(party.pk) == annual
    assert prove_ledger().is_ok


def test_who_moves_in_summer_is_withheld_from_to_february_and_not_in_the_next_spring(year: CityDeliveries) -> None:
    party, stays = pensioner(), pensioner(1)
    before = months(party.pk)
    happens(party, "moved_out", date(2026, 7, 20))
    take(event(party, "00"), day=date(2026, 9, 1), name="taisho")
    (found,) = stopped(NOVEMBER)
    assert (found.tax_year, found.first_place, found.is_pending) == (2027, 1, False)
    with on(NOVEMBER):
        issued = stop_notices_issue([found.pk], business_key="k", name="teishi.csv")
        assert issued is not None
        (line,) = layouts.get("local_nenkin_tokucho_events").parse(issued.open_bytes()).records
    assert (line.values["notice"], line.values["tax_year"], line.values["stop_reason"]) == ("41", 2027, "02")
    move(NOVEMBER)
    assert months(party.pk) == before
    spring = date(2027, 4, 1)
    with on(spring):
        people = provisional_people(2027, on=spring)
    assert party.pk not in people
    assert stays.pk in people


def test_a_move_in_winter_lets_only_spring_go_on(year: CityDeliveries) -> None:
    party = pensioner()
    annual = total(party.pk)
    happens(party, "moved_out", date(2026, 2, 10))
    (found,) = stopped(date(2026, 6, 20))
    assert (found.tax_year, found.first_place) == (2026, 4)
    move(date(2026, 6, 20))
    assert months(party.pk) == {}
    assert billed(party.pk) == total(party.pk) == annual


def test_a_stop_that_an_officer_took_back_is_not_recorded_again(year: CityDeliveries) -> None:
    party = pensioner()
    happens(party, "dead", date(2026, 11, 3))
    (found,) = stopped(NOVEMBER)
    with on(NOVEMBER):
        pension_stop_withdraw(found.pk, actor_id="1001", reason="死亡の届出の誤り")
    assert [one.state for one in stopped(NOVEMBER)] == ["withdrawn"]


@pytest.mark.req("R-110")
def test_a_month_withheld_in_part_keeps_that_part_and_the_rest_is_billed(year: CityDeliveries) -> None:
    party = pensioner()
    before, bills, annual = months(party.pk), billed(party.pk), total(party.pk)
    part = before[4] - 1_100
    take(event(party, "22", month="202610", collected=part, stop_reason="03"), day=NOVEMBER)
    found = PensionStop.objects.get()
    assert (found.first_place, found.partial_yen, found.request_state) == (4, part, "none")
    assert not PensionResult.objects.filter(is_open=True).exists()
    move(NOVEMBER)
    assert months(party.pk) == {4: part}
    assert billed(party.pk) == bills + 1_100 + before[5] + before[6]
    assert total(party.pk) == annual
    assert prove_ledger().is_ok
