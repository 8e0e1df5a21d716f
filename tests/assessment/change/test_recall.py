"""A released run is recalled: one act by two people, the books back to zero, the record complete, and run anew."""

from datetime import date
from uuid import UUID

import pytest
from django.db.models import Sum
from django.test import Client

from assessment.decisions.recall import RecallRefused, recall_propose, recall_scope, run_recall
from assessment.decisions.selectors import standing_decision_of, standing_decisions
from assessment.models import AssessmentRun, Decision, Finding, ResidentResult, RunKind, RunRecall, RunState
from assessment.permissions import PROPOSE_RECALL, RELEASE_ASSESSMENT
from assessment.resident.comparison_checks import YearOnYear
from assessment.resident.rules.pipeline import resident_law
from collection.models import Charge, ChargeState, Overpayment, Slip, SlipState
from collection.selectors.proofs import prove_ledger
from collection.services.receipts import counter_payment_post
from collection.services.slips import SlipRequest, slip_issue_many
from taxsys.city.deliveries import CityDeliveries
from taxsys.kernel.rates import Rate
from taxsys.params.model import ParameterSet
from taxsys.platform import clock
from taxsys.platform.approvals.effects import Effect, effect_of, effect_run
from taxsys.platform.approvals.errors import ContentChanged, OwnProposal
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.permissions import DECIDE
from taxsys.platform.approvals.services import approval_decide
from taxsys.platform.jobs.models import RunState as JobState
from taxsys.platform.jobs.services import job_run_inline
from taxsys.platform.outbox.models import OutboxMessage
from taxsys.platform.printing.models import PackageState, PrintItem, PrintPackage, PrintSubject
from tests.assessment.change.conftest import decide_last_year
from tests.assessment.change.decided import correction_run, decide_year, release_correction
from tests.assessment.change.test_comparison import compare
from tests.assessment.change.test_corrections import in_books, person_billed, raise_pay
from tests.assessment.runs.test_initial_runs import on, release, run_through
from tests.platform.actors import officer, sign_in

JUNE = date(2026, 6, 10)


def recalled(run: AssessmentRun, day: date = JUNE, **dues: str) -> RunRecall:
    with on(day):
        return run_recall(
            run.pk, reason_ja="税率の設定誤り",
            new_due_dates={key.replace("_", ":"): text for key, text in dues.items()},
            proposed_by="S-CLERK", approved_by="S-CHIEF",
        )  # fmt: skip


def package_of(run: AssessmentRun, *, state: str) -> PrintPackage:
    """A print package that tells the decisions of the run, in the state given."""
    package = PrintPackage.objects.create(
        kind="tax_notice", business_key=f"10:2026:{run.pk}", title_ja="納税通知書", built_by="S-CLERK",
        released_by="S-CHIEF", state=state, posted_on=JUNE if state == PackageState.MAILED else None,
    )  # fmt: skip
    for number, one in enumerate(run.decisions.order_by("notice_no"), start=1):
        item = PrintItem.objects.create(
            package=package, part_no=1, batch="bulk", seq=number, item_key=one.notice_no, person_no=f"R{number:014d}",
            notice_no=one.notice_no, mail_kind="0", pages=1, first_page=number,
        )  # fmt: skip
        PrintSubject.objects.create(
            package=package, item=item, subject_key=str(one.party_id), reference=f"{one.notice_no}:{one.version}"
        )
    return package


