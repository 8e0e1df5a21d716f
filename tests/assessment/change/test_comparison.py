"""A run against last year's decisions: every person compared, every yen with a reason, the unlikely ones found."""

from datetime import date
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction

from addressbook.models import Party
from assessment.models import (
    AssessmentRun,
    ComparisonKind,
    Decision,
    Finding,
    ResidentFacts,
    ResidentResult,
    YearComparison,
)
from assessment.resident.comparison import comparison_ranges, run_compare_range
from assessment.resident.comparison_checks import YearOnYear
from assessment.resident.comparison_selectors import (
    comparison_of,
    comparison_rows,
    comparison_summary,
    main_reason,
    reasons_of,
)
from tests.assessment.change.conftest import decide_last_year
from tests.assessment.runs.test_initial_runs import CITY_CODE, on


def compare(run: AssessmentRun) -> None:
    with on(date(2026, 6, 3)):
        for payload in comparison_ranges(run):
            run_compare_range(run, payload, city_code=CITY_CODE)


def raise_pay(number: int, facts: dict[str, int]) -> dict[str, int]:
    """Every third person earned 300,000 yen less last year; the others lived as now."""
    if number % 3 == 0 and facts["salary_receipts_yen"] > 3_000_000:
        return facts | {"salary_receipts_yen": facts["salary_receipts_yen"] - 300_000}
    return facts


def taxed_party(run: AssessmentRun) -> UUID:
    return ResidentResult.objects.filter(run=run, annual_tax_yen__gt=200_000).order_by("party__person_no")[0].party_id


@pytest.mark.req("R-016")
def test_every_difference_of_a_whole_run_has_its_reasons(ordinary_run: AssessmentRun) -> None:
    decide_last_year(ordinary_run, raise_pay)
    compare(ordinary_run)
    rows = list(YearComparison.objects.filter(run=ordinary_run))
    assert len(rows) == ResidentResult.objects.filter(run=ordinary_run, stop_code="").count() > 100
    assert all(sum(part.yen for part in reasons_of(row)) == row.difference_yen for row in rows)
    summary = comparison_summary(ordinary_run.pk)
    assert summary.unexplained_people == 0
    assert summary.difference_yen == summary.now_yen - summary.base_yen == sum(r.yen for r in summary.reasons)
    by_code = {reason.code: reason for reason in summary.reasons}
    assert by_code["salary"].people > 10
    assert by_code["salary"].yen > 0
    assert set(by_code) == {"law", "salary"}
    assert [gate.ok for gate in YearOnYear()(ordinary_run)] == [True, True]


def test_new_and_vanished_taxpayers_are_named_as_such(ordinary_run: AssessmentRun) -> None:
    decided = decide_last_year(ordinary_run, lambda _number, facts: facts)
    silent = ResidentResult.objects.filter(run=ordinary_run, annual_tax_yen__gt=0).order_by("party__person_no")[0]
    # Given: one person decided last year who moved away before 1 January, …
    stranger = Party.objects.create(
        person_no="N00000000000001", kind="2", name="転出　花子", recorded_at=decided.recorded_at
    )
    # … and one who lives here still and of whom no paper came.
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM assessment_residentresult WHERE run_id = %s AND party_id = %s",
            [ordinary_run.pk, silent.party_id],
        )
    Decision.objects.bulk_create([
        Decision(party=stranger, tax_year=2025, version=1, cause="initial", decided_on=date(2025, 6, 3), run=decided,
                 annual_yen=77_000, notice_no="2025-999999", released_by="S-CHIEF", recorded_at=decided.recorded_at)
    ])  # fmt: skip
    compare(ordinary_run)
    gone = comparison_of(ordinary_run.pk, stranger.pk)
    assert gone is not None
    assert (gone.kind, gone.difference_yen) == (ComparisonKind.VANISHED_LEFT, -77_000)
    assert [part.code for part in reasons_of(gone)] == ["vanished"]
    quiet = comparison_of(ordinary_run.pk, silent.party_id)
    assert quiet is not None
    assert quiet.kind == ComparisonKind.VANISHED_NO_PAPERS
    list(YearOnYear()(ordinary_run))
    finding = Finding.objects.get(run=ordinary_run, check_id="year_no_papers")
    assert finding.party_id == silent.party_id
    assert "未申告" in finding.message_ja


