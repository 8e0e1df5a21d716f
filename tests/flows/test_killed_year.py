"""The whole year of the demonstration with a worker killed twice in every single run: the year ends as if undisturbed.

Every declared job is met: those of the year and, after it, a recall, the lapse of unconfirmed rights, expired
passwords, the yearly review and the copies' comparison. What is left is killed in a test of its own, named here (H001).
"""

import re
import signal
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from assessment.decisions.recall import recall_propose
from assessment.models import AssessmentRun, DeskItem, RunKind, RunRecall
from delinquency.models import Reminder
from taxsys.city.deliveries import city_file
from taxsys.city.resident_feed import snapshot_records
from taxsys.platform.approvals.effects import effect_of, effect_run
from taxsys.platform.approvals.services import approval_decide
from taxsys.platform.audit.models import ReviewReport
from taxsys.platform.jobs.models import JobRun, RunState, WorkItem
from taxsys.platform.jobs.registry import all_jobs
from taxsys.platform.jobs.services import _start, job_release, job_request
from taxsys.platform.registers.models import RegisterRow
from taxsys.platform.rights.models import CampaignItem
from taxsys.platform.staff.models import Staff
from taxsys.web.demo import Demo, run_year
from taxsys.web.demo.steps.rights import DUE
from tests.flows import canonical
from tests.flows.conftest import data_in, database_empty, small_demo
from tests.flows.test_same_bytes import lists, printed
from tests.jobs.kill import Workshop, leases_expire

AFTER = date(2026, 12, 1)
YEAR_BEFORE = {"from_on": "2025-04-01", "to_on": "2026-03-31"}
# Jobs that the year does not run → the test that kills their worker.
KILLED_ELSEWHERE = {
    "B-CL-07": "tests/collection/paid_slips/test_kill.py",
    "B-CL-07-P": "tests/collection/paid_slips/test_kill.py",
    "B-CL-17": "tests/collection/test_closing_kill.py",
    "B-CL-15-K": "tests/collection/payouts/test_killed_payouts.py",
    "B-CL-15-L": "tests/collection/payouts/test_killed_payouts.py",
    "B-CL-15-T": "tests/collection/payouts/test_killed_payouts.py",
    "B-CL-21": "tests/intermediary/test_killed_inquiry.py",
    "B-CL-21-E": "tests/intermediary/test_killed_inquiry.py",
    "B-CL-21-R": "tests/intermediary/test_killed_inquiry.py",
    "B-CL-33": "tests/collection/test_bank_totals.py",
    "B-CL-40": "tests/collection/test_takeover_kill.py",
    "B-CL-41": "tests/collection/test_takeover_kill.py",
    "B-PI-25-F": "tests/collection/remitting/test_kill.py",
    "B-PI-25": "tests/collection/test_closing_kill.py",
    "B-CL-25-N": "tests/collection/test_killed_debit.py",
    "B-CL-02-N": "tests/collection/test_killed_debit.py",
    "B-CL-02-Y": "tests/collection/test_killed_debit.py",
    "B-PI-20": "tests/assessment/moves/test_killed_moves.py",
    "B-PI-20-F": "tests/assessment/moves/test_killed_moves.py",
    "B-PI-17": "tests/assessment/pensions/test_killed_pensions.py",
    "B-PI-17-N": "tests/assessment/pensions/test_killed_pensions.py",
    "B-PI-17-K": "tests/assessment/pensions/test_killed_pensions.py",
    "B-PI-18": "tests/assessment/pensions/test_killed_pensions.py",
    "B-CL-09": "tests/assessment/moves/test_killed_moves.py",
    "B-AB-03": "tests/hostile/test_vault_keys.py",
    "B-AB-04": "tests/hostile/test_vault_index.py",
    "B-AB-05": "tests/hostile/test_vault_index.py",
    "B-AB-06": "tests/hostile/test_vault_index.py",
    "B-PI-19-G": "tests/assessment/amendments/test_kill.py",
    "B-PI-19-H": "tests/assessment/amendments/test_kill.py",
    "B-PI-19-L": "tests/assessment/amendments/test_kill.py",
    "B-PI-28": "tests/assessment/yearend/test_kill.py",
    "B-PI-26": "tests/assessment/tax_status/test_kill.py",
    "B-RT-01": "tests/retention/test_kill.py",
    "B-RT-02": "tests/retention/test_kill.py",
}
Story = dict[str, Any]
# An employer's 宛名番号 is the next of a sequence: a worker that dies leaves a gap in it, and nothing else. Where it is
# printed (lists of the employers' notices; the notices themselves do not show it) it is left out of the comparison.
_EMPLOYER = re.compile(r"C\d{14}")
_EMPLOYERS_LIST = re.compile(r"^withholding_notice/.*(?:\.csv|\.json|count_sheet\.pdf)$")


