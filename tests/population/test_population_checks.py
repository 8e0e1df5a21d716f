"""Every population check fires on its fault, planted in a computed run, and then nobody can release the run."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings as live_settings
from django.db import transaction

from addressbook.services.feed import feed_apply_chunk
from assessment.errors import RunNotReady
from assessment.models import AssessmentRun, CollectionShare, Decision, Finding, ResidentResult, RunKind
from assessment.resident import runs
from assessment.resident.population_checks import CHECKS
from assessment.resident.runs import opening
from assessment.sources.services import population_freeze
from taxsys.city.deliveries import CityDeliveries
from taxsys.city.economy import CityEconomy
from taxsys.city.people import CityPeople
from taxsys.city.resident_feed import snapshot_records
from taxsys.platform.jobs.errors import JobRefused
from taxsys.platform.jobs.models import JobChunk, JobGate, JobRun, JobStage, StageKind, StageState
from taxsys.platform.jobs.models import RunState as JobState
from taxsys.platform.jobs.services import job_release, job_request, job_run_inline
from taxsys.platform.staff.models import Staff
from taxsys.platform.staff.services import demo_accounts_create
from tests.assessment.runs.test_initial_runs import on, release, run_through, take_in
from tests.population import faults
from tests.population.plants import BESIDES, FAULTS, one, shift_between_parts


@pytest.fixture(scope="module")
def computed(django_db_setup: None, django_db_blocker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[JobRun]:
    """The wage cut released, the ordinary cut computed by its job; everything is rolled back after the module."""
    before = live_settings.TAXSYS_DATA_DIR
    live_settings.TAXSYS_DATA_DIR = tmp_path_factory.mktemp("checks")
    with django_db_blocker.unblock():
        outer = transaction.atomic()
        outer.__enter__()
        demo_accounts_create({"*": "correct-horse-battery-26"}, from_on=date(2025, 4, 1))
        deliveries = CityDeliveries(CityEconomy(CityPeople(size=150, seed=7)))
        with on(date(2026, 1, 5)):
            feed_apply_chunk(list(snapshot_records(deliveries.people)), source="juki")
            population_freeze(tax_year=2026)
        take_in(deliveries.spring_files())
        release(run_through(RunKind.INITIAL_WAGE, date(2026, 5, 8), date(2026, 5, 10)), date(2026, 5, 12))
        take_in(deliveries.late_files())
        run = job_request(
            "B-PI-13",
            {"tax_year": 2026, "mode": RunKind.INITIAL_ORDINARY, "documents_until": "2026-06-01"},
            actor=Staff.objects.get(staff_no="1001"),
            business_on=date(2026, 6, 3),
        )
        yield job_run_inline(run.pk, raise_errors=True)
        transaction.set_rollback(True)
        outer.__exit__(None, None, None)
    live_settings.TAXSYS_DATA_DIR = before


@pytest.fixture
def job_run(computed: JobRun, django_db_blocker, data_folder: Path) -> Iterator[JobRun]:
    """The computed run for one test; what the test does is undone."""
    with django_db_blocker.unblock():
        point = transaction.atomic()
        point.__enter__()
        yield computed
        transaction.set_rollback(True)
        point.__exit__(None, None, None)


def checked_again(job_run: JobRun) -> dict[str, int]:
    """The gates as the job makes them, over the rows as they are now: red ones with their counts."""
    stage = JobStage.objects.get(run=job_run, kind=StageKind.GATES)
    JobChunk.objects.filter(stage=stage).delete()
    JobStage.objects.filter(pk=stage.pk).update(state=StageState.WAITING, planned_at=None, done_at=None)
    JobRun.objects.filter(pk=job_run.pk).update(state=JobState.RUNNING, finished_at=None)
    job_run_inline(job_run.pk, raise_errors=True)
    return dict(JobGate.objects.filter(run=job_run, ok=False).values_list("gate_id", "count"))


def assessment_of(job_run: JobRun) -> AssessmentRun:
    return AssessmentRun.objects.get(job_run_id=job_run.pk)


def test_a_clean_run_has_no_fault_and_is_released(job_run: JobRun) -> None:
    assert checked_again(job_run) == {}
    assert not Finding.objects.filter(run=assessment_of(job_run), severity="stop").exists()
    assert job_release(job_run.pk, Staff.objects.get(staff_no="1002"), inline=True).state == JobState.RELEASED


@pytest.mark.req("R-016")
@pytest.mark.parametrize("check_id", FAULTS)
def test_a_planted_fault_is_found_and_the_release_refused(job_run: JobRun, check_id: str) -> None:
    run = assessment_of(job_run)
    FAULTS[check_id](run)
    red = checked_again(job_run)
    assert red.get(check_id, 0) >= 1
    assert set(red) <= {check_id, "results_again"} | BESIDES.get(check_id, set())
    assert Finding.objects.filter(run=run, check_id=check_id, severity="stop").count() == red[check_id]
    with pytest.raises(JobRefused, match="不合格の検査"):
        job_release(job_run.pk, Staff.objects.get(staff_no="1002"), inline=True)
    assert Decision.objects.filter(run=run).exclude(released_by="x").count() == 0


def test_parts_that_were_mixed_up_between_city_and_prefecture_are_found_though_the_total_agrees(
    job_run: JobRun,
) -> None:
    shift_between_parts(assessment_of(job_run))
    assert checked_again(job_run) == {"shares_make_the_year": 1}


def test_a_stopped_person_is_listed_for_review_and_does_not_hold_the_others(job_run: JobRun) -> None:
    run = assessment_of(job_run)
    person = one(run).party
    CollectionShare.objects.filter(run=run, party=person).delete()
    ResidentResult.objects.filter(run=run, party=person).update(stop_code="FACT_RANGE")
    assert checked_again(job_run) == {}
    found = Finding.objects.get(run=run, check_id="stopped_rows")
    assert (found.party, found.severity) == (person, "review")
    assert JobGate.objects.get(run=job_run, gate_id="stopped_rows").count == 1


@pytest.mark.parametrize("fault", faults.FAULTS, ids=lambda fault: fault.way_ja)
def test_a_way_to_go_wrong_is_found_by_its_checks_and_stops_the_release(job_run: JobRun, fault: faults.Fault) -> None:
    run = assessment_of(job_run)
    fault.plant(run)
    red = checked_again(job_run)
    reviews = Finding.objects.filter(run=run, severity="review").exclude(check_id="stopped_rows")
    found = {*red, *reviews.values_list("check_id", flat=True)}
    assert found == fault.found_by
    with pytest.raises(JobRefused, match=r"不合格の検査|要確認の検証結果"):
        job_release(job_run.pk, Staff.objects.get(staff_no="1002"), inline=True)


def test_a_faulty_parameter_file_is_refused_until_it_is_reviewed(
    job_run: JobRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """I1・I4: a value of the file itself is wrong, so run and law agree; only the review's fingerprint tells."""
    run = assessment_of(job_run)
    right = opening.resident_law
    mistyped = {"resident.per_capita.city": 3_500}
    monkeypatch.setattr(opening, "resident_law", lambda year, code="": right(year, code).overlay(mistyped))
    run_again = runs.run_compute_chunk(run, runs.run_population(run), city_code="012041")
    assert run_again["停止"] == 0
    AssessmentRun.objects.filter(pk=run.pk).update(parameter_hash=opening.resident_law(2026, "012041").hash)
    assert checked_again(job_run) == {"law_reviewed": 1}
    gate = JobGate.objects.get(run=job_run, gate_id="law_reviewed")
    assert "審査済のもの" in gate.detail_ja
    assert "二人で" in gate.detail_ja
    with pytest.raises(RunNotReady, match="令和8年度の法定値が審査済のもの"):
        opening.run_open(
            tax_year=2026, kind=RunKind.INITIAL_ORDINARY, documents_until=date(2026, 6, 1), requested_by="S-CLERK",
            city_code="012041",
        )  # fmt: skip


def test_every_check_has_its_planted_fault() -> None:
    planted = {*FAULTS, *(check_id for fault in faults.FAULTS for check_id in fault.found_by), "law_reviewed"}
    assert {check.id for check in CHECKS} - planted == {"stopped_rows"}


def test_a_message_says_what_must_hold_and_what_to_do(job_run: JobRun) -> None:
    run = assessment_of(job_run)
    FAULTS["base_in_thousands"](run)
    checked_again(job_run)
    gate = JobGate.objects.get(run=job_run, gate_id="base_in_thousands")
    assert gate.detail_ja.startswith("1人が条件を満たしません。計算式または法定値の誤りです。")
    message = Finding.objects.get(run=run, check_id="base_in_thousands").message_ja
    assert message.startswith("満たされていません: 課税標準額は1,000円単位で負にならない。")
    assert all(check.remedy_ja.endswith("。") and len(check.message_ja) <= 300 for check in CHECKS)
