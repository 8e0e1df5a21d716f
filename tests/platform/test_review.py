"""The review of the access log: what it finds, what it leaves alone, who may sign it, and that nobody can alter it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.test import Client

from addressbook.models import HouseholdMembership, Party
from taxsys.platform.approvals.errors import AlreadyProposed, OwnProposal
from taxsys.platform.approvals.services import approval_decide
from taxsys.platform.audit.context import using
from taxsys.platform.audit.errors import (
    AlreadySigned,
    AlreadyWatched,
    NotWatched,
    PartyUnknown,
    RemarkMissing,
    ReportChanged,
    StaffUnknown,
)
from taxsys.platform.audit.jobs import last_fiscal_year, last_month, same_day
from taxsys.platform.audit.models import AccessEvent, ReviewFinding, ReviewReport, ReviewSignature, WatchedParty
from taxsys.platform.audit.permissions import DECIDE_WATCH, KEEP_WATCH, RUN_REVIEW, SIGN_REVIEW, VIEW_REVIEW
from taxsys.platform.audit.review.gathering import Limits, review_make
from taxsys.platform.audit.review.selectors import finding_events
from taxsys.platform.audit.review.signing_off import review_sign
from taxsys.platform.audit.review.watching import watch_end_propose, watch_propose
from taxsys.platform.jobs.models import JobRun, RunState, WorkItem
from taxsys.platform.jobs.services import job_request, job_run_inline
from taxsys.platform.staff.models import Staff
from tests.addressbook.people import person, protect
from tests.platform.actors import officer, sign_in, staff_context
from tests.platform.papers import pdf_text

pytestmark = pytest.mark.django_db
# A Friday in November, 10:00 in Japan; the office is open.
FRIDAY = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
MONTH = {"from_on": date(2026, 11, 1), "to_on": date(2026, 11, 30)}


@pytest.fixture
def auditor() -> Iterator[Staff]:
    staff = officer("3001", permissions=[VIEW_REVIEW, SIGN_REVIEW, KEEP_WATCH, RUN_REVIEW], unit_name="税制課")
    with time_machine.travel(FRIDAY, tick=False), using(staff_context(staff)):
        yield staff


def event(staff_no: str, *subjects: object, at: datetime = FRIDAY, **fields: Any) -> AccessEvent:
    values: dict[str, Any] = {"actor_kind": "staff", "action": "view", "unit_code": "102", **fields}
    return AccessEvent.objects.create(
        actor_id=staff_no, occurred_at=at, subjects=[str(getattr(one, "pk", one)) for one in subjects], **values
    )


def reviewed(run_key: str = "test", **limits: int) -> ReviewReport:
    return review_make(run_key=run_key, limits=Limits(**limits), **MONTH)


def found(report: ReviewReport) -> dict[tuple[str, str], list[int]]:
    """(kind, actor) → ids of the events."""
    return {(one.kind, one.actor_id): sorted(one.event_ids) for one in report.findings.all()}


def watched(
    auditor: Staff, party: Party, *, kind: str = "staff", staff_no: str = "", since: date = MONTH["from_on"]
) -> None:
    chief = officer("1002", permissions=[DECIDE_WATCH], unit_name="税制課")
    approval = watch_propose(kind=kind, person_no=party.person_no, staff_no=staff_no, from_on=since, actor=auditor)
    approval_decide(approval.pk, decision="approve", actor=chief, seen_hash=approval.content_hash)


@pytest.mark.req("R-231")
def test_own_household_and_former_household_look_ups_are_told_apart(auditor: Staff) -> None:
    officer("5001")
    myself, wife = person(1), person(2, household="S0000000001", relation="12")
    parent, stranger = person(3), person(4)
    HouseholdMembership.objects.create(
        party=myself, household_no="S0000000003", valid_from=date(2000, 1, 1), valid_to=date(2010, 4, 1),
        recorded_at=FRIDAY, source="test",
    )  # fmt: skip
    HouseholdMembership.objects.filter(party=parent).update(valid_from=date(1990, 1, 1))
    watched(auditor, myself, staff_no="5001")
    own, home, old = event("5001", myself), event("5001", stranger, wife), event("5001", parent)
    event("5001", stranger)
    event("5002", wife)
    assert found(reviewed()) == {
        ("own", "5001"): [own.pk], ("household", "5001"): [home.pk], ("former", "5001"): [old.pk],
    }  # fmt: skip


@pytest.mark.req("R-231")
def test_colleagues_and_persons_of_public_interest_are_found_only_while_listed(auditor: Staff) -> None:
    officer("5001")
    colleague, mayor = person(1), person(2)
    watched(auditor, colleague, staff_no="5001")
    watched(auditor, mayor, kind="public", since=date(2026, 11, 20))
    seen, known = event("5002", colleague), event("5002", mayor)
    event("5002", mayor, at=FRIDAY - timedelta(days=1))
    assert found(reviewed()) == {("colleague", "5002"): [seen.pk], ("public", "5002"): [known.pk]}


@pytest.mark.req("R-231")
@pytest.mark.parametrize(
    ("at", "is_found"),
    [
        (datetime(2026, 11, 19, 22, 59, tzinfo=UTC), True),  # Friday 07:59
        (datetime(2026, 11, 19, 23, 0, tzinfo=UTC), False),  # Friday 08:00
        (datetime(2026, 11, 20, 9, 59, tzinfo=UTC), False),  # Friday 18:59
        (datetime(2026, 11, 20, 10, 0, tzinfo=UTC), True),  # Friday 19:00
        (datetime(2026, 11, 21, 1, 0, tzinfo=UTC), True),  # Saturday
        (datetime(2026, 11, 23, 1, 0, tzinfo=UTC), True),  # Labour Thanksgiving Day, a Monday
    ],
)
def test_off_hours_are_those_of_the_office_in_japan(auditor: Staff, at: datetime, is_found: bool) -> None:
    one = event("5001", "p1", at=at)
    assert found(reviewed()) == ({("off_hours", "5001"): [one.pk]} if is_found else {})


@pytest.mark.req("R-231")
def test_a_day_far_above_the_usual_of_the_unit_is_found_with_all_its_events(auditor: Staff) -> None:
    for number, staff_no in enumerate(("5001", "5002", "5003", "5004")):
        event(staff_no, *(f"p{number}-{n}" for n in range(5)))
    many = [event("5005", *(f"q{part}-{n}" for n in range(8))) for part in range(2)]
    # 16 people in a day against a median of 5: above three times; a higher floor leaves it alone.
    assert found(reviewed(volume_floor=16, volume_ratio=3)) == {("volume", "5005"): [one.pk for one in many]}
    assert found(reviewed("floor", volume_floor=17, volume_ratio=3)) == {}
    assert found(reviewed("ratio", volume_floor=1, volume_ratio=4)) == {}


@pytest.mark.req("R-231")
def test_numbers_refusals_and_protected_people_are_found(auditor: Staff) -> None:
    hidden = person(1)
    protect(hidden)
    shown = event("5001", "p1", action="reveal_number")
    read = event("5001", "p1", action="read_number")
    no = event("5002", action="denied", result="denied", reason="no_permission")
    caller = event("kokuho", action="denied", result="denied", actor_kind="client")
    look = event("5003", hidden)
    event("run-1", action="read_number", actor_kind="job")
    assert found(reviewed()) == {
        ("number", "5001"): [shown.pk, read.pk],
        ("refused", "5002"): [no.pk],
        ("refused", "kokuho"): [caller.pk],
        ("protected", "5003"): [look.pk],
    }


@pytest.mark.req("R-181")
def test_contractors_are_in_the_same_log_and_stand_apart_in_the_report(auditor: Staff, client: Client) -> None:
    officer("9001", kind=Staff.Kind.CONTRACTOR)
    officer("5001")
    event("9001", action="denied", result="denied")
    event("5001", action="denied", result="denied")
    report = reviewed()
    marks = dict(report.findings.values_list("actor_id", "is_contractor"))
    assert marks == {"9001": True, "5001": False}
    who = {name: events for name, events, _people in report.figures["who"]}
    assert who["contractor"] == 1
    page = sign_in(client, auditor).get(f"/access-log/reviews/{report.pk}").content.decode()
    officers, contractors = page.split('id="found-contractors"')
    assert "9001" not in officers
    assert "9001" in contractors


def test_events_outside_the_period_are_not_counted(auditor: Staff) -> None:
    event("5001", at=datetime(2026, 10, 31, 14, 59, tzinfo=UTC), action="denied", result="denied")
    first = event("5001", at=datetime(2026, 10, 31, 15, 0, tzinfo=UTC), action="denied", result="denied")
    event("5001", at=datetime(2026, 11, 30, 15, 0, tzinfo=UTC), action="denied", result="denied")
    assert found(reviewed())["refused", "5001"] == [first.pk]


@pytest.mark.req("R-231")
@pytest.mark.req("R-232")
def test_the_monthly_job_makes_one_report_and_work_items_that_name_nobody(auditor: Staff) -> None:
    event("5001", action="denied", result="denied")
    params = {"from_on": "2026-11-01", "to_on": "2026-11-30"}
    run = job_request("B-AU-01", params, actor=auditor, business_on=date(2026, 12, 3))
    job_run_inline(run.pk, actor=auditor, raise_errors=True)
    assert JobRun.objects.get(pk=run.pk).state == RunState.FINISHED
    report = ReviewReport.objects.get(run_key=f"B-AU-01#{run.pk}")
    item = WorkItem.objects.get(run=run)
    assert (item.kind, item.code) == ("audit.review", "refused")
    assert "5001" not in item.message_ja
    assert "1件" in item.message_ja
    assert review_make(run_key=report.run_key, limits=Limits(), **MONTH) == report
    assert ReviewReport.objects.count() == 1


@pytest.mark.req("R-270")
def test_the_evening_job_puts_what_is_out_of_the_ordinary_on_the_list_the_same_day(auditor: Staff) -> None:
    event("5001", at=datetime(2026, 11, 20, 3, 0, tzinfo=UTC), action="denied", result="denied")
    event("5001", at=datetime(2026, 11, 19, 3, 0, tzinfo=UTC), action="denied", result="denied")
    day = date(2026, 11, 20)
    run = job_request("B-AU-04", {name: str(on) for name, on in same_day(day).items()}, actor=auditor, business_on=day)
    job_run_inline(run.pk, actor=auditor, raise_errors=True)
    item = WorkItem.objects.get(run=run, code="refused")
    assert "1件" in item.message_ja
    assert ReviewReport.objects.get().run_key == f"B-AU-04#{run.pk}"


def test_the_periods_of_the_scheduled_reviews() -> None:
    assert last_month(date(2026, 12, 3)) == {"from_on": date(2026, 11, 1), "to_on": date(2026, 11, 30)}
    year = {"from_on": date(2025, 4, 1), "to_on": date(2026, 3, 31)}
    assert last_fiscal_year(date(2026, 4, 10)) == last_fiscal_year(date(2027, 3, 31)) == year


@pytest.mark.req("R-231")
def test_the_security_officer_signs_what_was_shown_once_and_with_a_remark(auditor: Staff) -> None:
    report = reviewed()
    with pytest.raises(RemarkMissing):
        review_sign(report.pk, remark="　 ", seen_hash=report.content_hash, actor=auditor)
    with pytest.raises(ReportChanged):
        review_sign(report.pk, remark="異常なし", seen_hash="0" * 64, actor=auditor)
    signature = review_sign(report.pk, remark="異常なし", seen_hash=report.content_hash, actor=auditor)
    assert (signature.staff_no, signature.remark, signature.content_hash) == ("3001", "異常なし", report.content_hash)
    with pytest.raises(AlreadySigned):
        review_sign(report.pk, remark="再確認", seen_hash=report.content_hash, actor=auditor)
    assert ReviewSignature.objects.get().remark == "異常なし"


def test_a_report_whose_findings_were_thinned_out_cannot_be_signed(auditor: Staff, database_role: Any) -> None:
    event("5001", action="denied", result="denied")
    report = reviewed()
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM audit_reviewfinding")
        cursor.execute("SET LOCAL session_replication_role = origin")
        cursor.execute("SET ROLE taxsys_app")
    with pytest.raises(ReportChanged):
        review_sign(report.pk, remark="異常なし", seen_hash=report.content_hash, actor=auditor)


@pytest.mark.parametrize("table", ["audit_reviewreport", "audit_reviewfinding", "audit_reviewsignature"])
@pytest.mark.parametrize("role", ["taxsys_app", "taxsys_owner"])
def test_reports_and_signatures_cannot_be_altered(auditor: Staff, database_role: Any, table: str, role: str) -> None:
    event("5001", action="denied", result="denied")
    report = reviewed()
    review_sign(report.pk, remark="異常なし", seen_hash=report.content_hash, actor=auditor)
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET {'remark' if 'sign' in table else 'id'} = NULL"):
        with database_role(role), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert ReviewFinding.objects.count() == ReviewSignature.objects.count() == 1


def test_a_watched_party_needs_two_people_and_ends_by_two(auditor: Staff) -> None:
    party = person(1)
    chief = officer("1002", permissions=[DECIDE_WATCH], unit_name="税制課")
    values = {"kind": "public", "person_no": party.person_no, "staff_no": "", "from_on": date(2026, 11, 1)}
    approval = watch_propose(actor=auditor, **values)
    assert WatchedParty.objects.count() == 0
    with pytest.raises(AlreadyProposed):
        watch_propose(actor=auditor, **values)
    with pytest.raises(OwnProposal):
        approval_decide(approval.pk, decision="approve", actor=auditor, seen_hash=approval.content_hash)
    approval_decide(approval.pk, decision="approve", actor=chief, seen_hash=approval.content_hash)
    entry = WatchedParty.objects.get()
    assert (entry.party_key, entry.to_on, entry.approval_id) == (str(party.pk), None, approval.pk)
    with pytest.raises(AlreadyWatched):
        watch_propose(actor=auditor, **values)
    ending = watch_end_propose(entry.pk, to_on=date(2026, 11, 20), actor=auditor)
    approval_decide(ending.pk, decision="approve", actor=chief, seen_hash=ending.content_hash)
    entry.refresh_from_db()
    assert (entry.to_on, entry.ended_by_approval_id) == (date(2026, 11, 20), ending.pk)
    with pytest.raises(NotWatched):
        watch_end_propose(entry.pk, to_on=date(2026, 11, 21), actor=auditor)


def test_an_unknown_party_or_officer_is_refused(auditor: Staff) -> None:
    values = {"from_on": date(2026, 11, 1), "actor": auditor}
    with pytest.raises(PartyUnknown):
        watch_propose(kind="public", person_no="R99999999999999", staff_no="", **values)
    with pytest.raises(StaffUnknown):
        watch_propose(kind="staff", person_no=person(1).person_no, staff_no="7777", **values)


def test_the_pages_show_figures_findings_and_events_and_log_everybody_shown(auditor: Staff, client: Client) -> None:
    officer("5001", name="閲覧　太郎")
    event("5001", "p1", "p2", action="reveal_number")
    report = reviewed()
    finding = report.findings.get()
    sign_in(client, auditor)
    assert "未確認" in client.get("/access-log/reviews").content.decode()
    page = client.get(f"/access-log/reviews/{report.pk}").content.decode()
    assert "個人番号の表示・検索" in page
    assert "閲覧　太郎" in page
    inner = client.get(f"/access-log/reviews/{report.pk}/findings/{finding.pk}")
    assert inner.status_code == 200
    assert list(finding_events(finding).values_list("pk", flat=True)) == finding.event_ids
    told = AccessEvent.objects.filter(actor_id="3001", record_type="access_event").latest("pk")
    assert told.subjects == ["p1", "p2"]
    answer = client.post(
        f"/access-log/reviews/{report.pk}/sign", {"remark": "聞き取り済", "seen_hash": report.content_hash}
    )
    assert answer.status_code == 302
    assert "聞き取り済" in client.get(f"/access-log/reviews/{report.pk}").content.decode()


def test_signing_without_a_remark_says_what_to_do(auditor: Staff, client: Client) -> None:
    report = reviewed()
    answer = sign_in(client, auditor).post(f"/access-log/reviews/{report.pk}/sign", {"seen_hash": report.content_hash})
    assert answer.status_code == 422
    assert RemarkMissing.message_ja in answer.content.decode()
    assert ReviewSignature.objects.count() == 0


def test_the_printed_report_carries_the_findings(auditor: Staff, client: Client) -> None:
    officer("5001", name="閲覧　太郎")
    event("5001", "p1", action="reveal_number")
    report = reviewed()
    answer = sign_in(client, auditor).get(f"/access-log/reviews/{report.pk}/sheet.pdf")
    text = pdf_text(answer.content)
    assert answer["Content-Type"] == "application/pdf"
    assert "アクセス記録 点検結果" in text
    assert "個人番号の表示・検索" in text
    assert "閲覧" in text
    assert report.content_hash in text.replace("\n", "")
    assert AccessEvent.objects.filter(action="print", record_type="review_report").count() == 1