def test_a_tax_that_the_rules_of_last_year_do_not_give_is_unexplained_and_stops_the_release(
    ordinary_run: AssessmentRun,
) -> None:
    decided = decide_last_year(ordinary_run, lambda _number, facts: facts)
    # Given: last year's facts of one person are not those that were decided on.
    party = taxed_party(ordinary_run)
    AssessmentRun.objects.filter(pk=decided.pk).update(state="computed", released_by="")
    ResidentFacts.objects.filter(run=decided, party_id=party).update(
        social_insurance_yen=0, salary_receipts_yen=9_000_000
    )
    AssessmentRun.objects.filter(pk=decided.pk).update(state="released", released_by="S-CHIEF")
    compare(ordinary_run)
    first, _ = list(YearOnYear()(ordinary_run))
    assert (first.ok, first.count) == (False, 1)
    finding = Finding.objects.get(run=ordinary_run, check_id="year_unexplained")
    assert (finding.party_id, finding.severity) == (party, "stop")
    row = comparison_of(ordinary_run.pk, party)
    assert row is not None
    assert sum(part.yen for part in reasons_of(row)) == row.difference_yen


@pytest.mark.req("R-016")
def test_a_manifold_tax_is_found_for_review_with_its_main_reason(ordinary_run: AssessmentRun) -> None:
    """I4: an amount entered with a digit too many is seen before it is mailed."""
    party = taxed_party(ordinary_run)
    order = list(
        ResidentFacts.objects.filter(run=ordinary_run).order_by("party__person_no").values_list("party_id", flat=True)
    )

    def tenth_of_pay(number: int, facts: dict[str, int]) -> dict[str, int]:
        if order[number] != party:
            return facts
        return facts | {
            name: facts[name] // 10 for name in ("salary_receipts_yen", "business_income_yen", "pension_receipts_yen")
        }

    decide_last_year(ordinary_run, tenth_of_pay)
    compare(ordinary_run)
    list(YearOnYear()(ordinary_run))
    finding = Finding.objects.get(run=ordinary_run, check_id="year_jump")
    assert finding.party_id == party
    row = comparison_rows(ordinary_run.pk)[0]
    assert row.party_id == party
    reason = main_reason(row)
    assert reason is not None
    assert reason.title_ja in finding.message_ja


def test_comparing_again_changes_nothing_and_released_rows_stay(ordinary_run: AssessmentRun) -> None:
    decide_last_year(ordinary_run, raise_pay)
    compare(ordinary_run)
    before = list(
        YearComparison.objects.order_by("party__person_no").values_list("party_id", "difference_yen", "salary_yen")
    )
    compare(ordinary_run)
    assert before == list(
        YearComparison.objects.order_by("party__person_no").values_list("party_id", "difference_yen", "salary_yen")
    )
    AssessmentRun.objects.filter(pk=ordinary_run.pk).update(state="released", released_by="S-CHIEF")
    with pytest.raises(DatabaseError), transaction.atomic():
        YearComparison.objects.filter(run=ordinary_run).update(law_yen=0)


def test_the_database_refuses_reasons_that_do_not_add_up(ordinary_run: AssessmentRun) -> None:
    party = taxed_party(ordinary_run)
    with pytest.raises(DatabaseError), transaction.atomic():
        YearComparison.objects.create(
            run=ordinary_run, party_id=party, kind="new", base_yen=0, now_yen=100, difference_yen=100, new_yen=99
        )


def test_the_first_year_of_a_city_has_nothing_to_compare_with(ordinary_run: AssessmentRun) -> None:
    assert comparison_ranges(ordinary_run) == []
    first, _ = list(YearOnYear()(ordinary_run))
    assert first.ok
    assert "前年の決定がない" in first.detail_ja
