"""Every declared job that needs a second person: its requester is none, in no guise."""

from typing import Any

import pytest

from taxsys.platform import clock
from taxsys.platform.jobs.declaration import Job
from taxsys.platform.jobs.errors import JobForbidden
from taxsys.platform.jobs.models import JobRun, RunState
from taxsys.platform.jobs.registry import all_jobs
from taxsys.platform.jobs.services import job_approve, job_release
from taxsys.platform.printing.errors import PackageRefused
from taxsys.platform.printing.models import PrintPackage
from taxsys.platform.printing.services import package_release
from taxsys.platform.staff.models import Grant
from tests.platform.actors import officer

pytestmark = [pytest.mark.django_db, pytest.mark.req("R-207")]
RELEASED = [job for job in all_jobs() if job.release is not None]
APPROVED = [job for job in all_jobs() if job.approval is not None]


def run_of(job: Job, state: str) -> JobRun:
    officer("5001", permissions=[job.permission], person_no="P-1")
    now = clock.now() if state == RunState.FINISHED else None
    return JobRun.objects.create(
        job_id=job.id, params={}, params_hash="x", scope=f"test.{job.id}", business_on=clock.today(), state=state,
        requested_by="5001", requested_by_name="職員5001", started_at=now, finished_at=now,
    )  # fmt: skip


def refused(act: Any, *args: Any, **more: Any) -> str:
    with pytest.raises(JobForbidden) as caught:
        act(*args, **more)
    return caught.value.code


@pytest.mark.parametrize("job", RELEASED, ids=lambda job: job.id)
def test_no_output_is_released_by_its_requester_or_without_the_right(job: Job) -> None:
    assert job.release is not None
    run = run_of(job, RunState.FINISHED)
    right = job.release.permission
    requester = officer("5001", permissions=[right])
    again = officer("5007", permissions=[right], person_no="P-1")
    assert [refused(job_release, run.pk, one) for one in (requester, again)] == ["J-SAME", "J-SAME"]
    second = officer("5002", permissions=[right])
    Grant.objects.filter(staff=second).update(to_on=clock.today())
    assert refused(job_release, run.pk, second) == "J-RIGHT"
    run.refresh_from_db()
    assert (run.state, run.released_by) == (RunState.FINISHED, "")


@pytest.mark.parametrize("job", APPROVED, ids=lambda job: job.id)
def test_no_run_that_needs_approval_is_approved_by_its_requester_or_without_the_right(job: Job) -> None:
    assert job.approval is not None
    run = run_of(job, RunState.REQUESTED)
    again = officer("5007", permissions=[job.approval], person_no="P-1")
    assert refused(job_approve, run.pk, actor=again) == "J-SAME"
    assert refused(job_approve, run.pk, actor=officer("5002")) == "J-RIGHT"
    run.refresh_from_db()
    assert (run.state, run.approved_by) == (RunState.REQUESTED, "")


def test_a_package_is_not_released_by_the_second_account_of_its_maker() -> None:
    for number in ("5001", "5007"):
        officer(number, person_no="P-1")
    package = PrintPackage.objects.create(
        kind="t", business_key="1", title_ja="試験", built_by="5001", state="built", built_at=clock.now()
    )
    with pytest.raises(PackageRefused, match="作成者本人"):
        package_release(package.pk, actor="5007")
