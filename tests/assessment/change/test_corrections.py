"""Papers that change after the decision: version n + 1 with its cause, and only the difference in the books."""

from datetime import date
from uuid import UUID

import pytest
from django.db.models import Sum

from assessment.decisions.selectors import decision_history, standing_decision_of, standing_decisions
from assessment.errors import RunNotReady
from assessment.models import CollectionShare, Decision, LevyChange, ResidentResult, SourceDocument
from assessment.resident import corrections
from assessment.sources.services import match_undo
from collection.models import Charge, Overpayment, Slip, SlipState, WithheldShare
from collection.selectors.proofs import prove_ledger
from collection.services.receipts import counter_payment_post
from collection.services.slips import SlipRequest, slip_issue_many
from taxsys.city.deliveries import CityDeliveries
from taxsys.platform.outbox.models import OutboxMessage
from tests.assessment.change.decided import correct_paper, correction_run, decide_year, release_correction
from tests.assessment.runs.test_initial_runs import CITY_CODE, on, take_in

AUGUST = date(2026, 8, 17)


def person_billed() -> UUID:
    """Somebody who pays a wage earner's tax by bill."""
    return _person("ordinary")


def person_withheld() -> UUID:
    return _person("wage")


def _person(method: str) -> UUID:
    with_slip = SourceDocument.objects.filter(kind="wage", state="active").values("party_id")
    with_return = SourceDocument.objects.filter(kind="return", state="active").values("party_id")
    shares = CollectionShare.objects.filter(method=method, total_yen__gt=60_000, party_id__in=with_slip)
    single = shares.exclude(party_id__in=with_return)
    others = CollectionShare.objects.exclude(method=method).values("party_id")
    return single.exclude(party_id__in=others).order_by("party__person_no").values_list("party_id", flat=True)[0]


def raise_pay(party: UUID, by_yen: int, *, arrives_on: date = date(2026, 8, 10)) -> None:
    paper = SourceDocument.objects.filter(party_id=party, kind="wage", state="active").order_by("-items__wage_yen")[0]
    correct_paper(
        paper,
        lambda items: (
            {k: v for k, v in items.items() if k != "wage_after_deduction_yen"}
            | {"wage_yen": items["wage_yen"] + by_yen}
        ),
        arrives_on=arrives_on,
    )


def in_books(party: UUID) -> int:
    billed = Charge.objects.filter(party_id=party, method__in=["ordinary", "pension"])
    withheld = WithheldShare.objects.filter(employee_id=party)
    return sum(rows.aggregate(yen=Sum("amount_yen"))["yen"] or 0 for rows in (billed, withheld))


@pytest.mark.req("R-019")
def test_a_corrected_pay_slip_yields_the_next_version_and_only_the_difference(city: CityDeliveries) -> None:
    decide_year()
    party = person_billed()
    before = standing_decision_of(party, tax_year=2026)
    untouched = standing_decisions(tax_year=2026).exclude(party_id=party).count()
    raise_pay(party, 1_000_000)
    run = correction_run(date(2026, 8, 15), AUGUST)
    assert list(ResidentResult.objects.filter(run=run).values_list("party_id", flat=True)) == [party]
    counts = release_correction(run, AUGUST)
    after = standing_decision_of(party, tax_year=2026)
    assert before is not None
    assert after is not None
    assert (after.version, after.cause, after.previous_id) == (before.version + 1, "correction", before.pk)
    assert after.notice_no == before.notice_no
    assert after.reason_ja == "課税資料の追加・訂正: 給与支払報告書"
    assert counts == {"決定": 1, "増額": after.annual_yen - before.annual_yen, "減額": 0}
    assert in_books(party) == after.annual_yen
    assert Decision.objects.filter(run=run).count() == 1
    assert standing_decisions(tax_year=2026).exclude(party_id=party).count() == untouched
    # The bill of June is past and stays; those to come carry the difference.
    june = Charge.objects.get(party_id=party, method="ordinary", instalment_no=1)
    assert not LevyChange.objects.filter(run=run, instalment_no=june.instalment_no, method="ordinary").exists()
    changes = LevyChange.objects.filter(run=run)
    moved = sum(c.city_yen + c.prefecture_yen + c.forest_yen
                - c.city_before_yen - c.prefecture_before_yen - c.forest_before_yen for c in changes)  # fmt: skip
    assert moved == after.annual_yen - before.annual_yen
    assert OutboxMessage.objects.filter(dedupe_key=f"copy:{party}:2026:{after.version}").exists()
    assert prove_ledger().is_ok


