"""The year to come as a trial: this year's facts a year on, next year's law, never a decision, no value guessed."""

from datetime import date

import numpy as np
import pytest

from assessment.errors import RunNotReady
from assessment.models import AssessmentRun, Decision, ResidentFacts, ResidentResult, RunKind
from assessment.resident import runs, trial
from assessment.resident.comparison_selectors import comparison_summary
from assessment.resident.rules.facts import RESIDENT_FACTS
from assessment.resident.rules.pipeline import resident_law
from assessment.resident.rules.roll_over import rolled_over
from collection.models import Charge
from collection.params import interest_law
from collection.rules.interest_rates import RateMissingError
from collection.rules.late_interest import InterestClaim, late_interest
from taxsys.city.deliveries import CityDeliveries
from taxsys.params.errors import MissingParameterError
from taxsys.platform.jobs.errors import JobRefused
from taxsys.platform.jobs.services import job_release, job_request, job_run_inline
from tests.assessment.change.decided import decide_year
from tests.assessment.change.test_comparison import compare
from tests.assessment.runs.test_initial_runs import CITY_CODE, on
from tests.platform.actors import officer

NOVEMBER = date(2026, 11, 20)


def tried(tax_year: int = 2027) -> AssessmentRun:
    with on(NOVEMBER):
        run = trial.trial_open(tax_year=tax_year, requested_by="S-CLERK", city_code=CITY_CODE)
        for payload in trial.trial_ranges(run):
            trial.trial_range(run, payload, city_code=CITY_CODE)
        runs.run_computed(run)
    return run


def test_ages_of_the_person_move_on_by_a_year() -> None:
    births = np.array(["1961-01-01", "1961-06-30", "1962-01-01", "2009-01-02", "2009-01-03", "NaT"], "datetime64[D]")
    facts = RESIDENT_FACTS.batch({"is_age_65": [0, 0, 0, 0, 0, 1], "is_minor": [0, 0, 0, 1, 1, 1]})
    moved = rolled_over(facts, births, 2027)
    assert moved["is_age_65"].tolist() == [True, True, True, False, False, True]
    assert moved["is_minor"].tolist() == [False, False, False, False, True, True]


@pytest.mark.req("R-016")
def test_a_trial_of_the_next_year_is_computed_compared_and_owes_nobody_anything(city: CityDeliveries) -> None:
    decide_year()
    before = (Decision.objects.count(), Charge.objects.count())
    run = tried()
    people = set(ResidentFacts.objects.filter(run=run).values_list("party_id", flat=True))
    assert people == set(Decision.objects.filter(tax_year=2026).values_list("party_id", flat=True))
    with on(NOVEMBER):
        compare(run)
    summary = comparison_summary(run.pk)
    assert summary.unexplained_people == 0
    assert summary.people["continuing"] == len(people)
    reasons = {reason.code for reason in summary.reasons}
    # Incomes stand still: the law moves the tax, and who grew older.
    assert "law" in reasons
    assert reasons <= {"law", "status", "family"}
    assert (Decision.objects.count(), Charge.objects.count()) == before
    with pytest.raises(RunNotReady, match="試算"):
        runs.run_release_chunk(run, sorted(people), first_no=1, released_by="S-CHIEF")


def test_trying_a_range_again_changes_nothing(city: CityDeliveries) -> None:
    decide_year()
    run = tried()
    rows = list(ResidentResult.objects.filter(run=run).order_by("party_id").values_list("party_id", "annual_tax_yen"))
    with on(NOVEMBER):
        for payload in trial.trial_ranges(run):
            trial.trial_range(run, payload, city_code=CITY_CODE)
    again = ResidentResult.objects.filter(run=run).order_by("party_id").values_list("party_id", "annual_tax_yen")
    assert list(again) == rows


def test_the_trial_job_can_never_be_released(city: CityDeliveries) -> None:
    decide_year()
    clerk, chief = officer("5001", permissions=["assessment.run"]), officer("5002", permissions=["assessment.release"])
    run = job_request("B-PI-13-T", {"tax_year": 2027}, actor=clerk, business_on=NOVEMBER)
    job_run_inline(run.pk, actor=clerk, raise_errors=True)
    run.refresh_from_db()
    assert (run.state, run.is_trial) == ("finished", True)
    with pytest.raises(JobRefused):
        job_release(run.pk, chief, inline=True)
    assert AssessmentRun.objects.get(job_run_id=run.pk).kind == RunKind.TRIAL


def test_a_legal_value_that_is_not_there_stops_the_trial_by_its_name(
    city: CityDeliveries, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide_year()
    law = resident_law(2027, CITY_CODE)
    kept = {key: value for key, value in law.resolved.items() if key != "resident.rate.city"}
    lacking = type(law)(law.name, law.when, kept, {"resident.rate.city": "市民税所得割の税率"})
    monkeypatch.setattr(trial, "law_of", lambda *_args: lacking)
    with pytest.raises(MissingParameterError, match=r"市民税所得割の税率.*2027 分が定められていません"):
        tried()
    assert ResidentResult.objects.filter(run__kind=RunKind.TRIAL).count() == 0


def test_a_year_without_rules_or_without_decisions_before_it_is_refused(city: CityDeliveries) -> None:
    with pytest.raises(RunNotReady, match="2026年度の決定がない"):
        tried()
    with on(NOVEMBER), pytest.raises(LookupError, match="2031 の個人住民税の計算は用意されていません"):
        runs.run_open(
            tax_year=2031, kind=RunKind.TRIAL, documents_until=NOVEMBER, requested_by="S-CLERK", city_code=CITY_CODE
        )


@pytest.mark.parametrize("paid_on", [date(2027, 1, 5), date(2027, 3, 31)])
def test_interest_that_needs_the_unpublished_rate_of_2027_stops_with_a_clear_word(paid_on: date) -> None:
    """令和9年の割合は令和8年11月30日までに告示される: until then nothing past New Year is computed, nothing guessed."""
    claim = InterestClaim(principal_yen=1_000_000, due_on=date(2026, 11, 2))
    until = late_interest(claim, law=interest_law(), as_of=date(2026, 12, 31))
    assert until.interest_yen > 0
    with pytest.raises(RateMissingError, match=r"未登録です\(2027年.*告示後に割合を登録してから"):
        late_interest(claim, law=interest_law(), as_of=paid_on)
