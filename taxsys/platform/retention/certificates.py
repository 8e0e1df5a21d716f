"""消去証明書: made when something is gone for good; figures, ranges and hashes, never persons (R-190, N-076)."""

from collections import Counter
from datetime import date
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.utils import timezone

from taxsys.platform import clock
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import content_hash
from taxsys.platform.audit.services import access_record
from taxsys.platform.retention.models import ErasureCertificate, ErasureList
from taxsys.platform.retention.periods import copies_gone_on
from taxsys.platform.retention.services import content_of, erasure_finish

_LOCK = 7_230_458_222
METHOD_JA = (
    "データベースの行の削除（復元の手段なし）、保管ファイルの削除。控えは期限で失効し、失効までは復元に使いません。"
)


def _number(on: date) -> str:
    """The next number of the calendar year; numbers never have twelve digits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    prefix = f"E{on.year}-"
    return f"{prefix}{ErasureCertificate.objects.filter(certificate_no__startswith=prefix).count() + 1:05d}"


@transaction.atomic
def certificate_make(
    *, kind: ErasureCertificate.Kind, subject_key: str, facts: dict[str, Any], copies_gone: date | None
) -> ErasureCertificate:
    """Put a certificate into the register; one subject has one certificate, and asking again answers it."""
    done = ErasureCertificate.objects.filter(subject_key=subject_key).first()
    if done is not None:
        return done
    made = ErasureCertificate.objects.create(
        certificate_no=_number(clock.today()),
        kind=kind,
        subject_key=subject_key,
        facts=facts,
        content_hash=content_hash(facts),
        backups_gone_on=copies_gone,
    )
    access_record(action="create", record_type="erasure_certificate", record_id=made.certificate_no)
    return made


@transaction.atomic
def list_certify(list_id: int, *, run_key: str, operator: str) -> ErasureCertificate:
    """消去を終えて証明書を作る. Raises ErasureRefused while rows or files are left."""
    target = ErasureList.objects.get(pk=list_id)
    counts: Counter[str] = Counter()
    for chunk in target.chunks.all():
        counts.update(chunk.counts)
    files = target.doomed_files.filter(removed_at__isnull=False).count()
    erasure_finish(list_id)
    target.refresh_from_db()
    facts = {
        **content_of(target),
        "erased": sum(target.chunks.values_list("roots", flat=True)),
        "tables": [[table_ja(table), number] for table, number in sorted(counts.items()) if number],
        "files": files,
        "method": METHOD_JA,
        "made": _moment(target.made_at),
        "begun": _moment(target.begun_at),
        "ended": _moment(target.ended_at),
        "proposed": target.proposed_by.staff_no if target.proposed_by else "",
        "first": _approver(target.first_approval_id),
        "second": _approver(target.second_approval_id),
        "operator": operator,
        "run": run_key,
    }
    return certificate_make(
        kind=ErasureCertificate.Kind.RECORDS,
        subject_key=f"list:{list_id}",
        facts=facts,
        copies_gone=copies_gone_on(timezone.localdate(target.ended_at)),
    )


def _moment(value: Any) -> str:
    return timezone.localtime(value).isoformat(timespec="seconds") if value else ""


def _approver(approval_id: Any) -> str:
    approval = Approval.objects.select_related("decided_by").get(pk=approval_id)
    return f"{approval.decided_by.staff_no if approval.decided_by else ''} {_moment(approval.decided_at)}"


def table_ja(table: str) -> str:
    """The Japanese name of a table."""
    if table == "vault.number":
        return "個人番号"
    for model in apps.get_models():
        if model._meta.db_table == table:
            return str(model._meta.verbose_name)
    return table


def key_certify(version: int, *, run_key: str) -> ErasureCertificate:
    """鍵の消去証明書: numbers sealed under this key open nowhere any more, in no copy either (R-191)."""
    facts = {
        "key_version": version,
        "method": "暗号鍵の破壊。この鍵で封印した個人番号は、控えの中のものも復号できません。",
        "run": run_key,
        "ended": _moment(clock.now()),
    }
    return certificate_make(
        kind=ErasureCertificate.Kind.KEY,
        subject_key=f"key:{version}",
        facts=facts,
        copies_gone=timezone.localdate(clock.now()),
    )
