"""Provision copies: everybody decided once, only what changed, retracted when recalled, held where protected."""

from datetime import date
from pathlib import Path

import pytest
from django.db import DatabaseError, transaction

from assessment.models import DecisionCause, ResidentResult, RunState
from intermediary.errors import CopyNotReady, HoldRefused
from intermediary.models import CopyBatch, CopyRecord, ReplyHold
from intermediary.selectors.copies import reconcile
from intermediary.services.copies import batch_answered, batch_issue, batch_send
from intermediary.services.holds import hold_lift, hold_set
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.files import layouts
from taxsys.platform.files.errors import StateNotAllowed
from taxsys.platform.files.manifest import manifest_check, manifest_read
from taxsys.platform.files.models import OutgoingFile
from taxsys.platform.files.services import outgoing_manifest
from taxsys.platform.jobs.errors import JobForbidden
from taxsys.platform.jobs.models import JobRun, WorkItem
from taxsys.platform.jobs.models import RunState as JobState
from taxsys.platform.jobs.selectors import run_counts
from taxsys.platform.jobs.services import SYSTEM, job_discard, job_release
from tests.intermediary.people import JUNE, TAX_YEAR, acting, copies_run, person, protect, recall, run_of
from tests.platform.actors import officer

pytestmark = pytest.mark.django_db
JULY = date(2026, 7, 10)
WORKER = {"salary_receipts_yen": 5_000_000, "social_insurance_yen": 700_000}
PENSIONER = {"pension_receipts_yen": 1_000_000, "is_age_65": 1}


def lines_of(run: JobRun) -> list[dict[str, object]]:
    issued = CopyBatch.objects.get(job_run_id=run.pk).file
    if issued is None:
        return []
    parsed = layouts.get("local_chihouzei_fukuhon").parse(issued.open_bytes())
    assert parsed.errors == []
    return [dict(record.values) for record in parsed.records]


@pytest.mark.req("R-084")
def test_every_decided_person_is_told_exactly_once_with_the_figures_of_the_decision() -> None:
    worker, pensioner = person(1), person(2)
    run_of({worker: WORKER, pensioner: PENSIONER})
    lines = lines_of(copies_run(JUNE))
    assert [line["person_no"] for line in lines] == [worker.person_no, pensioner.person_no]
    first, second = lines
    # Salary income 3,560,000; 700,000 + 430,000 of deductions; base 2,430,000 at 6 % less the adjustment credit.
    assert {name: first[name] for name in (
        "tax_year", "version", "revision", "status", "filed", "salary_revenue", "salary_income", "total_income",
        "deduction_total", "base_total", "city_income", "city_per_capita", "pref_income", "pref_per_capita", "forest",
        "no_auto_reply", "no_disclosure", "updated_at",
    )} == {
        "tax_year": 2026, "version": "0001", "revision": "0", "status": "1", "filed": "0",
        "salary_revenue": 5_000_000, "salary_income": 3_560_000, "total_income": 3_560_000,
        "deduction_total": 1_130_000, "base_total": 2_430_000, "city_income": 144_300, "city_per_capita": 3_000,
        "pref_income": 96_200, "pref_per_capita": 1_000, "forest": 1_000,
        "no_auto_reply": "0", "no_disclosure": "0", "updated_at": "2026-06-05T00:00:00+09:00",
    }  # fmt: skip
    assert (second["status"], second["pension_revenue"], second["total_income"]) == ("3", 1_000_000, 0)
    assert lines_of(copies_run(JULY)) == []
    assert reconcile(TAX_YEAR).differences == 0


@pytest.mark.req("R-236")
def test_the_file_says_what_it_is_and_its_making_is_on_record(data_folder: Path) -> None:
    run_of({person(1): WORKER, person(2): PENSIONER})
    run = copies_run(JUNE, release=False)
    issued = OutgoingFile.objects.get(kind="provision_copy")
    assert (issued.name, issued.record_count) == ("fukuhon_20260605_001.csv", 2)
    assert issued.amount_sums == {
        "city_income": 144_300, "city_per_capita": 3_000, "pref_income": 96_200, "pref_per_capita": 1_000,
        "forest": 1_000,
    }  # fmt: skip
    content = issued.open_bytes()
    stored = manifest_read((data_folder / f"{issued.stored_path}.manifest.json").read_bytes())
    assert stored == outgoing_manifest(issued, content)
    manifest_check(content, stored)
    event = AccessEvent.objects.get(action="export", record_type="provision_copy")
    assert (event.count, event.legal_base, len(event.subjects)) == (2, "番号法19条8号・21条の2", 2)
    assert run.state == JobState.FINISHED


