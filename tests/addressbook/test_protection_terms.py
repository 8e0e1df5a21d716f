"""支援措置の期限: warned 30 days before, never opened by time alone, extended or ended by two people."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from addressbook.disclosure import address_for
from addressbook.errors import ProtectionTermRefused
from addressbook.models import Party, Protection
from addressbook.permissions import MANAGE_PROTECTION
from addressbook.selectors.protections import measures_due
from addressbook.services.protection_terms import (
    extension_ends_by,
    extension_opens_on,
    protection_end_propose,
    protection_extend_propose,
    term_approved,
)
from taxsys.platform import clock
from taxsys.platform.approvals.errors import AlreadyProposed, ContentChanged, OwnProposal
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import approval_decide
from taxsys.platform.audit.context import using
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.outbox.models import OutboxMessage
from tests.addressbook.people import TODAY, person, protect
from tests.platform.actors import officer, sign_in, staff_context

pytestmark = [pytest.mark.django_db, pytest.mark.req("N-086")]
RIGHTS = ["addressbook.view_party", MANAGE_PROTECTION]


@pytest.fixture(autouse=True)
def _day(settings: Any) -> None:
    settings.TAXSYS_BUSINESS_DATE = TODAY.isoformat()


@pytest.fixture
def measure() -> Protection:
    return protect(person(1), valid_to=date(2026, 12, 20), opponent_name="相手　方男", contact="0166-00-0000")


def hidden(party: Party) -> bool:
    return address_for(party.pk, output="addressbook.card").is_masked


def test_a_measure_is_due_from_thirty_days_before_its_end_and_stays_due_after_it(measure: Protection) -> None:
    assert list(measures_due(date(2026, 11, 19))) == []
    assert list(measures_due(date(2026, 11, 20))) == [measure]
    assert list(measures_due(date(2027, 6, 1))) == [measure]


def test_the_last_month_begins_on_the_same_day_or_the_last_of_the_month_before(measure: Protection) -> None:
    assert extension_opens_on(measure) == date(2026, 11, 20)
    measure.valid_to = date(2026, 3, 31)
    assert (extension_opens_on(measure), extension_ends_by(measure)) == (date(2026, 2, 28), date(2027, 3, 31))
    measure.valid_to = date(2028, 2, 29)
    assert extension_ends_by(measure) == date(2029, 2, 28)


def test_an_extension_needs_a_second_person(measure: Protection) -> None:
    first, second = officer("5001", permissions=RIGHTS), officer("5002", permissions=RIGHTS)
    with using(staff_context(first)):
        approval = protection_extend_propose(measure.pk, until=date(2027, 12, 20), actor=first)
        with pytest.raises(AlreadyProposed):
            protection_extend_propose(measure.pk, until=date(2027, 11, 20), actor=first)
        with pytest.raises(OwnProposal):
            approval_decide(approval.pk, decision="approve", actor=first, seen_hash=approval.content_hash)
    assert Protection.objects.get().valid_to == date(2026, 12, 20)
    with using(staff_context(second)):
        approval_decide(approval.pk, decision="approve", actor=second, seen_hash=approval.content_hash)
    measure.refresh_from_db()
    assert (measure.valid_to, measure.state) == (date(2027, 12, 20), "1")
    assert hidden(measure.party)
    events = AccessEvent.objects.filter(record_type="protection").order_by("pk")
    assert [(one.action, one.actor_id) for one in events] == [("create", "5001"), ("update", "5002")]


@pytest.mark.parametrize(
    ("today", "until", "words"),
    [
        (date(2026, 11, 19), date(2027, 12, 20), "1月前"),
        (TODAY, date(2026, 12, 20), "1年以内"),
        (TODAY, date(2027, 12, 21), "1年以内"),
    ],
)
def test_an_extension_too_early_or_too_long_is_refused(
    measure: Protection, today: date, until: date, words: str
) -> None:
    staff = officer("5001", permissions=RIGHTS)
    with using(staff_context(staff)), clock.at(today), pytest.raises(ProtectionTermRefused, match=words):
        protection_extend_propose(measure.pk, until=until, actor=staff)
    assert not Approval.objects.exists()


def test_an_end_opens_the_address_only_after_the_period_and_by_two_people(measure: Protection) -> None:
    first, second = officer("5001", permissions=RIGHTS), officer("5002", permissions=RIGHTS)
    with using(staff_context(first)), pytest.raises(ProtectionTermRefused, match="満了していません"):
        protection_end_propose(measure.pk, is_withdrawn=False, actor=first)
    with clock.at(date(2026, 12, 21)):
        assert hidden(measure.party)
        with using(staff_context(first)):
            approval = protection_end_propose(measure.pk, is_withdrawn=False, actor=first)
        assert hidden(measure.party)
        with using(staff_context(second)):
            approval_decide(approval.pk, decision="approve", actor=second, seen_hash=approval.content_hash)
        assert not hidden(measure.party)
    measure.refresh_from_db()
    assert (measure.state, measure.ended_on) == ("2", date(2026, 12, 21))
    told = OutboxMessage.objects.get(topic="protection.changed")
    assert (told.subject_key, told.payload) == (str(measure.party_id), {"state": "2"})


def test_a_newer_list_of_the_register_makes_the_proposal_void(measure: Protection) -> None:
    first = officer("5001", permissions=RIGHTS)
    with using(staff_context(first)):
        approval = protection_extend_propose(measure.pk, until=date(2027, 12, 20), actor=first)
        Protection.objects.update(valid_to=date(2027, 11, 30))
        with pytest.raises(ContentChanged):
            term_approved(approval)
    assert Protection.objects.get().valid_to == date(2027, 11, 30)


def test_the_list_shows_days_and_names_but_neither_address_nor_opponent(measure: Protection, client: Client) -> None:
    sign_in(client, officer("5001", permissions=RIGHTS))
    page = client.get("/party/protections").content.decode()
    assert "旭川　太郎" in page
    assert "満了間近" in page
    assert not any(text in page for text in ("四条通", "相手", "0166"))
    form = client.get(f"/party/protections/{measure.pk}/term")
    assert form.status_code == 200
    missing = client.post(f"/party/protections/{measure.pk}/term", {"decision": "extend"})
    assert (missing.status_code, "延長後の終了日を入力してください。" in missing.content.decode()) == (422, True)
    early = client.post(f"/party/protections/{measure.pk}/term", {"decision": "end"})
    assert (early.status_code, "満了していません" in early.content.decode()) == (422, True)
    sent = client.post(f"/party/protections/{measure.pk}/term", {"decision": "withdraw"})
    assert (sent.status_code, sent["Location"]) == (302, "/party/protections")
    assert "決裁待ち" in client.get("/party/protections").content.decode()
    assert Approval.objects.get().content["after"] == {"state": "3"}
    assert client.get("/party/protections/999/term").status_code == 404
