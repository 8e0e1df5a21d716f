"""Last year comes over from the former system: kept as it was, computed again, differences listed, not levied."""

from datetime import date

import pytest
from django.db.models import Sum

from addressbook.models import Party, PartyVersion
from assessment.decisions.selectors import standing_decisions
from assessment.errors import RunNotReady
from assessment.models import AssessmentRun, Decision, ResidentFacts, RunKind, TakenOverFigures
from assessment.resident.comparison_checks import YearOnYear
from assessment.resident.comparison_selectors import comparison_summary
from assessment.resident.runs import run_computed, run_released
from assessment.resident.takeover import (
    difference_list,
    takeover_counts,
    takeover_decide,
    takeover_lines,
    takeover_open,
)
from collection.models import Charge
from taxsys.city.deliveries import CityDeliveries
from taxsys.city.legacy import LAYOUT, legacy_file
from taxsys.platform.files import layouts
from taxsys.platform.outbox.models import OutboxMessage
from tests.assessment.change.test_comparison import compare
from tests.assessment.runs.test_initial_runs import CITY_CODE, on, run_through

DAY = date(2026, 4, 24)


def lines_of(city: CityDeliveries) -> list[dict[str, object]]:
    content = legacy_file(city.economy, arrives_on=DAY).content
    return [record.values for record in layouts.get(LAYOUT).parse(content).records]


@pytest.fixture
def taken_over(city: CityDeliveries) -> AssessmentRun:
    with on(DAY):
        run = takeover_open(tax_year=2025, requested_by="S-CLERK", city_code=CITY_CODE)
        counts, unknown = takeover_lines(run, lines_of(city), city_code=CITY_CODE)
        assert unknown == []
        assert counts["移行"] == len(lines_of(city)) > 100
        run_computed(run)
    return run


def decide(run: AssessmentRun) -> None:
    with on(DAY):
        takeover_decide(run, released_by="S-CHIEF")
        run_released(run, released_by="S-CHIEF")


@pytest.mark.req("R-019")
def test_taken_over_lines_become_standing_decisions_of_last_year_without_a_levy(taken_over: AssessmentRun) -> None:
    decide(taken_over)
    standing = standing_decisions(tax_year=2025)
    printed = TakenOverFigures.objects.aggregate(total=Sum("annual_tax_yen"))["total"]
    assert standing.aggregate(total=Sum("annual_yen"))["total"] == printed > 1_000_000
    assert set(standing.values_list("cause", "version", "run__kind")) == {("taken_over", 1, RunKind.TAKEN_OVER)}
    assert Charge.objects.count() == 0
    assert OutboxMessage.objects.filter(topic="copy.changed").count() == 0


def test_the_parallel_run_lists_each_line_that_the_rules_compute_otherwise(
    city: CityDeliveries, taken_over: AssessmentRun
) -> None:
    # Given: the former system printed 300 yen too much on one line.
    line = dict(lines_of(city)[0])
    before = takeover_counts(taken_over)["differing"]
    line["legacy_annual_tax_yen"] = int(str(line["legacy_annual_tax_yen"])) + 300
    with on(DAY):
        takeover_lines(taken_over, [line], city_code=CITY_CODE)
    assert takeover_counts(taken_over)["differing"] == before + 1
    text = difference_list(taken_over).decode("utf-8-sig")
    assert f"{line['person_no']},{line['notice_no']}" in text
    assert text.count("\r\n") == before + 2
    assert str(line["name"]) not in text


def test_somebody_gone_since_is_registered_in_the_state_he_left_in(taken_over: AssessmentRun) -> None:
    gone = Party.objects.filter(person_no__startswith="R9")
    assert gone.count() == 3
    assert set(gone.values_list("state", flat=True)) <= {"moved_out", "dead"}
    assert PartyVersion.objects.filter(party__in=gone, superseded_at__isnull=True).count() == 6


def test_a_resident_whom_the_register_does_not_know_is_set_aside(
    city: CityDeliveries, taken_over: AssessmentRun
) -> None:
    line = dict(lines_of(city)[0]) | {"person_no": "R00000000099999"}
    with on(DAY):
        counts, unknown = takeover_lines(taken_over, [line], city_code=CITY_CODE)
    assert (counts["移行"], unknown) == (0, ["R00000000099999"])


def test_taking_the_same_lines_again_doubles_nothing(city: CityDeliveries, taken_over: AssessmentRun) -> None:
    before = (ResidentFacts.objects.filter(run=taken_over).count(), Party.objects.count())
    with on(DAY):
        takeover_lines(taken_over, lines_of(city), city_code=CITY_CODE)
    assert (ResidentFacts.objects.filter(run=taken_over).count(), Party.objects.count()) == before
    decide(taken_over)
    with on(DAY):
        assert takeover_decide(taken_over, released_by="S-CHIEF") == {"決定": 0}
        with pytest.raises(RunNotReady, match="既に決定"):
            takeover_open(tax_year=2025, requested_by="S-CLERK", city_code=CITY_CODE)


def test_whoever_took_it_over_cannot_decide_it(taken_over: AssessmentRun) -> None:
    with pytest.raises(RunNotReady, match="起案者本人"):
        takeover_decide(taken_over, released_by="S-CLERK")
    assert Decision.objects.count() == 0


@pytest.mark.req("R-016")
def test_this_years_run_explains_every_yen_against_the_taken_over_year(taken_over: AssessmentRun) -> None:
    decide(taken_over)
    run = run_through(RunKind.INITIAL_ORDINARY, date(2026, 6, 1), date(2026, 6, 3))
    compare(run)
    summary = comparison_summary(run.pk)
    assert summary.unexplained_people == 0
    assert summary.people["new"] > 0
    assert summary.people["vanished_left"] == 3
    reasons = {reason.code for reason in summary.reasons}
    assert {"law", "salary", "pension", "insurance", "family", "new", "vanished"} <= reasons
    assert summary.difference_yen == sum(reason.yen for reason in summary.reasons)
    assert next(iter(YearOnYear()(run))).ok