@pytest.mark.req("R-019")
@pytest.mark.parametrize("state", [PackageState.RELEASED, PackageState.MAILED])
def test_a_recall_takes_back_levies_slips_paper_and_copies(city: CityDeliveries, state: str) -> None:
    _, ordinary = decide_year()
    mine = Charge.objects.filter(
        source_ref__in=[f"decision:{p}:2026" for p in ordinary.decisions.values_list("party_id", flat=True)]
    )
    slip_issue_many([SlipRequest((c.pk,), date(2027, 5, 31)) for c in mine.filter(method="ordinary")], issued_on=JUNE)
    package = package_of(ordinary, state=state)
    recall = recalled(ordinary)
    ordinary.refresh_from_db()
    assert ordinary.state == RunState.RECALLED
    assert recall.was_mailed == (state == PackageState.MAILED)
    assert Decision.objects.filter(run=ordinary).count() == recall.counts["people"] > 20
    assert not standing_decisions(tax_year=2026).filter(run=ordinary).exists()
    assert set(Slip.objects.values_list("state", flat=True)) == {SlipState.WITHDRAWN}
    package.refresh_from_db()
    assert (package.state, recall.counts["packages"]) == (PackageState.RECALLED, [package.pk])
    told = OutboxMessage.objects.filter(topic="copy.changed", dedupe_key__endswith=":recalled")
    assert told.count() == recall.counts["people"]
    standing = standing_decisions(tax_year=2026).aggregate(yen=Sum("annual_yen"))["yen"]
    assert standing == Charge.objects.aggregate(yen=Sum("amount_yen"))["yen"]
    assert prove_ledger().is_ok


def test_what_was_paid_before_the_recall_becomes_an_overpayment(city: CityDeliveries) -> None:
    _, ordinary = decide_year()
    party = ordinary.decisions.filter(version=1, annual_yen__gt=0).order_by("party__person_no")[0].party_id
    charge = Charge.objects.filter(party_id=party, method="ordinary", amount_yen__gt=0).order_by("instalment_no")[0]
    counter_payment_post(
        till_key="till-1", charge_key=f"10|2026|2026|ordinary|{charge.notice_no}|{charge.instalment_no}",
        amount_yen=charge.amount_yen, paid_on=date(2026, 6, 9), actor="S-2001",
    )  # fmt: skip
    recalled(ordinary)
    assert Overpayment.objects.get(party_id=party).remaining_yen == charge.amount_yen
    charge.refresh_from_db()
    assert (charge.amount_yen, charge.state) == (0, ChargeState.WITHDRAWN)
    assert prove_ledger().is_ok


def test_the_run_anew_decides_everybody_again_with_the_new_due_dates(city: CityDeliveries) -> None:
    _, ordinary = decide_year()
    before = {one.party_id: one for one in ordinary.decisions.all()}
    recalled(ordinary, ordinary_1="2026-07-31")
    anew = run_through(RunKind.INITIAL_ORDINARY, date(2026, 6, 12), date(2026, 6, 15))
    release(anew, date(2026, 6, 16))
    again = {one.party_id: one for one in anew.decisions.all()}
    assert set(again) == set(before)
    firsts = [party for party, one in before.items() if one.version == 1]
    first = firsts[0]
    assert (again[first].version, again[first].notice_no) == (2, before[first].notice_no)
    assert again[first].cause == "initial"
    june = Charge.objects.filter(party_id__in=firsts, method="ordinary", instalment_no=1, amount_yen__gt=0)
    assert set(june.values_list("due_on", flat=True)) == {date(2026, 7, 31)}
    standing = standing_decisions(tax_year=2026).aggregate(yen=Sum("annual_yen"))["yen"]
    assert standing == Charge.objects.aggregate(yen=Sum("amount_yen"))["yen"]
    assert prove_ledger().is_ok


def test_people_with_an_earlier_decision_go_back_to_it(city: CityDeliveries) -> None:
    decide_year()
    party = person_billed()
    before = standing_decision_of(party, tax_year=2026)
    instalments = dict(Charge.objects.filter(party_id=party).values_list("instalment_no", "amount_yen"))
    raise_pay(party, 1_000_000)
    run = correction_run(date(2026, 8, 15), date(2026, 8, 17))
    release_correction(run, date(2026, 8, 17))
    recalled(run, date(2026, 8, 20))
    assert standing_decision_of(party, tax_year=2026) == before
    after = Charge.objects.filter(party_id=party, amount_yen__gt=0)
    assert dict(after.values_list("instalment_no", "amount_yen")) == instalments
    assert before is not None
    assert in_books(party) == before.annual_yen
    assert prove_ledger().is_ok