def test_after_a_correction_only_the_corrected_person_is_told_as_the_next_version() -> None:
    worker, other = person(1), person(2)
    run_of({worker: WORKER, other: PENSIONER})
    copies_run(JUNE)
    run_of({worker: {**WORKER, "salary_receipts_yen": 6_000_000}}, on=JULY, cause=DecisionCause.CORRECTION)
    (line,) = lines_of(copies_run(JULY))
    assert (line["person_no"], line["version"], line["revision"]) == (worker.person_no, "0002", "1")
    assert line["salary_revenue"] == 6_000_000
    assert reconcile(TAX_YEAR).differences == 0


@pytest.mark.req("R-192")
def test_a_recalled_run_takes_its_copies_back_and_the_earlier_decision_is_told_again() -> None:
    worker, other = person(1), person(2)
    run_of({worker: WORKER})
    copies_run(JUNE)
    wrong = run_of({worker: {**WORKER, "salary_receipts_yen": 9_000_000}, other: PENSIONER}, on=JULY)
    copies_run(JULY)
    recall(wrong, on=date(2026, 7, 12))
    again, gone = lines_of(copies_run(date(2026, 7, 13)))
    assert (again["version"], again["revision"], again["salary_revenue"]) == ("0003", "1", 5_000_000)
    assert (gone["version"], gone["revision"], gone["pension_revenue"]) == ("0002", "9", 1_000_000)
    assert reconcile(TAX_YEAR).differences == 0


def test_a_cancelled_assessment_is_told_as_cancelled() -> None:
    worker = person(1)
    run_of({worker: WORKER})
    copies_run(JUNE)
    run_of({worker: {}}, on=JULY, cause=DecisionCause.CANCELLATION)
    (line,) = lines_of(copies_run(JULY))
    assert (line["version"], line["revision"]) == ("0002", "9")
    assert lines_of(copies_run(date(2026, 7, 11))) == []


@pytest.mark.req("R-260")
def test_a_protected_person_is_flagged_before_the_copy_is_registered() -> None:
    protected = person(1)
    protect(protected)
    run_of({protected: WORKER})
    (line,) = lines_of(copies_run(JUNE))
    assert (line["no_auto_reply"], line["no_disclosure"]) == ("1", "1")


def test_a_protection_that_begins_later_makes_a_flagged_version_without_any_new_decision() -> None:
    worker = person(1)
    run_of({worker: WORKER})
    copies_run(JUNE)
    protect(worker, on=date(2026, 7, 1))
    (line,) = lines_of(copies_run(JULY))
    assert (line["version"], line["revision"], line["no_auto_reply"], line["no_disclosure"]) == ("0002", "1", "1", "1")


def test_the_end_of_a_protection_lifts_no_hold_until_two_people_have_decided() -> None:
    worker = person(1)
    protection = protect(worker)
    run_of({worker: WORKER})
    copies_run(JUNE)
    hold = ReplyHold.objects.get()
    lift = {"on": JULY, "proposed_by": "1001", "approved_by": "1002", "reason_ja": "終了を確認"}
    with acting(), pytest.raises(HoldRefused, match="支援措置が続いている"):
        hold_lift(hold.pk, **lift)
    protection.state = "9"
    protection.save()
    assert lines_of(copies_run(date(2026, 7, 1))) == []
    with acting(), pytest.raises(HoldRefused, match="別の職員"):
        hold_lift(hold.pk, **{**lift, "approved_by": "1001"})
    with acting():
        hold_lift(hold.pk, **lift)
    (line,) = lines_of(copies_run(JULY))
    assert (line["version"], line["no_auto_reply"], line["no_disclosure"]) == ("0002", "0", "0")


def test_an_officer_can_hold_the_answers_about_a_person_in_dispute() -> None:
    worker = person(1)
    run_of({worker: WORKER})
    copies_run(JUNE)
    with acting():
        first = hold_set(worker.pk, reason="dispute", on=JULY, set_by="1001", is_nondisclosed=False)
        assert hold_set(worker.pk, reason="dispute", on=JULY, set_by="1001", is_nondisclosed=False) == first
    (line,) = lines_of(copies_run(JULY))
    assert (line["no_auto_reply"], line["no_disclosure"]) == ("1", "0")


@pytest.mark.req("R-263")
def test_an_income_levy_without_a_per_capita_levy_goes_to_the_work_list_not_to_the_server() -> None:
    good, bad = person(1), person(2)
    run_of({good: WORKER})
    run = run_of({bad: WORKER}, state=RunState.COMPUTED)
    ResidentResult.objects.filter(run=run).update(per_capita_city_yen=0)
    run.state = RunState.RELEASED
    run.save()
    made = copies_run(JUNE, release=False)
    assert [line["person_no"] for line in lines_of(made)] == [good.person_no]
    item = WorkItem.objects.get(run=made)
    assert (item.code, item.subject_key) == ("N-045", f"{bad.pk}:2026")
    gate = made.gates.get(gate_id="copies_complete")
    assert (gate.ok, gate.count) == (False, 1)


