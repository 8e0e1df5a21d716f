"""支援措置対象者の表示の日報: made the same evening, looked at by a security officer who saw none of them (N-101)."""

from datetime import date

from django.db import transaction

from addressbook.errors import RevealReportRefused
from addressbook.models import RevealReport
from addressbook.selectors.reveals import reveals_of
from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.staff.access import is_same_person
from taxsys.platform.staff.models import Staff


@transaction.atomic
def report_make(day: date) -> RevealReport:
    """日報を作る: counts of the day; made again, one that grew is to be looked at anew."""
    found = reveals_of(day)
    subjects = {key for one in found for key in one.subjects}
    figures = {"events": len(found), "people": len(subjects), "officers": len({one.actor_id for one in found})}
    report, is_new = RevealReport.objects.select_for_update().get_or_create(
        day=day, defaults={**figures, "made_at": clock.now()}
    )
    if not is_new and report.events != len(found):
        for name, value in figures.items():
            setattr(report, name, value)
        report.made_at, report.noted_at, report.noted_by = clock.now(), None, ""
        report.save()
    return report


@transaction.atomic
def report_note(day: date, *, staff: Staff) -> RevealReport:
    """確認済みにする. Raises RevealReportRefused for one's own reveals, and where acts came in after the report."""
    report = RevealReport.objects.select_for_update().filter(day=day).first()
    if report is None or report.noted_at is not None:
        raise RevealReportRefused("この日の日報はないか、確認済みです。一覧を開き直してください。")
    found = reveals_of(day)
    if len(found) != report.events:
        raise RevealReportRefused("日報の作成の後に表示がありました。次の日報で確認してください。")
    if any(is_same_person(one.actor_id, staff.staff_no) for one in found):
        raise RevealReportRefused("自分が表示した記録を含む日報は確認できません。別の職員が確認してください。")
    report.noted_by, report.noted_at = staff.staff_no, clock.now()
    report.save(update_fields=("noted_by", "noted_at"))
    access_record(action="update", record_type="reveal_report", record_id=day.isoformat(), count=report.events)
    return report
