"""The evening's report of what was shown of protected people, looked at by somebody who saw none of it (N-101)."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from addressbook.errors import RevealReportRefused
from addressbook.models import RevealReport
from addressbook.permissions import REVEAL_PROTECTED, REVIEW_REVEALS, VIEW_PARTY
from addressbook.selectors.reveals import reveal_lines
from addressbook.services.reveals import report_make, report_note
from taxsys.platform.audit.context import using
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.audit.services import access_record
from taxsys.platform.jobs.services import SYSTEM, job_request, job_run_inline
from taxsys.platform.staff.permissions import HOME
from tests.addressbook.people import TODAY, person, protect
from tests.platform.actors import officer, sign_in, staff_context

pytestmark = [pytest.mark.django_db, pytest.mark.req("N-101")]


@pytest.fixture(autouse=True)
def _day(settings: Any) -> None:
    settings.TAXSYS_BUSINESS_DATE = TODAY.isoformat()


def revealed(client: Client, party: Any, number: str = "5001") -> None:
    """The real screen: reason and second factor, then the address once."""
    sign_in(client, officer(number, permissions=[HOME, VIEW_PARTY, REVEAL_PROTECTED]))
    answer = client.post(reverse("party-protection", args=[party.pk]), {"reason": "reveal_mailing"})
    assert answer.status_code == 200


def test_each_reveal_of_the_day_stands_in_the_report_with_officer_person_and_reason(client: Client) -> None:
    hidden, neighbour, other = person(1), person(2, household="S0000000001", relation="03"), person(3)
    protect(hidden)
    revealed(client, hidden)
    with using(staff_context(officer("5003"))):
        access_record(action="reveal_number", subjects=[str(neighbour.pk)], record_type="vault.number")
        access_record(action="reveal_number", subjects=[str(other.pk)], record_type="vault.number")
        access_record(action="view", subjects=[str(hidden.pk)], record_type="card.overview")
    lines = reveal_lines(TODAY)
    told = {(line.event.actor_id, line.person_nos, line.what_ja, line.reason_ja) for line in lines}
    assert told >= {
        ("5001", (hidden.person_no,), "支援措置の内容・住所", "文書の送付先の確認"),
        ("5001", (hidden.person_no,), "住所", ""),
        ("5003", (neighbour.person_no,), "個人番号", ""),
    }
    assert {numbers for _actor, numbers, _what, _why in told} == {(hidden.person_no,), (neighbour.person_no,)}
    report = report_make(TODAY)
    assert (report.events, report.people, report.officers) == (len(lines), 2, 2)


def test_the_job_of_the_evening_makes_the_report_and_takes_up_what_came_after_yesterdays(client: Client) -> None:
    hidden = person(1)
    protect(hidden)
    revealed(client, hidden)
    run = job_run_inline(job_request("B-AB-07", {}, actor=SYSTEM, business_on=TODAY).pk, raise_errors=True)
    assert run.state == "finished"
    first = RevealReport.objects.get(day=TODAY)
    assert first.events > 0
    assert RevealReport.objects.get(day=TODAY - timedelta(days=1)).events == 0
    auditor = officer("3001", unit_name="税制課")
    with using(staff_context(auditor)):
        report_note(TODAY, staff=auditor)
    revealed(client, hidden, "5004")
    job_run_inline(
        job_request("B-AB-07", {}, actor=SYSTEM, business_on=TODAY + timedelta(days=1)).pk, raise_errors=True
    )
    first.refresh_from_db()
    assert (first.events, first.officers, first.noted_at) == (len(reveal_lines(TODAY)), 2, None)


def test_nobody_signs_off_a_day_with_own_reveals_nor_one_that_grew(client: Client) -> None:
    hidden = person(1)
    protect(hidden)
    revealed(client, hidden, "3001")
    report_make(TODAY)
    for number, person_no in (("3001", ""), ("3009", "")):
        if number == "3009":
            officer("3001").__class__.objects.filter(staff_no="3001").update(person_no="P-1")
            person_no = "P-1"
        with pytest.raises(RevealReportRefused, match="自分が表示した"):
            report_note(TODAY, staff=officer(number, person_no=person_no))
    revealed(client, hidden, "5001")
    with pytest.raises(RevealReportRefused, match="作成の後に表示がありました"):
        report_note(TODAY, staff=officer("3002"))


def test_the_screen_lists_the_day_without_names_or_addresses_and_is_signed_off_once(client: Client) -> None:
    hidden = person(1, name="忍野　花子", address_text="北海道旭川市隠里町9番9号")
    protect(hidden)
    revealed(client, hidden)
    report_make(TODAY)
    auditor = sign_in(Client(), officer("3001", permissions=[HOME, REVIEW_REVEALS], unit_name="税制課"))
    assert "未確認" in auditor.get(reverse("reveal-reports")).content.decode()
    page = auditor.get(reverse("reveal-day", args=[TODAY.isoformat()])).content.decode()
    assert (hidden.person_no in page, "職員5001" in page, "忍野" in page, "隠里町" in page) == (
        True,
        True,
        False,
        False,
    )
    note = reverse("reveal-day-note", args=[TODAY.isoformat()])
    assert [auditor.post(note).status_code for _ in range(2)] == [302, 409]
    assert auditor.get(reverse("reveal-day", args=["2026-13-40"])).status_code == 404
    assert AccessEvent.objects.filter(record_type="reveal_report", action="update").count() == 1
    assert RevealReport.objects.get(day=date(2026, 11, 20)).noted_by == "3001"