@pytest.mark.req("R-019")
def test_a_tax_that_falls_below_what_is_paid_leaves_an_overpayment(city: CityDeliveries) -> None:
    decide_year()
    party = person_billed()
    charges = list(Charge.objects.filter(party_id=party, method="ordinary").order_by("instalment_no"))
    for charge in charges:
        counter_payment_post(
            till_key=f"till-{charge.pk}",
            charge_key=f"10|2026|2026|ordinary|{charge.notice_no}|{charge.instalment_no}",
            amount_yen=charge.amount_yen,
            paid_on=date(2026, 6, 20),
            actor="S-2001",
        )
    raise_pay(party, -1_500_000)
    run = correction_run(date(2026, 8, 15), AUGUST)
    release_correction(run, AUGUST)
    after = standing_decision_of(party, tax_year=2026)
    assert after is not None
    paid = sum(charge.amount_yen for charge in charges)
    assert Overpayment.objects.filter(party_id=party).aggregate(yen=Sum("remaining_yen"))["yen"] == (
        paid - after.annual_yen
    )
    assert in_books(party) == after.annual_yen
    assert prove_ledger().is_ok


def test_slips_of_changed_bills_are_void_and_the_others_stay(city: CityDeliveries) -> None:
    decide_year()
    party = person_billed()
    charges = list(Charge.objects.filter(party_id=party, method="ordinary").order_by("instalment_no"))
    slip_issue_many([SlipRequest((c.pk,), date(2027, 5, 31)) for c in charges], issued_on=date(2026, 6, 8))
    raise_pay(party, 1_000_000)
    release_correction(correction_run(date(2026, 8, 15), AUGUST), AUGUST)
    states = dict(
        Slip.objects.order_by("lines__charge__instalment_no").values_list("lines__charge__instalment_no", "state")
    )
    assert states == {1: SlipState.ACTIVE, 2: SlipState.WITHDRAWN, 3: SlipState.WITHDRAWN, 4: SlipState.WITHDRAWN}


def test_a_withheld_tax_changes_from_the_month_after_the_notice(city: CityDeliveries) -> None:
    decide_year()
    party = person_withheld()
    before = dict(WithheldShare.objects.filter(employee_id=party).values_list("charge__instalment_no", "amount_yen"))
    raise_pay(party, 1_200_000)
    release_correction(correction_run(date(2026, 8, 15), AUGUST), AUGUST)
    after = dict(WithheldShare.objects.filter(employee_id=party).values_list("charge__instalment_no", "amount_yen"))
    assert {no: after[no] for no in (1, 2, 3)} == {no: before[no] for no in (1, 2, 3)}
    assert all(after[no] > before[no] for no in range(4, 13))
    assert prove_ledger().is_ok


def test_a_correction_that_changes_nothing_makes_no_version(city: CityDeliveries) -> None:
    decide_year()
    party = person_billed()
    raise_pay(party, 0)
    run = correction_run(date(2026, 8, 15), AUGUST)
    assert ResidentResult.objects.filter(run=run).count() == 0
    assert release_correction(run, AUGUST) == {"決定": 0, "増額": 0, "減額": 0}
    assert decision_history(party).count() == decision_history(party).filter(run__state="released").count()


def test_a_paper_taken_from_the_wrong_person_brings_his_correction_too(city: CityDeliveries) -> None:
    decide_year()
    party = person_billed()
    paper = SourceDocument.objects.filter(party_id=party, kind="wage", state="active")[0]
    with on(date(2026, 8, 11)):
        match_undo(paper.pk, actor_id="1001", reason="同姓同名の別人の資料")
    run = correction_run(date(2026, 8, 15), AUGUST)
    assert list(ResidentResult.objects.filter(run=run).values_list("party_id", "annual_tax_yen")) == [(party, 0)]
    release_correction(run, AUGUST)
    assert in_books(party) == 0
    assert prove_ledger().is_ok


def test_the_citys_corrected_files_of_august_are_worked_through_and_nobody_is_corrected_twice(
    city: CityDeliveries,
) -> None:
    decide_year()
    take_in(city.corrected_files())
    run = correction_run(date(2026, 8, 15), AUGUST)
    counts = release_correction(run, AUGUST)
    assert counts["決定"] > 0
    current = {one.party_id: one.annual_yen for one in Decision.objects.filter(tax_year=2026).order_by("version")}
    assert sum(current.values()) == Charge.objects.aggregate(total=Sum("amount_yen"))["total"]
    assert prove_ledger().is_ok
    with on(AUGUST):
        again = corrections.correction_release_chunk(
            run, list(current), first_no=9_000, released_by="S-CHIEF", city_code=CITY_CODE
        )
    assert again["決定"] == 0
    september = correction_run(date(2026, 9, 15), date(2026, 9, 17))
    assert ResidentResult.objects.filter(run=september).count() == 0


def test_whoever_asked_for_the_correction_cannot_release_it(city: CityDeliveries) -> None:
    decide_year()
    raise_pay(person_billed(), 1_000_000)
    run = correction_run(date(2026, 8, 15), AUGUST)
    with pytest.raises(RunNotReady, match="起案者本人"):
        release_correction(run, AUGUST, by="S-CLERK")
    assert Decision.objects.filter(run=run).count() == 0
