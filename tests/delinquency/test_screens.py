"""The arrears desk's screens: runs, the tab with its days, contacts, withdrawal; and the badge."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from addressbook.badges import badges_for
from delinquency.errors import ContactRefused
from delinquency.models import Contact, Reminder, ReminderRun
from delinquency.permissions import VIEW_ARREARS
from delinquency.services.contacts import ContactDraft, contact_record
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.jobs.models import JobRun
from taxsys.platform.staff.models import Staff
from tests.addressbook.people import person, protect
from tests.delinquency.conftest import RIGHTS, at_desk, debtor, pay
from tests.platform.actors import officer, sign_in

Extract, Release = Callable[..., JobRun], Callable[[JobRun], JobRun]
TODAY = date(2026, 7, 24)


@pytest.fixture
def clerk(desk: Staff, client: Client, settings: Any) -> Client:
    settings.TAXSYS_BUSINESS_DATE = TODAY.isoformat()
    return sign_in(client, officer("2003", permissions=RIGHTS, unit_name="納税管理課"))


def test_runs_are_listed_with_counts_and_yen(clerk: Client, extract: Extract, release: Release) -> None:
    debtor(1, name="架空　花子")
    debtor(2, address_text="")
    run = extract()
    assert "決裁待ち" in clerk.get("/delinquency/").content.decode()
    release(run)
    page = clerk.get("/delinquency/").content.decode()
    assert "7,000円" in page
    assert "発付済" in page
    rows = clerk.get(f"/delinquency/runs/{ReminderRun.objects.get().pk}").content.decode()
    assert "架空　花子" in rows
    assert "送付先なし" in rows
    held = clerk.get(f"/delinquency/runs/{ReminderRun.objects.get().pk}?state=held").content.decode()
    assert "架空　花子" not in held
    event = AccessEvent.objects.filter(record_type="delinquency.run").first()
    assert event is not None
    assert len(event.subjects) == 1


@pytest.mark.req("F-DN-005")
def test_the_tab_shows_claims_with_the_days_of_the_law(clerk: Client, extract: Extract, release: Release) -> None:
    party, _charges = debtor(1)
    assert "未督促" in clerk.get(f"/delinquency/party/{party.id}/").content.decode()
    release(extract())
    page = clerk.get(f"/delinquency/party/{party.id}/").content.decode()
    assert "R8.7.17" in page
    assert "R8.7.28" in page
    assert "R13.7.27" in page
    reminder = Reminder.objects.get()
    one = clerk.get(f"/delinquency/reminders/{reminder.pk}").content.decode()
    assert "地方税法18条の2第1項" in one
    assert "地方税法第329条第１項" in one


def test_arrears_are_a_badge_for_those_who_may_see_them(desk: Staff) -> None:
    party, charges = debtor(1)
    other, _charges = debtor(2)
    pay(charges[0], 2000, date(2026, 7, 1))
    staff = officer("2004", permissions=(VIEW_ARREARS,), unit_name="納税管理課")
    found = badges_for([party.id, other.id], staff=staff, on=date(2026, 9, 1))
    assert ("danger", "滞納 2期 10,000円") in found[party.id]
    assert ("danger", "滞納 2期 12,000円") in found[other.id]
    assert badges_for([party.id], staff=staff, on=date(2026, 6, 30))[party.id] == []
    assert badges_for([party.id], staff=officer("2005"), on=date(2026, 9, 1))[party.id] == []


def test_a_contact_is_kept_with_what_is_next(clerk: Client) -> None:
    party = person(1)
    answer = clerk.post(
        f"/delinquency/party/{party.id}/contacts",
        {"contacted_on": "R8.7.24", "method": "phone_out", "content": "7月末に納付するとの申出", "next_on": "R8.8.3",
         "next_step": "納付の確認"},
        follow=True,
    )  # fmt: skip
    page = answer.content.decode()
    assert "7月末に納付するとの申出" in page
    assert "納付の確認" in page
    contact = Contact.objects.get()
    assert (contact.recorded_by, contact.next_on) == ("2003", date(2026, 8, 3))
    event = AccessEvent.objects.get(record_type="delinquency.contact")
    assert event.subjects == [str(party.id)]


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"content_ja": " "}, "内容"),
        ({"contacted_on": date(2026, 7, 25)}, "業務日より後"),
        ({"next_on": date(2026, 7, 1)}, "折衝日より前"),
    ],
)
def test_a_contact_that_cannot_be_is_refused(desk: Staff, changes: dict[str, Any], word: str) -> None:
    party = person(1)
    values = {"party_id": party.id, "contacted_on": date(2026, 7, 20), "method": "visit", "content_ja": "不在"}
    with at_desk(TODAY), pytest.raises(ContactRefused, match=word):
        contact_record(ContactDraft(**{**values, **changes}))
    assert not Contact.objects.exists()
    assert not AccessEvent.objects.filter(record_type="delinquency.contact").exists()


def test_contacts_are_append_only(desk: Staff, database_role: Any) -> None:
    with at_desk(TODAY):
        contact_record(ContactDraft(party_id=person(1).id, contacted_on=TODAY, method="visit", content_ja="不在"))
    for act in (lambda: Contact.objects.update(content_ja="x"), Contact.objects.all().delete):
        with pytest.raises(DatabaseError), transaction.atomic(), database_role("taxsys_owner"):
            act()
    assert Contact.objects.get().content_ja == "不在"


def test_withdrawal_and_return_on_the_page(clerk: Client, extract: Extract, release: Release) -> None:
    debtor(1)
    release(extract())
    row = Reminder.objects.get()
    assert clerk.post(f"/delinquency/reminders/{row.pk}/withdraw", {"reason": ""}).status_code == 422
    clerk.post(f"/delinquency/reminders/{row.pk}/returned", {"returned_on": "R8.7.23", "reason": "あて所不明"})
    row.refresh_from_db()
    assert (row.returned_on, row.returned_reason) == (date(2026, 7, 23), "あて所不明")
    clerk.post(f"/delinquency/reminders/{row.pk}/withdraw", {"reason": "誤って発付した"})
    row.refresh_from_db()
    assert (row.state, row.withdrawn_by) == ("withdrawn", "2003")
    assert clerk.post(f"/delinquency/reminders/{row.pk}/withdraw", {"reason": "x"}).status_code == 409
    assert "更新なし" in clerk.get(f"/delinquency/reminders/{row.pk}").content.decode()


def test_without_the_right_nothing_is_seen_or_written(desk: Staff, client: Client, settings: Any) -> None:
    settings.TAXSYS_BUSINESS_DATE = TODAY.isoformat()
    party, _charges = debtor(1)
    stranger = sign_in(client, officer("2006", permissions=("addressbook.view_party",)))
    assert stranger.get(f"/delinquency/party/{party.id}/").status_code == 403
    assert stranger.get("/delinquency/").status_code == 403
    answer = stranger.post(
        f"/delinquency/party/{party.id}/contacts", {"contacted_on": "R8.7.24", "method": "visit", "content": "x"}
    )
    assert answer.status_code == 403
    assert not Contact.objects.exists()


def test_no_address_of_a_protected_debtor_is_on_the_tab(clerk: Client, extract: Extract, release: Release) -> None:
    victim, _charges = debtor(1, address_text="北海道旭川市秘密町1番地")
    protect(victim)
    release(extract())
    for page in (f"/delinquency/party/{victim.id}/", f"/delinquency/reminders/{Reminder.objects.get().pk}"):
        assert "秘密町" not in clerk.get(page).content.decode()