@dataclass
class KilledDemo(Demo):
    """A walker whose workers die: each run is killed at two boundaries, another pair each time, and taken up again."""

    shop: Workshop | None = None
    kills: Counter[str] = field(default_factory=Counter)
    runs: int = 0

    def job(self, job_id: str, params: Mapping[str, object], day: date, *, who: Staff | None = None) -> JobRun:
        """Ask for a run and bring it to its end through two deaths."""
        actor = who or (self.cashier if job_id.startswith("B-CL") else self.clerk)
        run = job_request(job_id, params, actor=actor, business_on=day)
        _start(run.pk, actor)
        return self.through_deaths(run.pk, RunState.FINISHED)

    def release(self, run: JobRun, *, who: Staff | None = None) -> JobRun:
        """A second person lets the outputs go; the release dies too."""
        job_release(run.pk, who or self.chief)
        return self.through_deaths(run.pk, RunState.RELEASED)

    def through_deaths(self, run_id: int, wanted: str) -> JobRun:
        """Kill, resume, kill, resume."""
        assert self.shop is not None
        self.runs += 1
        job_id = JobRun.objects.get(pk=run_id).job_id
        for kill_at in (2 + self.runs % 7, 5 + self.runs % 11):
            status = self.shop.work(run_id, kill_at=kill_at)
            if status == 0:
                break
            assert status == -signal.SIGKILL, (job_id, kill_at, status)
            self.kills[job_id] += 1
            leases_expire()
        assert self.shop.work(run_id) == 0
        run = JobRun.objects.get(pk=run_id)
        assert run.state == wanted, (job_id, run.message)
        return run


def recall(demo: Demo) -> None:
    """The corrections of August are recalled; approved at the desk, brought about by the job."""
    run = AssessmentRun.objects.filter(kind=RunKind.CORRECTION).latest("pk")
    with demo.desk(AFTER):
        approval = recall_propose(run, actor=demo.clerk, reason_ja="資料の誤り", new_due_dates={})
    with demo.desk(AFTER, who=demo.chief):
        decided = approval_decide(approval.pk, decision="approve", actor=demo.chief, seen_hash=approval.content_hash)
    waiting = effect_run(decided)
    assert waiting is not None
    if isinstance(demo, KilledDemo):
        demo.through_deaths(waiting.pk, RunState.FINISHED)
    else:
        from taxsys.platform.jobs.services import job_run_inline

        job_run_inline(waiting.pk, raise_errors=True)
    effect = effect_of(decided)
    assert effect is not None
    assert effect.title_ja == "発効済み"


def after_the_year(demo: Demo) -> None:
    """The jobs that the demonstration's year has no need of."""
    recall(demo)
    administrator, auditor = (Staff.objects.get(staff_no=number) for number in ("4001", "3001"))
    rows = [dict(row) for row in snapshot_records(demo.deliveries.people)][1:]
    extract = city_file("juki_zenken", "local_juki_zenken", rows, "住民記録システム", AFTER)
    demo.job("B-AB-10", {"file": demo.receive(extract)}, AFTER)
    demo.job("B-MN-06", {"tax_year": 2026}, AFTER)
    demo.job("B-AU-02", YEAR_BEFORE, AFTER, who=auditor)
    demo.job("B-AU-04", {"from_on": AFTER.isoformat(), "to_on": AFTER.isoformat()}, AFTER, who=auditor)
    demo.job("B-AB-07", {}, AFTER, who=auditor)
    demo.job("B-CL-13-W", {}, AFTER)
    demo.job("B-CL-06", {}, AFTER, who=demo.cashier)
    demo.job("B-PI-24", {"tax_year": 2026}, AFTER)
    asked = {"tax_year": 2026, "issued_on": "2026-12-02", "reply_by": "2026-12-25"}
    demo.release(demo.job("B-PI-24-P", asked, AFTER))
    demo.job("B-PI-40", {"tax_year": 2026}, AFTER, who=Staff.objects.get(staff_no="3003"))
    demo.job("B-RG-01", {}, AFTER, who=administrator)
    demo.job("B-RG-02", {"fiscal_year": 2026}, AFTER, who=administrator)
    demo.job("B-ST-02", {}, date(DUE.year, 12, 1), who=administrator)
    Staff.objects.filter(staff_no="1003").update(password_changed_at="2020-01-01T00:00:00Z")
    demo.job("B-ST-03", {}, AFTER, who=administrator)


