"""アクセス記録の点検: an officer's own party on the list, a look that was none of his business, and its finding."""

from datetime import date, timedelta

from django.utils import timezone

from addressbook.access import access_party
from addressbook.models import HouseholdMembership
from taxsys.platform import clock
from taxsys.platform.approvals.services import approval_decide
from taxsys.platform.audit.models import LogCheck, ReviewReport
from taxsys.platform.audit.permissions import DECIDE_WATCH, KEEP_WATCH
from taxsys.platform.audit.review.watching import watch_propose
from taxsys.platform.audit.sealing import seal_pending
from taxsys.platform.staff.models import Staff
from taxsys.web.demo.walk import TAX_YEAR, Demo, DemoStopped

STAGE = "アクセス記録の点検"
_DAY = date(TAX_YEAR, 11, 20)


def review(demo: Demo) -> None:
    """The clerk looks at somebody of the own household; the security officer's review of the month finds it."""
    auditor = Staff.objects.get(staff_no="3001")
    with demo.timed(STAGE):
        _relative_opened(demo, auditor)
        seal_pending()
        # The log tells real time, not simulated days.
        today = timezone.localdate(clock.now())
        period = {"from_on": (today - timedelta(days=30)).isoformat(), "to_on": today.isoformat()}
        demo.job("B-AU-01", period, _DAY, who=auditor)
        checked = demo.job("B-AU-03", {}, _DAY, who=auditor)
    if not checked.gates.get(gate_id="log_intact").ok:
        raise DemoStopped("アクセス記録の検証に異常があります。「封印」の画面で確かめてください。")
    report = ReviewReport.objects.latest("pk")
    if not report.findings.filter(kind="household", actor_id=demo.clerk.staff_no).exists():
        raise DemoStopped("同一世帯員の閲覧が点検で見つかりません。")


def _relative_opened(demo: Demo, auditor: Staff) -> None:
    members = HouseholdMembership.objects.as_of(_DAY).select_related("party")
    head = members.filter(is_head=True, party__state="registered").order_by("party__person_no")
    for one in head.iterator(chunk_size=50):
        relative = members.filter(household_no=one.household_no).exclude(party_id=one.party_id).first()
        if relative is not None:
            break
    else:
        raise DemoStopped("二人以上の世帯がありません。")
    with demo.desk(_DAY, who=auditor, function_id=KEEP_WATCH.code):
        approval = watch_propose(
            kind="staff",
            person_no=one.party.person_no,
            staff_no=demo.clerk.staff_no,
            from_on=date(TAX_YEAR, 4, 1),
            actor=auditor,
        )
    with demo.desk(_DAY, who=demo.chief, function_id=DECIDE_WATCH.code):
        approval_decide(approval.pk, decision="approve", actor=demo.chief, seen_hash=approval.content_hash)
    with demo.desk(_DAY):
        access_party(relative.party_id)


def rows() -> list[tuple[str, str]]:
    """What the review found and what the verification read."""
    report, check = ReviewReport.objects.latest("pk"), LogCheck.objects.latest("pk")
    return [
        ("アクセス記録", f"{check.sealed:,}件を検証（異常{len(check.faults):,}件）"),
        ("点検の所見", f"{report.findings.count():,}件（確認待ち）"),
    ]
