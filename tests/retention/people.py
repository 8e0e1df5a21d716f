"""Who proposes, approves and carries out an erasure, and the way from candidates to the end of it."""

from datetime import date

from django.db import connection, transaction

from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import approval_decide
from taxsys.platform.audit.context import AccessContext, using
from taxsys.platform.jobs.models import JobRun, RunState
from taxsys.platform.jobs.services import SYSTEM, _start, job_request, job_run_inline
from taxsys.platform.retention import services
from taxsys.platform.retention.models import ErasureList
from taxsys.platform.retention.permissions import APPROVE_FIRST, APPROVE_SECOND, PROPOSE, STOP
from taxsys.platform.staff.models import Staff
from tests.platform.actors import officer

BUSINESS_ON = date(2026, 11, 20)
SOMEBODY = AccessContext(actor_kind="system", actor_id="test")


def proposer() -> Staff:
    return officer("6001", permissions=[PROPOSE, APPROVE_FIRST, APPROVE_SECOND, STOP])


def first() -> Staff:
    return officer("6002", permissions=[APPROVE_FIRST, APPROVE_SECOND])


def second() -> Staff:
    return officer("6003", permissions=[APPROVE_SECOND])


def candidates(family: str, run_key: str = "test#1") -> ErasureList:
    """The dry-run list of a family."""
    with using(SOMEBODY):
        made = services.list_make(family, run_key=run_key)
    assert made is not None
    return made


def waiting(target: ErasureList) -> Approval:
    """The open proposal about a list."""
    return Approval.objects.get(subject_key=f"erasure:{target.pk}", state="proposed")


def approve(approval: Approval, actor: Staff) -> None:
    """Decide exactly what is shown."""
    approval_decide(approval.pk, decision="approve", actor=actor, seen_hash=approval.content_hash)


def approved(target: ErasureList) -> ErasureList:
    """Proposed by one, approved by two others."""
    with using(SOMEBODY):
        services.list_propose(target.pk, actor=proposer())
        approve(waiting(target), first())
        approve(waiting(target), second())
    target.refresh_from_db()
    return target


def started(job_id: str, **params: object) -> int:
    """A run that waits for its worker."""
    run = job_request(job_id, params, actor=SYSTEM, business_on=BUSINESS_ON)
    _start(run.pk, SYSTEM)
    return run.pk


def carried_out(target: ErasureList) -> JobRun:
    """The erasure carried out by its job, all checks green."""
    run = job_request("B-RT-02", {"list": target.pk}, actor=SYSTEM, business_on=BUSINESS_ON)
    run = job_run_inline(run.pk)
    assert run.state == RunState.FINISHED, run.message
    assert [(gate.gate_id, gate.detail_ja) for gate in run.gates.filter(ok=False)] == []
    return run


def erased(family: str) -> ErasureList:
    """From candidates to the end in one go."""
    target = approved(candidates(family))
    carried_out(target)
    target.refresh_from_db()
    return target


def as_role(role: str, statement: str, *values: object) -> None:
    """Run a statement as another role of the database, then be the application again."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {role}")
        cursor.execute(statement, values)
        cursor.execute("SET LOCAL ROLE taxsys_app")
