"""Once a year every grant is confirmed by the head of its unit, or a job ends it at the deadline (R-226, N-073)."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from taxsys.platform import clock
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.jobs.models import JobRun, RunState
from taxsys.platform.jobs.services import SYSTEM, job_request, job_run_inline
from taxsys.platform.rights import permissions, recertification
from taxsys.platform.rights.appointments import appointment_give
from taxsys.platform.rights.errors import AlreadyClosed, NotAppointed, SamePerson
from taxsys.platform.rights.models import Appointment, Campaign, CampaignItem
from taxsys.platform.staff.access import has_permission, permission_forget
from taxsys.platform.staff.models import Grant, Staff
from taxsys.platform.staff.permissions import HOME, SELF, VIEW_STAFF
from tests.platform.actors import FROM_ON, officer, sign_in

pytestmark = pytest.mark.django_db
OPENED, DUE, AFTER = date(2026, 11, 2), date(2026, 11, 30), date(2026, 12, 1)
RIGHTS = (HOME, SELF, permissions.VIEW, permissions.RECERTIFY)


@pytest.fixture
def head() -> Staff:
    staff = officer("6001", permissions=RIGHTS)
    appointment_give(staff, duty="unit_head", scope="102", from_on=FROM_ON)
    return staff


@pytest.fixture
def clerk() -> Staff:
    return officer("6009", permissions=[HOME, SELF, VIEW_STAFF])


def run(job_id: str, on: date, **params: Any) -> JobRun:
    with clock.at(on):
        asked = job_request(job_id, params, actor=SYSTEM, business_on=on)
        job_run_inline(asked.pk, raise_errors=True)
    return JobRun.objects.get(pk=asked.pk)


def opened() -> Campaign:
    assert run("B-ST-01", OPENED, title="令和8年度", due_on=DUE.isoformat()).state == RunState.FINISHED
    return Campaign.objects.get()


def item(staff: Staff, permission: Any) -> CampaignItem:
    return CampaignItem.objects.get(grant__staff=staff, grant__permission_code=str(permission))


def may(staff: Staff, permission: Any, on: date) -> bool:
    permission_forget(staff)
    return has_permission(staff, permission, on)


def decide(actor: Staff, *items: CampaignItem, keep: bool = True, on: date = date(2026, 11, 20)) -> int:
    with clock.at(on):
        return recertification.items_decide([one.pk for one in items], keep=keep, actor=actor)


@pytest.mark.req("R-226")
def test_what_is_confirmed_goes_on_and_what_nobody_confirmed_ends_at_the_deadline(head: Staff, clerk: Staff) -> None:
    Grant.objects.filter(staff=clerk, permission_code=str(SELF)).update(to_on=date(2026, 11, 10))
    campaign = opened()
    assert (campaign.opened_on, campaign.due_on, campaign.items.count()) == (OPENED, DUE, 7)
    acting = sign_in_context(head)
    with acting:
        decide(head, item(clerk, HOME))
    on_the_day = run("B-ST-02", DUE)
    assert (on_the_day.state, may(clerk, VIEW_STAFF, DUE)) == (RunState.FINISHED, True)
    run("B-ST-02", AFTER)
    assert [may(clerk, HOME, AFTER), may(clerk, VIEW_STAFF, DUE), may(clerk, VIEW_STAFF, AFTER)] == [True, True, False]
    states = {one.grant.permission_code: one.state for one in campaign.items.filter(grant__staff=clerk)}
    assert states == {"staff.home": "kept", "staff.self": "ended", "staff.view": "lapsed"}
    assert Grant.objects.get(staff=clerk, permission_code="staff.view").to_on == AFTER
    campaign.refresh_from_db()
    assert campaign.closed_on == AFTER
    lapsed = AccessEvent.objects.filter(record_type="grant", reason="recertification_lapsed")
    assert (lapsed.count(), set(lapsed.values_list("actor_kind", flat=True))) == (5, {"job"})


def sign_in_context(staff: Staff) -> Any:
    from taxsys.platform.audit.context import using
    from tests.platform.actors import staff_context

    return using(staff_context(staff))


def test_opening_and_closing_again_change_nothing(head: Staff, clerk: Staff) -> None:
    opened()
    opened()
    assert CampaignItem.objects.count() == 7
    run("B-ST-02", AFTER)
    first = list(Grant.objects.order_by("pk").values_list("pk", "to_on"))
    run("B-ST-02", date(2026, 12, 2))
    assert list(Grant.objects.order_by("pk").values_list("pk", "to_on")) == first


def test_a_grant_given_after_the_opening_is_not_in_it(head: Staff, clerk: Staff) -> None:
    campaign = opened()
    late = Grant.objects.create(staff=clerk, unit=clerk.unit, permission_code="approvals.view", from_on=OPENED)
    assert not campaign.items.filter(grant=late).exists()
    run("B-ST-02", AFTER)
    late.refresh_from_db()
    assert late.to_on is None


@pytest.mark.req("R-226")
def test_a_revoked_grant_ends_the_same_day(head: Staff, clerk: Staff) -> None:
    opened()
    with sign_in_context(head):
        assert decide(head, item(clerk, VIEW_STAFF), keep=False) == 1
    assert may(clerk, VIEW_STAFF, date(2026, 11, 19))
    assert not may(clerk, VIEW_STAFF, date(2026, 11, 20))
    assert item(clerk, VIEW_STAFF).decided_by == head


def test_the_head_does_not_confirm_the_own_rights_nor_does_the_deputy(head: Staff) -> None:
    opened()
    deputy = officer("6011", permissions=RIGHTS)
    appointment_give(
        deputy, duty="unit_head", scope="102", from_on=FROM_ON, deputises=Appointment.objects.get(staff=head)
    )
    for actor in (head, deputy):
        with pytest.raises(SamePerson), sign_in_context(actor):
            decide(actor, item(head, HOME))
    division = officer("6004", permissions=RIGHTS, unit_name="税制課")
    appointment_give(division, duty="tax_system", from_on=FROM_ON)
    with sign_in_context(division), clock.at(OPENED):
        assert set(recertification.items_for(division, Campaign.objects.get())) == set(
            CampaignItem.objects.filter(grant__staff=head)
        )
        assert decide(division, item(head, HOME)) == 1


def test_another_units_head_and_a_mixed_heap_are_refused_as_a_whole(head: Staff, clerk: Staff) -> None:
    other = officer("6040", permissions=RIGHTS, unit_name="資産税課")
    appointment_give(other, duty="unit_head", scope="103", from_on=FROM_ON)
    colleague = officer("6041", permissions=[HOME], unit_name="資産税課")
    opened()
    with sign_in_context(other), pytest.raises(NotAppointed):
        decide(other, item(colleague, HOME), item(clerk, HOME))
    assert set(CampaignItem.objects.values_list("state", flat=True)) == {"pending"}


def test_nothing_is_decided_twice_or_after_the_deadline(head: Staff, clerk: Staff) -> None:
    opened()
    with sign_in_context(head):
        decide(head, item(clerk, HOME), on=DUE)
        with pytest.raises(AlreadyClosed):
            decide(head, item(clerk, HOME), keep=False, on=DUE)
        with pytest.raises(AlreadyClosed):
            decide(head, item(clerk, VIEW_STAFF), on=AFTER)


def test_the_screen_shows_what_waits_and_takes_the_heads_word(client: Client, head: Staff, clerk: Staff) -> None:
    opened()
    with clock.at(date(2026, 11, 20)):
        sign_in(client, head)
        assert "棚卸で未確認の権限" in client.get("/").content.decode()
        page = client.get("/rights/recertification").content.decode()
        assert page.count('name="item"') == 3
        assert client.post("/rights/recertification/decide", {"decision": "keep"}).status_code == 422
        posted = {"decision": "keep", "item": [item(clerk, HOME).pk, item(clerk, SELF).pk]}
        assert client.post("/rights/recertification/decide", posted).status_code == 302
        foreign = {"decision": "keep", "item": [item(head, HOME).pk]}
        assert client.post("/rights/recertification/decide", foreign).status_code == 403
        assert client.get("/rights/recertification").content.decode().count('name="item"') == 1
    assert item(head, HOME).state == "pending"
    assert AccessEvent.objects.filter(record_type="grant", reason="recertified").count() == 2
    assert AccessEvent.objects.filter(action="denied", reason="same_person").count() == 1