def test_people_of_a_release_that_has_not_ended_wait_for_the_next_time() -> None:
    worker = person(1)
    run = run_of({worker: WORKER}, state=RunState.COMPUTED)
    early = copies_run(JUNE)
    assert lines_of(early) == []
    assert run_counts(early)["決定の処理中"] == 1
    run.state = RunState.RELEASED
    run.save()
    assert [line["person_no"] for line in lines_of(copies_run(JULY))] == [worker.person_no]


def test_the_same_batch_makes_the_same_bytes_and_one_file() -> None:
    run_of({person(number): WORKER for number in range(1, 8)})
    run = copies_run(JUNE, release=False)
    batch = CopyBatch.objects.get(job_run_id=run.pk)
    first = batch.file
    assert first is not None
    with acting():
        again = batch_issue(batch)
    assert again == first
    assert OutgoingFile.objects.filter(kind="provision_copy").count() == 1


@pytest.mark.req("R-245")
def test_a_file_goes_out_only_after_a_second_person_and_can_be_sent_again_until_it_is_answered() -> None:
    run_of({person(1): WORKER})
    run = copies_run(JUNE, release=False)
    batch = CopyBatch.objects.get(job_run_id=run.pk)
    with pytest.raises(CopyNotReady):
        batch_send(batch.pk)
    with pytest.raises(JobForbidden):
        job_release(run.pk, officer("5001"), inline=True)
    job_release(run.pk, officer("5002"), inline=True)
    batch.refresh_from_db()
    assert batch.released_by == "5002"
    first = batch_send(batch.pk).open_bytes()
    batch_answered(batch.pk, OutgoingFile.State.UNKNOWN, reason="時間切れ")
    assert batch_send(batch.pk).open_bytes() == first
    done = batch_answered(batch.pk, OutgoingFile.State.ACKNOWLEDGED)
    assert done.state == OutgoingFile.State.ACKNOWLEDGED
    with pytest.raises(StateNotAllowed):
        batch_send(batch.pk)


@pytest.mark.req("R-266")
def test_the_comparison_names_missing_extra_and_differing_copies() -> None:
    missing, extra, differing, right = (person(number) for number in range(1, 5))
    run = run_of({extra: WORKER, differing: WORKER, right: WORKER})
    copies_run(JUNE)
    run_of({missing: PENSIONER}, on=JULY)
    copy = CopyRecord.objects.get(party=differing)
    CopyRecord.objects.create(
        batch=CopyBatch.objects.create(job_run_id=0, made_on=JULY, seq=9, recorded_at=copy.recorded_at),
        party=differing, tax_year=TAX_YEAR, version=2, revision="1", decision=copy.decision,
        items={**copy.items, "total_income": 1}, recorded_at=copy.recorded_at,
    )  # fmt: skip
    found = reconcile(TAX_YEAR)
    assert (found.missing, found.extra, found.differing) == ([missing.pk], [], {differing.pk: ["total_income"]})
    recall(run, on=JULY)
    assert reconcile(TAX_YEAR).extra == sorted([extra.pk, differing.pk, right.pk])
    copies_run(JULY)
    assert reconcile(TAX_YEAR).differences == 0


def test_what_was_told_cannot_be_changed_afterwards() -> None:
    run_of({person(1): WORKER})
    copies_run(JUNE)
    with pytest.raises(DatabaseError), transaction.atomic():
        CopyRecord.objects.update(version=7)
    with pytest.raises(DatabaseError), transaction.atomic():
        CopyRecord.objects.all().delete()


def test_years_taken_over_from_the_former_system_are_left_to_its_copies() -> None:
    worker = person(1)
    run_of({worker: WORKER}, tax_year=2025, cause=DecisionCause.TAKEN_OVER)
    run_of({worker: WORKER})
    run = copies_run(JUNE)
    assert [line["tax_year"] for line in lines_of(run)] == [2026]
    assert run.gates.get(gate_id="copies_complete").ok


def test_copies_of_a_discarded_run_travel_with_the_next_batch() -> None:
    worker, other = person(1), person(2)
    run_of({worker: WORKER})
    given_up = copies_run(JUNE, release=False)
    job_discard(given_up.pk, actor=SYSTEM, reason="業務日の誤り")
    run_of({worker: {**WORKER, "salary_receipts_yen": 6_000_000}, other: PENSIONER}, on=JULY)
    lines = lines_of(copies_run(JULY))
    assert [(line["person_no"], line["version"], line["salary_revenue"]) for line in lines] == [
        (worker.person_no, "0001", 5_000_000), (worker.person_no, "0002", 6_000_000), (other.person_no, "0001", 0),
    ]  # fmt: skip
    assert CopyBatch.objects.get(job_run_id=given_up.pk).file.state == OutgoingFile.State.WITHDRAWN
    assert lines_of(copies_run(date(2026, 7, 11))) == []
