"""The check gate: findings are settled by name and reason, and hold the release back until they are."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from addressbook.models import Party
from assessment.decisions.services import findings_settle
from assessment.errors import FindingRefused, RunNotReady
from assessment.models import AssessmentRun, Finding, RunKind, RunState, YearComparison
from assessment.resident.jobs import JOBS
from assessment.resident.release import release_refusal_ja
from assessment.resident.runs import opening
from taxsys.params.coverage import Coverage
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.jobs.models import JobGate, JobRun
from taxsys.platform.staff.catalogue import catalogue
from tests.assessment.desk.scene import computed, decided, resident, wage_paper
from tests.assessment.runs.test_initial_runs import CITY_CODE, on
from tests.platform.actors import officer, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def run() -> AssessmentRun:
    wage_paper(resident(1))
    return computed()


def finding(run: AssessmentRun, severity: str = "review", **fields: Any) -> Finding:
    party = resident(50 + Finding.objects.count())
    values = {"check_id": "year_jump", "party": party, "message_ja": "年税額が大きく変わりました。", **fields}
    return Finding.objects.create(run=run, severity=severity, **values)


def settle(run: AssessmentRun, *found: Finding, reason: str = "資料を確かめた") -> int:
    return findings_settle(run.pk, [one.pk for one in found], actor_id="1001", reason=reason)


@pytest.mark.req("R-019")
def test_a_review_finding_holds_the_release_until_an_officer_gives_a_reason(run: AssessmentRun) -> None:
    one, other = finding(run), finding(run)
    finding(run, "info")
    assert release_refusal_ja(run, CITY_CODE) == (
        "要確認の検証結果が2件残っています。「課税計算」の画面で内容を確かめて処理してください。"
    )
    assert settle(run, one, other) == 2
    one.refresh_from_db()
    assert (one.settled_by, one.settled_reason, one.settled_at is not None) == ("1001", "資料を確かめた", True)
    assert release_refusal_ja(run, CITY_CODE) == ""


@pytest.mark.req("R-019")
def test_a_stop_finding_is_never_talked_away(run: AssessmentRun) -> None:
    stop = finding(run, "stop")
    with pytest.raises(FindingRefused, match="計算し直してください"):
        settle(run, stop)
    assert release_refusal_ja(run, CITY_CODE) == "停止の検証結果が1件あります。原因を直して計算し直してください。"


@pytest.mark.parametrize(("reason", "message"), [("", "理由を入力"), ("　 ", "理由を入力")], ids=["empty", "blank"])
def test_settling_needs_a_reason(run: AssessmentRun, reason: str, message: str) -> None:
    one = finding(run)
    with pytest.raises(FindingRefused, match=message):
        settle(run, one, reason=reason)
    one.refresh_from_db()
    assert one.settled_at is None


def test_the_second_of_two_officers_is_told_who_was_first_and_nothing_is_half_done(run: AssessmentRun) -> None:
    one, other = finding(run), finding(run)
    settle(run, one)
    with pytest.raises(FindingRefused, match="職員番号1001が先に処理しています"):
        findings_settle(run.pk, [one.pk, other.pk], actor_id="1002", reason="x")
    other.refresh_from_db()
    assert other.settled_at is None


def test_findings_of_another_run_or_of_none_are_refused(run: AssessmentRun) -> None:
    foreign = finding(AssessmentRun.objects.create(
        tax_year=2026, kind=RunKind.TRIAL, business_on=date(2026, 6, 3), documents_until=date(2026, 6, 3),
        requested_by="1001", recorded_at=run.recorded_at, state=RunState.COMPUTED,
    ))  # fmt: skip
    with pytest.raises(FindingRefused, match="選んだ事項がありません"):
        settle(run, foreign)
    with pytest.raises(FindingRefused, match="選んでください"):
        settle(run)


def test_a_decided_run_is_closed_for_settling() -> None:
    wage_paper(resident(1))
    run = decided()
    one = finding(run)
    with pytest.raises(FindingRefused, match="決定済"):
        settle(run, one)


def test_an_unproved_year_is_open_to_trials_only(run: AssessmentRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "coverage", lambda year: Coverage("resident_tax", year, "none", 0, ""))
    assert (
        release_refusal_ja(run, CITY_CODE)
        == "令和8年度の計算は検証されていないため、決定できません(試算だけができます)。"
    )
    values = {"tax_year": 2026, "documents_until": date(2026, 6, 3), "requested_by": "x", "city_code": CITY_CODE}
    with on(date(2026, 6, 3)):
        with pytest.raises(RunNotReady, match="検証されていない"):
            opening.run_open(kind=RunKind.INITIAL_ORDINARY, **values)
        assert opening.run_open(kind=RunKind.TRIAL, **values).state == RunState.PREPARED


def test_every_deciding_job_asks_before_its_release() -> None:
    deciding = [job for job in JOBS if job.release and job.id in {"B-PI-13", "B-PI-19"}]
    assert sorted(job.id for job in deciding) == ["B-PI-13", "B-PI-19"]
    assert all(job.release and job.release.refuse for job in deciding)


def with_job(run: AssessmentRun) -> JobRun:
    job = JobRun.objects.create(
        job_id="B-PI-13", params={"tax_year": 2026, "mode": run.kind}, params_hash="x", scope="s",
        business_on=run.business_on, state="finished", requested_by="S-CLERK", requested_by_name="担当",
    )  # fmt: skip
    JobGate.objects.create(run=job, gate_id="year_jump", title_ja="前年から大きく変わった者", ok=True, guards="I1・I4")
    run.job_run_id = job.pk
    run.save(update_fields=["job_run_id"])
    return job


def desk(client: Client, staff_no: str = "1001") -> Client:
    return sign_in(client, officer(staff_no, permissions=list(catalogue())))


def test_the_run_page_shows_figures_gates_with_what_they_guard_and_what_is_open(
    client: Client, run: AssessmentRun
) -> None:
    job = with_job(run)
    finding(run)
    html = desk(client).get(f"/assessment/runs/{run.pk}").content.decode()
    for words in ("271,700円", "前年から大きく変わった者", "I1・I4", "決定できません", "1件残っています",
                  f"/jobs/runs/{job.pk}", "普通徴収", "163,000円"):  # fmt: skip
        assert words in html, words
    assert "計算" in client.get("/assessment").content.decode()


def test_settling_on_the_page_lets_the_run_go_and_leaves_an_event(client: Client, run: AssessmentRun) -> None:
    with_job(run)
    one = finding(run)
    address = f"/assessment/runs/{run.pk}/findings/year_jump"
    html = desk(client).get(address).content.decode()
    assert f'value="{one.pk}"' in html
    empty = client.post(f"{address}/settle", {"findings": [one.pk], "reason": ""})
    assert empty.status_code == 422
    assert "処理の理由を入力してください。" in empty.content.decode()
    done = client.post(f"{address}/settle", {"findings": [one.pk], "reason": "源泉徴収票で確認"})
    assert (done.status_code, done["Location"]) == (302, f"/assessment/runs/{run.pk}")
    assert "決定できます" in client.get(f"/assessment/runs/{run.pk}").content.decode()
    event = AccessEvent.objects.filter(action="update", record_type="assessment.finding").get()
    assert event.subjects == [str(one.party_id)]
    again = client.post(f"{address}/settle", {"findings": [one.pk], "reason": "もう一度"})
    assert (again.status_code, "先に処理しています" in again.content.decode()) == (422, True)
    shown = client.get(f"{address}?all=1").content.decode()
    assert "源泉徴収票で確認" in shown


def test_ids_that_were_not_offered_are_refused(client: Client, run: AssessmentRun) -> None:
    finding(run)
    answer = desk(client).post(f"/assessment/runs/{run.pk}/findings/year_jump/settle",
                               {"findings": ["999999", "x"], "reason": "x"})  # fmt: skip
    assert answer.status_code == 422
    assert Finding.objects.filter(settled_at__isnull=False).count() == 0


def test_the_comparison_names_people_reasons_and_yen(client: Client, run: AssessmentRun) -> None:
    empty = desk(client).get(f"/assessment/runs/{run.pk}/comparison").content.decode()
    assert "前年の決定がないため、比較していません" in empty
    party = Party.objects.get(person_no="R00000000000001")
    YearComparison.objects.create(
        run=run, party=party, kind="continuing", base_yen=200_000, now_yen=271_700, difference_yen=71_700,
        law_yen=71_700,
    )  # fmt: skip
    html = client.get(f"/assessment/runs/{run.pk}/comparison?reason=law&kind=continuing").content.decode()
    for words in ("前年 200,000円、本年 271,700円、差額 71,700円", "増 ＋71,700円", "旭川　太郎", "税制改正 71,700円"):
        assert words in html, words
    other = client.get(f"/assessment/runs/{run.pk}/comparison?kind=new&reason=<script>").content.decode()
    assert ("旭川　太郎" in other, "<script>alert" in other) == (False, False)
    event = AccessEvent.objects.filter(record_type="assessment.comparison", count=1).get()
    assert event.subjects == [str(party.id)]
