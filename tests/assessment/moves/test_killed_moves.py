"""B-PI-20 killed between its commits ends as the undisturbed run: every change once, the ledger whole (H001)."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from assessment.models import Decision, EmploymentChange, Withholder
from assessment.resident.moves.services import ChangeDraft, change_record
from collection.models import Charge, WithheldShare
from collection.selectors.proofs import prove_ledger
from collection.withheld.models import AgentPayment
from taxsys.city.deliveries import CityFile, city_file
from taxsys.platform.files import layouts
from taxsys.platform.jobs.models import JobRun, RunState
from taxsys.platform.jobs.services import _start, job_release, job_request
from taxsys.web.demo import Demo
from taxsys.web.demo.steps import assessment, papers_in
from tests.assessment.moves.test_change_files import line
from tests.flows import canonical
from tests.flows.conftest import data_in, module_database, small_demo
from tests.jobs.kill import Workshop, survives_every_kill
from tests.jobs.snapshot import Snapshot

__all__ = ["module_database"]
DAY = date(2026, 8, 5)


@pytest.fixture(scope="module")
def demo(module_database: Path) -> Demo:
    """A decided city in which six people have left their employers."""
    demo = small_demo(size=80, seed=5)
    papers_in.spring(demo)
    assessment.population(demo)
    assessment.wage_cut(demo)
    shares = WithheldShare.objects.filter(charge__instalment_no=12).select_related("charge")
    with demo.desk(DAY):
        for share in shares.order_by("employee__person_no")[:6]:
            employer = Withholder.objects.get(designation_no=share.charge.notice_no)
            draft = ChangeDraft(
                tax_year=2026, party_id=share.employee_id, reason="1", event_on=date(2026, 7, 31), after="3",
                received_on=DAY, withholder_id=employer.pk, last_place=2,
            )  # fmt: skip
            change_record(draft, actor_id="1001")
    return demo


@pytest.fixture(scope="module")
def shop(demo: Demo) -> Iterator[Workshop]:
    with Workshop(modules=("tests.assessment.moves.small_chunks",)) as workshop:
        yield workshop


@pytest.fixture(autouse=True)
def same_folder(module_database: Path, django_db_blocker, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("taxsys.platform.jobs.services.look_send", lambda run_id: None)
    with django_db_blocker.unblock(), data_in(module_database):
        yield


def test_killed_while_computing_and_while_letting_go(demo: Demo, shop: Workshop) -> None:
    def start() -> int:
        run = job_request("B-PI-20", {"tax_year": 2026}, actor=demo.clerk, business_on=DAY)
        _start(run.pk, demo.clerk)
        return run.pk

    def result(run_id: int) -> object:
        run = JobRun.objects.get(pk=run_id)
        return run.state, canonical.digest({"rows": canonical.computed()})

    assert _survives(shop, "moves", start, result, range(7, 150, 6)) >= 4
    computed = demo.job("B-PI-20", {"tax_year": 2026}, DAY)

    def release() -> int:
        job_release(computed.pk, demo.chief)
        return computed.pk

    def released(run_id: int) -> object:
        assert prove_ledger().is_ok
        assert Decision.objects.filter(cause="moved").count() == 6
        assert not EmploymentChange.objects.filter(is_pending=True).exists()
        told = {"decisions": canonical.decisions(), "outbox": canonical.told_upward(), **canonical.ledger()}
        return JobRun.objects.get(pk=run_id).state, canonical.digest(told)

    assert _survives(shop, "moves_release", release, released, range(5, 150, 4)) >= 4
    demo.release(computed)
    assert JobRun.objects.get(pk=computed.pk).state == RunState.RELEASED


def _survives(shop: Workshop, name: str, start, result, points: range) -> int:
    snapshot = Snapshot(name)
    try:
        return survives_every_kill(shop, start=start, result=result, reset=snapshot.restore, points=points)
    finally:
        snapshot.drop()


def test_killed_while_taking_in_the_payments_of_agents(demo: Demo, shop: Workshop) -> None:
    months = Charge.objects.filter(method="wage", instalment_no=1).order_by("notice_no")[:5]
    records = [
        {
            "municipality6": "012041", "designation_no": one.notice_no, "salary_count": 1, "retire_count": 0,
            "salary_amount": one.amount_yen - 100 * place, "retire_amount": 0, "total_count": 1,
            "total_amount": one.amount_yen - 100 * place,
        }
        for place, one in enumerate(months)
    ]  # fmt: skip
    header = {
        "type_code": "99", "code_kubun": "0", "originator_code": "0000000001", "branch_code": "001",
        "due_wareki": "080710", "month_wareki": "0806", "payer_name": "ｼｹﾝ", "payer_address": "ｱｻﾋｶﾜｼ",
    }  # fmt: skip
    content = layouts.get("zengin_99").write(records, header=header)
    file_id = demo.receive(CityFile("nofu99.txt", "zengin_99", "jba", "指定金融機関", "line", DAY, content))

    def start() -> int:
        run = job_request("B-CL-09", {"file": file_id}, actor=demo.cashier, business_on=DAY)
        _start(run.pk, demo.cashier)
        return run.pk

    def result(run_id: int) -> object:
        assert prove_ledger().is_ok
        paid = list(AgentPayment.objects.order_by("payment_key").values_list("agent_no", "short_yen", "findings"))
        return JobRun.objects.get(pk=run_id).state, paid, canonical.digest(canonical.ledger())

    assert _survives(shop, "agents", start, result, range(3, 60, 2)) >= 3


def test_killed_while_taking_in_a_file_of_changes(demo: Demo, shop: Workshop) -> None:
    shares = WithheldShare.objects.filter(charge__instalment_no=12).select_related("charge", "employee")
    lines = []
    for share in shares.order_by("-employee__person_no")[:3]:
        employer = Withholder.objects.get(designation_no=share.charge.notice_no)
        lines.append(line(share.employee, employer, 3))
    file_id = demo.receive(city_file("ido", "local_ido_todoke_18", lines, "eLTAX", DAY, channel="line"))

    def start() -> int:
        run = job_request("B-PI-20-F", {"file": file_id}, actor=demo.clerk, business_on=DAY)
        _start(run.pk, demo.clerk)
        return run.pk

    def result(run_id: int) -> object:
        taken = EmploymentChange.objects.filter(channel="eltax").order_by("line_no")
        assert taken.count() == 3
        return JobRun.objects.get(pk=run_id).state, list(taken.values_list("line_no", "state", "last_place"))

    assert _survives(shop, "changes_file", start, result, range(3, 60, 2)) >= 3
