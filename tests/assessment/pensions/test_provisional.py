"""仮徴収: levied in April from last year's decision, taken over by the year's, only differences posted."""

from datetime import date

import pytest

from addressbook.models import Party
from assessment.decisions.recall import run_recall
from assessment.models import CollectionShare, Decision
from assessment.pensions.errors import ProvisionalRefused
from assessment.pensions.models import ProvisionalLevy
from assessment.pensions.provisional import provisional_people, provisional_refuse_time
from collection.models import Charge, Overpayment
from collection.selectors.proofs import prove_ledger
from taxsys.city.deliveries import CityDeliveries
from tests.assessment.change.decided import decide_year
from tests.assessment.moves.scene import YEAR, books, move, total
from tests.assessment.pensions.scene import (
    APRIL,
    BEFORE_OCTOBER,
    billed,
    event,
    last_year,
    months,
    pension_taxes,
    provisional,
    stop,
    take,
)
from tests.assessment.runs.test_initial_runs import on

JUNE = date(2026, 6, 20)


def continuing(*ratios: tuple[int, int]) -> list[tuple[Party, int]]:
    """As many pensioners, last year's tax on the pension these parts of this year's; answers them with this year's."""
    taxes = list(pension_taxes().items())
    chosen = taxes[: len(ratios)]
    last_year({
        party: yen * num // den // 100 * 100 for (party, yen), (num, den) in zip(chosen, ratios, strict=True)
    })  # fmt: skip
    return chosen


@pytest.mark.req("R-153")
def test_the_year_takes_over_what_spring_withheld_and_withholds_the_rest(city: CityDeliveries) -> None:
    (same, same_yen), (less, less_yen), (more, more_yen) = continuing((1, 1), (5, 2), (1, 2))
    newcomer, newcomer_yen = list(pension_taxes().items())[3]
    counts = provisional()
    levied = {one.party_id: one for one in ProvisionalLevy.objects.all()}
    assert counts["調定"] == len(levied) == 3
    assert [one.notice_no for one in ProvisionalLevy.objects.order_by("party__person_no")] == [
        "2026-10-0000001", "2026-10-0000002", "2026-10-0000003"
    ]  # fmt: skip
    spring = months(same.pk)
    assert [spring[place] for place in (1, 2, 3)] == levied[same.pk].instalments
    assert sum(spring.values()) == same_yen // 2
    dues = Charge.objects.filter(party=same).order_by("instalment_no").values_list("due_on", "levy_year", "tax_year")
    assert list(dues) == [
        (date(2026, 5, 11), 2026, 2026), (date(2026, 7, 10), 2026, 2026), (date(2026, 9, 10), 2026, 2026)
    ]  # fmt: skip

    decide_year()

    decision = Decision.objects.get(party=same, tax_year=YEAR)
    assert (decision.version, decision.cause, decision.notice_no) == (1, "initial", levied[same.pk].notice_no)
    numbers = list(Decision.objects.filter(tax_year=YEAR).order_by("notice_no").values_list("notice_no", flat=True))
    assert len(set(numbers)) == len(numbers)
    assert numbers[-1] == f"2026-10-{len(numbers):07d}"
    year = months(same.pk)
    assert {place: year[place] for place in (1, 2, 3)} == spring
    assert sum(year.values()) == same_yen
    assert year[5] == year[6] == (same_yen - same_yen // 2) // 3 // 100 * 100
    # Last year's half is above this year's tax: nothing from October on, the latest month is lowered.
    assert sum(months(less.pk).values()) == less_yen
    assert set(months(less.pk)) <= {1, 2, 3}
    assert sum(months(more.pk).values()) == more_yen
    # Who was not withheld from before pays half by bill.
    assert set(months(newcomer.pk)) == {4, 5, 6}
    assert sum(months(newcomer.pk).values()) in range(newcomer_yen // 2 - 1, newcomer_yen // 2 + 1)
    for party in (same, less, more, newcomer):
        assert total(party.pk) == Decision.objects.get(party=party, tax_year=YEAR).annual_yen
    assert prove_ledger().is_ok


@pytest.mark.req("R-019")
def test_a_recalled_year_leaves_the_provisional_months_as_they_were(city: CityDeliveries) -> None:
    (party, _), (lowered, _) = continuing((1, 1), (5, 2))
    provisional()
    before = books(party.pk), books(lowered.pk)
    _, ordinary = decide_year()
    assert books(lowered.pk) != before[1]
    with on(JUNE):
        run_recall(ordinary.pk, reason_ja="通知書の誤り", new_due_dates={}, proposed_by="1001", approved_by="1002")
    assert (books(party.pk), books(lowered.pk)) == before
    assert prove_ledger().is_ok


def test_what_spring_withheld_above_the_years_tax_is_refunded(city: CityDeliveries) -> None:
    ((party, yen),) = continuing((6, 1))
    provisional()
    april = months(party.pk)[1]
    assert april >= yen - 200
    take(event(party, "00"), event(party, "22", month="202604", collected=april), day=date(2026, 5, 8))
    take(event(party, "22", month="202606", collected=months(party.pk)[2]), day=date(2026, 6, 2), name="roku")
    assert not Overpayment.objects.exists()
    paid = april + months(party.pk)[2]
    decide_year()
    assert sum(months(party.pk).values()) == yen
    assert sum(Overpayment.objects.filter(party=party).values_list("yen", flat=True)) == paid - yen
    assert prove_ledger().is_ok


def test_a_stop_in_spring_keeps_april_and_bills_the_rest_of_the_year(city: CityDeliveries) -> None:
    ((party, yen),) = continuing((1, 1))
    provisional()
    spring = months(party.pk)
    stop(party.pk, 2, day=date(2026, 5, 1), reason="died")
    decide_year()
    assert months(party.pk) == {1: spring[1]}
    share = CollectionShare.objects.get(party=party, method="pension", run__tax_year=YEAR, run__state="released")
    assert share.instalments == [spring[1], 0, 0, 0, 0, 0]
    assert total(party.pk) == Decision.objects.get(party=party, tax_year=YEAR).annual_yen
    assert billed(party.pk) >= yen - spring[1]
    after = books(party.pk)
    move(BEFORE_OCTOBER)
    assert books(party.pk) == after


def test_whose_withholding_ended_or_who_left_has_no_provisional(city: CityDeliveries) -> None:
    (party, _), (stopped, _) = continuing((1, 1), (1, 1))
    with on(APRIL):
        assert set(provisional_people(YEAR, on=APRIL)) == {party.pk, stopped.pk}
    provisional()
    with on(APRIL):
        assert provisional_people(YEAR, on=APRIL) == []


@pytest.mark.parametrize("day", [date(2026, 3, 31), date(2026, 5, 12)])
def test_the_levy_belongs_to_the_fiscal_year_and_comes_in_time(day: date) -> None:
    with pytest.raises(ProvisionalRefused, match="令和8年度の仮徴収"):
        provisional_refuse_time(YEAR, on=day)