def told() -> Story:
    """What the year has done, without ids and times."""
    people = Reminder.objects.order_by("charge__notice_no", "charge__instalment_no", "run__issued_on", "state")
    items = CampaignItem.objects.order_by("grant__staff__staff_no", "grant__permission_code", "grant__from_on")
    everything = canonical.everything()
    return {
        **everything,
        "charges": [tuple(_EMPLOYER.sub("employer", value) for value in row) for row in everything["charges"]],
        "printed": {name: content for name, content in printed().items() if not _EMPLOYERS_LIST.search(name)},
        "differences": sorted(WorkItem.objects.filter(run__job_id="B-AB-10").values_list("code", "subject_key")),
        "desk items": sorted(DeskItem.objects.values_list("kind", "state", "message_ja", "asked_on")),
        "register rows": sorted(RegisterRow.objects.values_list("kind", "state", "row_no")),
        "lists": lists(),
        "reminders": list(people.values_list("reminder_no", "state", "unpaid_yen", "hold_ja", "seizure_from")),
        "recertification": list(items.values_list("grant__staff__staff_no", "grant__permission_code", "state")),
        "suspended": list(Staff.objects.filter(is_active=False).values_list("staff_no", "suspended_reason")),
        "reviews": [
            sorted(report.findings.values_list("kind", "actor_id")) for report in ReviewReport.objects.order_by("pk")
        ],
        "recalls": list(RunRecall.objects.values_list("counts__people", "counts__charges", "proposed_by")),
    }


@contextmanager
def walk_of(folder: Path) -> Iterator[None]:
    with data_in(folder):
        database_empty()
        yield


@pytest.fixture(scope="module")
def walks(module_database: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Story, Story, Counter[str]]:
    """The year undisturbed, and the year of the killed workers."""
    patch = pytest.MonkeyPatch()
    patch.setattr("taxsys.platform.jobs.services.look_send", lambda run_id: None)
    try:
        with walk_of(tmp_path_factory.mktemp("calm")):
            demo = small_demo(size=60, seed=7)
            run_year(demo)
            after_the_year(demo)
            calm = told()
        with walk_of(tmp_path_factory.mktemp("killed")), Workshop() as shop:
            base = small_demo(size=60, seed=7)
            killed = KilledDemo(
                size=60, seed=7, clerk=base.clerk, chief=base.chief, cashier=base.cashier,
                cashier_chief=base.cashier_chief, say=lambda line: None, shop=shop,
            )  # fmt: skip
            run_year(killed)
            after_the_year(killed)
            return calm, told(), killed.kills
    finally:
        patch.undo()


def test_every_declared_job_has_lost_its_worker(walks: tuple[Story, Story, Counter[str]]) -> None:
    _calm, _killed, kills = walks
    assert sorted({*kills, *KILLED_ELSEWHERE}) == [job.id for job in all_jobs() if not job.id.startswith("B-TEST")]
    for job_id, where in KILLED_ELSEWHERE.items():
        assert f'"{job_id}"' in Path(where).read_text(encoding="utf-8")
    assert sum(kills.values()) > 80


def test_the_year_of_killed_workers_ends_as_the_calm_one(walks: tuple[Story, Story, Counter[str]]) -> None:
    calm, killed, _kills = walks
    assert [part for part in calm if calm[part] != killed[part]] == []


def test_there_was_something_to_lose(walks: tuple[Story, Story, Counter[str]]) -> None:
    calm, _killed, _kills = walks
    assert min(len(calm[part]) for part in ("decisions", "journal", "slips", "receipts", "incoming")) > 20
    assert len(calm["printed"]) > 10
    assert len(calm["reminders"]) > 2
    assert calm["recalls"]
    assert ("1003", "password_expired") in calm["suspended"]
    assert any(state == "lapsed" for _staff, _code, state in calm["recertification"])
