"""点検の確認: the security officer signs exactly the report that was shown, with a remark, once (R-231)."""

from django.db import IntegrityError, transaction

from taxsys.platform.audit.errors import AlreadySigned, RemarkMissing, ReportChanged
from taxsys.platform.audit.models import ReviewReport, ReviewSignature
from taxsys.platform.audit.review.gathering import content_hash
from taxsys.platform.audit.services import access_record
from taxsys.platform.staff.models import Staff


@transaction.atomic
def review_sign(report_id: int, *, remark: str, seen_hash: str, actor: Staff) -> ReviewSignature:
    """Sign a report. Raises RemarkMissing, ReportChanged (it is not what was hashed and shown), AlreadySigned."""
    report = ReviewReport.objects.get(pk=report_id)
    remark = remark.strip()
    if not remark:
        raise RemarkMissing
    stored = content_hash(report)
    if not stored == report.content_hash == seen_hash:
        raise ReportChanged
    try:
        with transaction.atomic():
            signature = ReviewSignature.objects.create(
                report=report, staff_no=actor.staff_no, remark=remark, content_hash=stored
            )
    except IntegrityError as error:
        raise AlreadySigned from error
    access_record(action="update", record_type="review_report", record_id=str(report.pk), reason="approved")
    return signature