def test_a_run_whose_people_were_decided_on_again_is_recalled_last(city: CityDeliveries) -> None:
    _, ordinary = decide_year()
    raise_pay(_party_of(ordinary), 1_000_000)
    later = correction_run(date(2026, 8, 15), date(2026, 8, 17))
    release_correction(later, date(2026, 8, 17))
    with pytest.raises(RecallRefused, match="後の計算を先に"):
        recalled(ordinary, date(2026, 8, 20))
    recalled(later, date(2026, 8, 20))
    recalled(ordinary, date(2026, 8, 20))
    assert prove_ledger().is_ok


def _party_of(run: AssessmentRun) -> UUID:
    party = person_billed()
    assert run.decisions.filter(party_id=party).exists()
    return party


def test_a_recall_happens_once_and_an_unreleased_run_has_nothing_to_recall(city: CityDeliveries) -> None:
    _, ordinary = decide_year()
    recalled(ordinary)
    before = (Charge.objects.count(), OutboxMessage.objects.count(), RunRecall.objects.count())
    with pytest.raises(RecallRefused, match="撤回済"):
        recalled(ordinary)
    assert (Charge.objects.count(), OutboxMessage.objects.count(), RunRecall.objects.count()) == before


def test_a_failure_in_the_middle_leaves_everything_as_it_was(
    city: CityDeliveries, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, ordinary = decide_year()
    package = package_of(ordinary, state=PackageState.RELEASED)
    total = Charge.objects.aggregate(yen=Sum("amount_yen"))["yen"]

    def killed(*_args: object, **_kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("assessment.decisions.recall.package_recall", killed)
    with pytest.raises(KeyboardInterrupt):
        recalled(ordinary)
    monkeypatch.undo()
    package.refresh_from_db()
    ordinary.refresh_from_db()
    assert (ordinary.state, package.state) == (RunState.RELEASED, PackageState.RELEASED)
    assert Charge.objects.aggregate(yen=Sum("amount_yen"))["yen"] == total
    assert recalled(ordinary).counts["packages"] == [package.pk]
    assert prove_ledger().is_ok


@pytest.mark.req("R-207")
def test_nobody_approves_his_own_recall_and_approval_is_the_recall(city: CityDeliveries) -> None:
    _, ordinary = decide_year()
    clerk = officer("5001", permissions=[PROPOSE_RECALL])
    chief = officer("5002", permissions=[PROPOSE_RECALL, RELEASE_ASSESSMENT, DECIDE])
    with on(JUNE):
        own = recall_propose(ordinary, actor=chief, reason_ja="誤り", new_due_dates={})
        with pytest.raises(OwnProposal):
            approval_decide(own.pk, decision="approve", actor=chief, seen_hash=own.content_hash)
        approval_decide(
            own.pk, decision="reject", actor=officer("5003", permissions=[RELEASE_ASSESSMENT, DECIDE]), reason="別件"
        )
        asked = recall_propose(ordinary, actor=clerk, reason_ja="税率の設定誤り", new_due_dates={})
        approval_decide(asked.pk, decision="approve", actor=chief, seen_hash=asked.content_hash)
        assert not RunRecall.objects.exists()
        waiting = effect_run(asked)
        assert waiting is not None
        assert effect_of(Approval.objects.get(pk=asked.pk)) == Effect("処理中", "caution", waiting.pk)
        assert job_run_inline(waiting.pk).state == JobState.FINISHED
        assert effect_of(Approval.objects.get(pk=asked.pk)) == Effect("発効済み", "done", waiting.pk)
    recall = RunRecall.objects.get(run=ordinary)
    assert (recall.proposed_by, recall.approved_by, recall.reason_ja) == ("5001", "5002", "税率の設定誤り")


def test_an_approver_never_recalls_more_than_he_saw(city: CityDeliveries) -> None:
    _, ordinary = decide_year()
    clerk = officer("5001", permissions=[PROPOSE_RECALL])
    chief = officer("5002", permissions=[RELEASE_ASSESSMENT, DECIDE])
    with on(JUNE):
        asked = recall_propose(ordinary, actor=clerk, reason_ja="誤り", new_due_dates={})
        package_of(ordinary, state=PackageState.MAILED)
        with pytest.raises(ContentChanged, match="起案し直し"):
            approval_decide(asked.pk, decision="approve", actor=chief, seen_hash=asked.content_hash)
    ordinary.refresh_from_db()
    assert ordinary.state == RunState.RELEASED


def test_a_due_date_on_a_holiday_is_refused_at_the_screen(city: CityDeliveries, client: Client) -> None:
    _, ordinary = decide_year()
    clerk = officer("5001", permissions=[PROPOSE_RECALL])
    with clock.at(JUNE):
        sign_in(client, clerk)
        page = client.get(f"/assessment/runs/{ordinary.pk}/recall")
        assert f"{recall_scope(ordinary).people}人" in page.content.decode()
        answer = client.post(f"/assessment/runs/{ordinary.pk}/recall", {"reason": "誤り", "due_1": "R8.7.4"})
        assert answer.status_code == 422
        assert "開庁日" in answer.content.decode()
        answer = client.post(f"/assessment/runs/{ordinary.pk}/recall", {"reason": "誤り", "due_1": "R8.7.31"})
        assert answer.status_code == 302


@pytest.mark.req("R-019")
def test_a_wrong_parameter_found_after_release_is_recalled_and_run_anew(
    city: CityDeliveries, monkeypatch: pytest.MonkeyPatch
) -> None:
    """I1 (郡山市 2025): a setting is wrong for most of the city; the distribution shows it, recall mends it."""
    right = resident_law

    def mistyped(tax_year: int, city_code: str = "") -> ParameterSet:
        law = right(tax_year, city_code)
        return law.overlay({"resident.rate.city": Rate(7, 100)}) if tax_year == 2026 else law

    for module in ("runs.opening", "comparison"):
        monkeypatch.setattr(f"assessment.resident.{module}.resident_law", mistyped)
    # Its reviewers overlooked it too.
    monkeypatch.setattr("assessment.resident.runs.opening.law_refusal_ja", lambda law, code: "")
    run = run_through(RunKind.INITIAL_ORDINARY, date(2026, 6, 1), date(2026, 6, 3))
    decide_last_year(run, lambda _number, facts: facts)
    compare(run)
    assert [gate.ok for gate in YearOnYear()(run)] == [True, True]
    seen = Finding.objects.filter(run=run, check_id="year_distribution").values_list("message_ja", flat=True)
    assert any("税制改正だけで税額が動く者" in message for message in seen)
    release(run, date(2026, 6, 5))
    monkeypatch.undo()
    recalled(run, ordinary_1="2026-07-31")
    anew = run_through(RunKind.INITIAL_ORDINARY, date(2026, 6, 1), date(2026, 6, 15))
    compare(anew)
    assert next(iter(YearOnYear()(anew))).ok
    assert not Finding.objects.filter(run=anew, check_id="year_distribution", message_ja__contains="総額").exists()
    release(anew, date(2026, 6, 16))
    assert anew.decisions.count() == run.decisions.count()
    assert anew.parameter_hash == right(2026, "012041").hash != run.parameter_hash
    total = standing_decisions(tax_year=2026).aggregate(yen=Sum("annual_yen"))["yen"]
    assert total == ResidentResult.objects.filter(run=anew).aggregate(yen=Sum("annual_tax_yen"))["yen"]
    assert total == Charge.objects.aggregate(yen=Sum("amount_yen"))["yen"]
    assert total < run.decisions.aggregate(yen=Sum("annual_yen"))["yen"]
    assert prove_ledger().is_ok
