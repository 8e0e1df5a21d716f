"""減免: planned from the books, decided by two, posted as a difference, kept in corrections, ended by revocation."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db.models import Sum

from addressbook.models import Party
from assessment.amendments.errors import AmendmentRefused
from assessment.amendments.models import Relief, ReliefState
from assessment.amendments.relief_law import relief_grounds
from assessment.amendments.relief_proposals import application_propose, relief_propose
from assessment.amendments.reliefs import ReliefDraft, relief_lines, relief_receive, relief_withdraw
from assessment.amendments.rules.remissions import Grade, Ground, Levies, Place, places_reached, remissions, total
from assessment.decisions.recall import run_recall
from assessment.decisions.selectors import standing_decision_of
from assessment.models import AssessmentRun, Decision, LevyChange, ResidentFacts, ResidentResult
from assessment.resident.notices.calculation_sheet import calculation_sheet
from assessment.resident.notices.reasons import reason_line
from assessment.resident.rules.remitted import fitted_yen
from collection.models import Charge, Overpayment
from collection.selectors.proofs import prove_ledger
from taxsys.kernel.rates import Rate
from taxsys.platform import clock
from taxsys.platform.approvals.errors import ProposalVoid
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import approval_decide
from taxsys.platform.audit.context import using
from tests.addressbook.conftest import full_context
from tests.assessment.amendments.scene import decide, resident_of_years, tax_return
from tests.assessment.amendments.test_cases import pay_everything, staff
from tests.assessment.change.decided import correction_run, release_correction

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 10)
LEVIES = Levies(103_000, 68_000, 100_000, 67_000)


@pytest.fixture(autouse=True)
def _at_the_desk() -> Iterator[None]:
    with clock.at(TODAY), using(full_context(actor_kind="staff", actor_id="1001")):
        yield


def ground(**changes: Any) -> Ground:
    values: dict[str, Any] = {
        "code": "x", "title_ja": "x", "documents_ja": "", "scope": "remaining", "is_income_only": False,
        "frees_forest": True, "grades": (), **changes,
    }  # fmt: skip
    return Ground(**values)


def place(no: int, due_on: date, *parts: int) -> Place:
    return Place("ordinary", "n", no, due_on, (parts[0], parts[1], parts[2]))


def test_instalments_due_on_or_after_the_day_are_reached() -> None:
    places = [place(1, date(2026, 6, 30), 1, 0, 0), place(2, date(2026, 8, 31), 1, 0, 0)]
    same_day, before = date(2026, 8, 31), date(2026, 6, 1)
    assert places_reached(places, ground(), applied_on=same_day, event_on=None) == places[1:]
    assert places_reached(places, ground(scope="from_event"), applied_on=same_day, event_on=before) == places
    assert places_reached(places, ground(scope="whole"), applied_on=date(2027, 1, 1), event_on=None) == places


@pytest.mark.parametrize(
    ("rate", "changes", "expected"),
    [
        # Everything: not a yen is cut, the forest tax goes with it.
        ("1/1", {}, (50_100, 33_350, 1_000)),
        # A half: each of city and prefecture cut to 100 yen, the forest tax stays.
        ("1/2", {}, (25_000, 16_600, 0)),
        # Income levy only: 100,000 of 103,000 and 67,000 of 68,000.
        ("1/2", {"is_income_only": True}, (24_300, 16_400, 0)),
        ("1/1", {"frees_forest": False}, (50_100, 33_350, 0)),
    ],
)
def test_a_remission_by_part(rate: str, changes: dict[str, Any], expected: tuple[int, int, int]) -> None:
    reached = [place(3, date(2026, 10, 31), 25_050, 16_675, 500), place(4, date(2027, 1, 31), 25_050, 16_675, 500)]
    rows = remissions(reached, ground(**changes), Grade("x", "x", Rate.parse(rate)), LEVIES, unit_yen=100)
    assert total(rows) == expected
    assert all(0 <= part <= whole for row in rows for part, whole in zip(row.parts, row.place.parts, strict=True))


def test_the_ordinance_table_is_whole() -> None:
    grounds = relief_grounds()
    assert list(grounds) == [
        "public_aid", "disaster_person", "disaster_house", "unemployment", "student", "death", "other",
    ]  # fmt: skip
    assert all(0 < grade.rate.num <= grade.rate.den for one in grounds.values() for grade in one.grades)


def billed(no: int = 1, income: int = 4_000_000) -> Party:
    party = resident_of_years(no, (2026,))
    tax_return(party, 2026, business_income_yen=income)
    decide(2026)
    return party


def received(party: Party, **changes: Any) -> Relief:
    values: dict[str, Any] = {
        "party_id": party.pk, "tax_year": 2026, "choice": "public_aid:all", "applied_on": TODAY,
        "documents_ja": "生活保護決定通知書", **changes,
    }  # fmt: skip
    return relief_receive(ReliefDraft(**values), actor_id="1001")


def approved(relief: Relief, act: str, **more: Any) -> Approval:
    approval = relief_propose(relief.pk, act=act, reason_ja=more.pop("reason_ja", ""), actor=staff("1001"), **more)
    approval = approval_decide(approval.pk, decision="approve", actor=staff("1002"), seen_hash=approval.content_hash)
    relief.refresh_from_db()
    return approval


def books(party: Party) -> dict[int, int]:
    return dict(Charge.objects.filter(party=party).values_list("instalment_no", "amount_yen"))


@pytest.mark.req("R-173")
@pytest.mark.req("R-103")
def test_a_granted_remission_takes_the_instalments_to_come_and_nothing_else() -> None:
    party = billed()
    before, first = books(party), standing_decision_of(party.pk, tax_year=2026)
    assert first is not None
    relief = received(party)
    assert relief.relief_no == "G2026-00001"
    approved(relief, "grant")
    assert relief.state == ReliefState.GRANTED
    assert relief.total_yen == before[3] + before[4]
    assert books(party) == {1: before[1], 2: before[2], 3: 0, 4: 0}
    now = standing_decision_of(party.pk, tax_year=2026)
    assert now is not None
    assert (now.version, now.cause, now.annual_yen) == (2, "relief", first.annual_yen - relief.total_yen)
    assert (relief.version, relief.decided_by, relief.received_by) == (2, "1002", "1001")
    assert now.reason_ja == "減免(生活保護を受けることになった・全額、令和8年9月10日申請、G2026-00001)"
    line = reason_line(cause=now.cause, reason_ja=now.reason_ja, tax_year=2026, told=None, now=None)
    assert line.endswith("減免の決定により税額を変更したものです。")
    facts = ResidentFacts.objects.values("relief_city_yen", "relief_prefecture_yen", "relief_forest_yen").get(
        run=now.run
    )
    assert tuple(facts.values()) == (relief.city_yen, relief.prefecture_yen, relief.forest_yen)
    assert LevyChange.objects.filter(run=now.run).count() == 2
    assert prove_ledger().is_ok


def test_what_was_paid_ahead_comes_back_as_an_overpayment() -> None:
    party = billed()
    pay_everything(party)
    relief = received(party)
    approved(relief, "grant")
    surplus = Overpayment.objects.filter(party=party).aggregate(yen=Sum("remaining_yen"))["yen"]
    assert surplus == relief.total_yen > 0
    assert prove_ledger().is_ok


def test_a_later_correction_keeps_the_remission() -> None:
    party = billed()
    relief = received(party, choice="unemployment:half_200")
    approved(relief, "grant")
    before = standing_decision_of(party.pk, tax_year=2026)
    tax_return(party, 2026, arrived_on=date(2026, 10, 5), business_income_yen=4_500_000)
    run = correction_run(date(2026, 10, 9), date(2026, 10, 9))
    release_correction(run, date(2026, 10, 9))
    now = standing_decision_of(party.pk, tax_year=2026)
    assert before is not None
    assert now is not None
    assert (now.version, now.cause) == (3, "correction")
    assert now.annual_yen == before.annual_yen + 50_000
    kept = ResidentFacts.objects.values_list("relief_city_yen", "relief_prefecture_yen").get(run=run, party=party)
    assert kept == (relief.city_yen, relief.prefecture_yen)
    assert sum(books(party).values()) == now.annual_yen
    assert prove_ledger().is_ok


def test_years_of_one_application_are_received_together_and_each_is_decided_by_itself() -> None:
    party = resident_of_years(1, (2025, 2026))
    for year in (2025, 2026):
        tax_return(party, year, business_income_yen=4_000_000)
        decide(year)
    # A year without a decision refuses the whole application.
    with pytest.raises(AmendmentRefused, match="賦課決定がありません"):
        received(party, more_years=(2024, 2025))
    assert Relief.objects.count() == 0
    relief = received(party, choice="student:all", tax_year=2026, more_years=(2025, 2026))
    rows = Relief.objects.order_by("tax_year").values_list("tax_year", "relief_no", "application_no", "state")
    assert list(rows) == [
        (2025, "G2026-00001", "G2026-00001", "received"), (2026, "G2026-00002", "G2026-00001", "received"),
    ]  # fmt: skip
    # All instalments of 令和7 were due before the application: the year cannot be granted, so none is proposed.
    with pytest.raises(AmendmentRefused, match="令和7年度: 減免できる期別がありません"):
        application_propose(relief.pk, actor=staff("1001"))
    assert set(Relief.objects.values_list("state", flat=True)) == {"received"}
    Relief.objects.update(ground="disaster_house", grade="half_750", event_on=date(2025, 4, 1))
    proposed = application_propose(relief.pk, actor=staff("1001"))
    assert [one.title_ja for one in proposed] == [
        "住民税の減免 G2026-00001 減免する", "住民税の減免 G2026-00002 減免する",
    ]  # fmt: skip
    for one in proposed:
        approval_decide(one.pk, decision="approve", actor=staff("1002"), seen_hash=one.content_hash)
    # Half of 215,700 and of 142,800: cut to the yen by instalment, then each sum to a hundred yen.
    granted = Relief.objects.order_by("tax_year").values_list("tax_year", "city_yen", "prefecture_yen", "state")
    assert list(granted) == [(2025, 107_800, 71_300, "granted"), (2026, 107_800, 71_300, "granted")]
    assert prove_ledger().is_ok


def facts_of(party: Party) -> tuple[int, int, int]:
    """What is remitted by the decision in force: city, prefecture, forest."""
    now = standing_decision_of(party.pk, tax_year=2026)
    assert now is not None
    row = ResidentFacts.objects.get(run=now.run, party=party)
    return row.relief_city_yen, row.relief_prefecture_yen, row.relief_forest_yen


def corrected(party: Party, income: int, day: date) -> AssessmentRun:
    """A return of another income is decided."""
    tax_return(party, 2026, arrived_on=day, business_income_yen=income)
    run = correction_run(day, day)
    release_correction(run, day)
    return run


def test_a_correction_below_a_standing_remission_remits_its_share_of_what_is_left() -> None:
    party = billed()
    first = ResidentResult.objects.get(party=party)
    # 4,000,000 less 430,000 at 6 % and 4 %, less 2,500 yen of adjustment credit; the two per-capita levies.
    assert (first.city_tax_yen, first.prefectural_tax_yen, first.forest_tax_yen) == (215_700, 142_800, 1_000)
    relief = received(party)
    approved(relief, "grant")
    granted = (relief.city_yen, relief.prefecture_yen, relief.forest_yen)
    run = corrected(party, 1_400_000, date(2026, 10, 5))
    row = ResidentResult.objects.get(run=run, party=party)
    assert row.stop_code == ""
    # 970,000 at the same rates: less tax than was remitted.
    city, prefecture = 59_700, 38_800
    assert (row.income_levy_city_yen + row.per_capita_city_yen, row.income_levy_prefecture_yen
            + row.per_capita_prefecture_yen) == (city, prefecture)  # fmt: skip
    assert granted[0] > city
    left = (granted[0] * city // 215_700, granted[1] * prefecture // 142_800, granted[2])
    assert facts_of(party) == left
    now = standing_decision_of(party.pk, tax_year=2026)
    assert now is not None
    assert now.annual_yen == city + prefecture + 1_000 - sum(left) == sum(books(party).values())
    assert now.reason_ja == (
        "課税資料の追加・訂正: 所得税確定申告書。税額の変更に伴い、減免額を"
        f"{sum(granted):,}円から{sum(left):,}円に改めました"
    )
    assert now.reason_ja in reason_line(cause=now.cause, reason_ja=now.reason_ja, tax_year=2026, told=None, now=None)
    sheet = calculation_sheet(ResidentFacts.objects.get(run=run, party=party), row)
    assert sheet.city["remission"] == left[0]
    # What was granted stays on record, and counts again when the tax rises back.
    relief.refresh_from_db()
    assert (relief.city_yen, relief.prefecture_yen, relief.forest_yen) == granted
    corrected(party, 4_000_000, date(2026, 10, 20))
    assert facts_of(party) == granted
    assert prove_ledger().is_ok


def test_a_remission_of_a_tax_that_is_gone_is_nothing_and_its_revocation_changes_no_tax() -> None:
    party = billed()
    relief = received(party)
    approved(relief, "grant")
    with clock.at(date(2026, 10, 5)):
        corrected(party, 0, date(2026, 10, 5))
        assert facts_of(party) == (0, 0, 0)
        assert sum(books(party).values()) == 0
        versions = Decision.objects.filter(party=party).count()
        approved(relief, "revoke", reason_ja="保護の廃止", revoke_from=date(2026, 10, 1))
    assert (relief.state, relief.total_yen) == ("revoked", 0)
    assert Decision.objects.filter(party=party).count() == versions
    assert prove_ledger().is_ok


def test_a_revocation_after_a_lowering_asks_for_what_is_left_of_the_tax() -> None:
    party = billed()
    relief = received(party)
    approved(relief, "grant")
    with clock.at(date(2026, 10, 5)):
        corrected(party, 1_400_000, date(2026, 10, 5))
        approved(relief, "revoke", reason_ja="保護の廃止", revoke_from=date(2026, 10, 1))
    now = standing_decision_of(party.pk, tax_year=2026)
    assert now is not None
    assert (now.cause, now.annual_yen) == ("relief_ended", 59_700 + 38_800 + 1_000)
    assert facts_of(party) == (0, 0, 0)
    assert prove_ledger().is_ok


@pytest.mark.parametrize(
    ("granted", "then", "now", "left"),
    [(50_000, 100_000, 40_000, 20_000), (50_000, 100_000, 130_000, 50_000), (33_333, 99_999, 10_000, 3_333),
     (100, 100, 0, 0)],
)  # fmt: skip
def test_the_share_that_stays_remitted_is_cut_to_the_yen(granted: int, then: int, now: int, left: int) -> None:
    assert fitted_yen(granted, then, now) == left


def test_a_revoked_remission_is_owed_again_from_its_day_on() -> None:
    party = billed()
    before = books(party)
    relief = received(party)
    approved(relief, "grant")
    with clock.at(date(2026, 11, 20)):
        approved(relief, "revoke", reason_ja="保護の廃止", revoke_from=date(2026, 11, 1))
        assert relief.state == ReliefState.REVOKED
        # The third instalment (2 November) falls due after it and is asked for with the fourth, the next still open.
        assert relief.total_yen == 0
        assert sum(books(party).values()) == sum(before.values())
        now = standing_decision_of(party.pk, tax_year=2026)
        assert now is not None
        assert (now.version, now.cause) == (3, "relief_ended")
        assert now.reason_ja == "減免の取消(令和8年11月1日から): 保護の廃止(G2026-00001)"
        assert prove_ledger().is_ok


def test_a_revocation_leaves_what_fell_due_before_it() -> None:
    party = billed()
    before = books(party)
    relief = received(party)
    approved(relief, "grant")
    with clock.at(date(2026, 12, 1)):
        approved(relief, "revoke", reason_ja="保護の廃止", revoke_from=date(2026, 12, 1))
        assert relief.total_yen == before[3]
        assert books(party) == {1: before[1], 2: before[2], 3: 0, 4: before[4]}


def test_a_refusal_has_its_reason_and_changes_no_tax() -> None:
    party = billed()
    before = books(party)
    relief = received(party, choice="other:whole")
    with pytest.raises(AmendmentRefused, match="理由を入力"):
        relief_propose(relief.pk, act="refuse", reason_ja=" ", actor=staff("1001"))
    approved(relief, "refuse", reason_ja="収入が基準を超えるため")
    assert (relief.state, relief.act_reason_ja) == ("refused", "収入が基準を超えるため")
    assert books(party) == before
    assert standing_decision_of(party.pk, tax_year=2026).version == 1  # type: ignore[union-attr]


def test_a_recalled_grant_waits_again_and_the_instalments_are_back() -> None:
    party = billed()
    before = books(party)
    relief = received(party)
    approved(relief, "grant")
    run = standing_decision_of(party.pk, tax_year=2026).run  # type: ignore[union-attr]
    run_recall(run.pk, reason_ja="誤り", new_due_dates={}, proposed_by="1001", approved_by="1002")
    relief.refresh_from_db()
    assert (relief.state, relief.total_yen, relief.version) == ("received", 0, None)
    assert books(party) == before
    approved(relief, "grant")
    assert relief.version == 3
    assert books(party)[4] == 0
    assert prove_ledger().is_ok


def test_a_recalled_revocation_leaves_the_remission_standing() -> None:
    party = billed()
    relief = received(party)
    approved(relief, "grant")
    granted = relief.total_yen
    approved(relief, "revoke", reason_ja="保護の廃止", revoke_from=TODAY)
    run = standing_decision_of(party.pk, tax_year=2026).run  # type: ignore[union-attr]
    run_recall(run.pk, reason_ja="誤り", new_due_dates={}, proposed_by="1001", approved_by="1002")
    relief.refresh_from_db()
    assert (relief.state, relief.total_yen, relief.revoke_from) == ("granted", granted, None)


def test_a_tax_that_moved_meanwhile_voids_the_proposal() -> None:
    party = billed()
    relief = received(party)
    approval = relief_propose(relief.pk, act="grant", reason_ja="", actor=staff("1001"))
    tax_return(party, 2026, arrived_on=date(2026, 9, 10), business_income_yen=3_000_000)
    release_correction(correction_run(TODAY, TODAY), TODAY)
    with pytest.raises(ProposalVoid):
        approval_decide(approval.pk, decision="approve", actor=staff("1002"), seen_hash=approval.content_hash)
    relief.refresh_from_db()
    assert relief.state == ReliefState.RECEIVED
    assert relief_lines(relief)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"choice": "public_aid:none"}, "choice"),
        ({"choice": "nothing"}, "choice"),
        ({"tax_year": 2025}, "tax_year"),
        ({"documents_ja": " "}, "documents_ja"),
        ({"applied_on": date(2026, 9, 11)}, "applied_on"),
        ({"choice": "disaster_house:half_500"}, "event_on"),
        ({"choice": "death:all", "event_on": date(2026, 9, 11)}, "event_on"),
    ],
)
def test_an_application_says_which_box_is_wrong(changes: dict[str, Any], field: str) -> None:
    party = billed()
    with pytest.raises(AmendmentRefused) as refused:
        received(party, **changes)
    assert refused.value.field == field


def test_one_live_application_a_year_and_ground_and_none_for_what_is_past() -> None:
    party = billed()
    relief = received(party)
    with pytest.raises(AmendmentRefused, match="すでにあります"):
        received(party)
    relief_withdraw(relief.pk)
    relief = received(party)
    with clock.at(date(2027, 3, 1)):
        late = received(party, choice="other:whole", applied_on=date(2027, 3, 1))
        with pytest.raises(AmendmentRefused, match="減免できる期別がありません"):
            relief_propose(late.pk, act="grant", reason_ja="", actor=staff("1001"))
    with pytest.raises(AmendmentRefused, match="この起案はできません"):
        relief_propose(relief.pk, act="revoke", reason_ja="x", actor=staff("1001"), revoke_from=TODAY)


def test_the_receiver_decides_nothing_but_may_approve_a_revocation_that_another_proposed() -> None:
    party = billed()
    relief = received(party)
    approval = relief_propose(relief.pk, act="grant", reason_ja="", actor=staff("1003"))
    with pytest.raises(ProposalVoid, match="受け付けた本人"):
        approval_decide(approval.pk, decision="approve", actor=staff("1001"), seen_hash=approval.content_hash)
    relief.refresh_from_db()
    approved(relief, "grant")
    approval = relief_propose(relief.pk, act="revoke", reason_ja="保護の廃止", revoke_from=TODAY, actor=staff("1003"))
    approval_decide(approval.pk, decision="approve", actor=staff("1001"), seen_hash=approval.content_hash)
    relief.refresh_from_db()
    assert relief.state == ReliefState.REVOKED
