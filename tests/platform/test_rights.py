"""Rights by request: asked for by the head, confirmed by two others, in force from then; taken away at once."""

from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from taxsys.platform import clock
from taxsys.platform.approvals.errors import OwnProposal
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.permissions import DECIDE, VIEW_QUEUE
from taxsys.platform.approvals.services import approval_decide
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.rights import appointments, permissions, selectors, services
from taxsys.platform.rights.errors import (
    AlreadyAsked,
    AlreadyClosed,
    ContentChanged,
    NotAppointed,
    NotGrantable,
    NothingToDo,
    PeriodWrong,
    ReasonMissing,
    SamePerson,
)
from taxsys.platform.rights.models import Appointment, Confirmation, GrantRequest
from taxsys.platform.rights.subsystems import SUBSYSTEMS, subsystem_of
from taxsys.platform.staff.access import has_permission, permission_forget
from taxsys.platform.staff.models import Grant, Staff, Unit
from taxsys.platform.staff.permissions import HOME, VIEW_STAFF
from taxsys.platform.staff.services import staff_transfer
from tests.platform.actors import FROM_ON, officer, sign_in

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)
RIGHTS = (HOME, *permissions.PERMISSIONS)
HEAD, CORE, TAX = "6001", "6003", "6004"


@pytest.fixture(autouse=True)
def today() -> Any:
    with clock.at(TODAY):
        yield


def appoint(staff: Staff, duty: str, scope: str = "", deputises: Appointment | None = None) -> Appointment:
    return appointments.appointment_give(staff, duty=duty, scope=scope, from_on=FROM_ON, deputises=deputises)


@pytest.fixture
def people() -> dict[str, Staff]:
    """A head of 市民税課, the administrator of the core system, 税制課, and a clerk without rights."""
    found = {
        "head": officer(HEAD, permissions=RIGHTS),
        "core": officer(CORE, permissions=RIGHTS, unit_name="情報政策課"),
        "tax": officer(TAX, permissions=RIGHTS, unit_name="税制課"),
        "clerk": officer("6009"),
    }
    appoint(found["head"], "unit_head", "102")
    appoint(found["core"], "administrator", "core")
    appoint(found["tax"], "tax_system")
    return found


def wanted(staff: Staff, *codes: str, **fields: Any) -> services.Wanted:
    values = {"from_on": TODAY, "reason": "担当の変更", **fields}
    return services.Wanted(staff=staff, permissions=codes or (str(VIEW_STAFF),), **values)


def ask(people: dict[str, Staff], *codes: str, **fields: Any) -> GrantRequest:
    return services.grant_request_make(wanted(people["clerk"], *codes, **fields), actor=people["head"])[0]


def answer(request: GrantRequest, side: str, actor: Staff, decision: str = "confirm", **fields: Any) -> GrantRequest:
    values = {"seen_hash": request.content_hash, **fields}
    return services.request_answer(request.pk, side=side, decision=decision, actor=actor, **values)


def may(staff: Staff, permission: Any = VIEW_STAFF, on: date = TODAY) -> bool:
    permission_forget(staff)
    return has_permission(staff, permission, on)


@pytest.mark.req("R-223")
def test_a_right_begins_with_the_second_confirmation_and_not_before(people: dict[str, Staff]) -> None:
    request = ask(people, to_on=date(2027, 4, 1))
    assert not may(people["clerk"])
    assert answer(request, "administrator", people["core"]).state == "requested"
    assert not may(people["clerk"])
    assert answer(request, "tax_system", people["tax"]).state == "confirmed"
    grant = Grant.objects.get(staff=people["clerk"])
    assert (grant.permission_code, grant.from_on, grant.to_on) == ("staff.view", TODAY, date(2027, 4, 1))
    assert (grant.approval_id, grant.granted_by) == (request.pk, people["tax"])
    assert may(people["clerk"])
    assert may(people["clerk"], on=date(2027, 3, 31))
    assert not may(people["clerk"], on=date(2027, 4, 1))


@pytest.mark.req("R-222")
def test_each_subsystem_has_its_own_administrator(people: dict[str, Staff]) -> None:
    assert [(one.code, one.administrator_ja) for one in SUBSYSTEMS] == [
        ("core", "情報政策課長"), ("collection", "端末設置課長"), ("eltax", "税制課長"),
    ]  # fmt: skip
    made = services.grant_request_make(wanted(people["clerk"], "staff.view", "delinquency.view"), actor=people["head"])
    assert {one.subsystem: one.permission_codes for one in made} == {
        "core": ["staff.view"],
        "collection": ["delinquency.view"],
    }
    assert subsystem_of("eltax_bridge.view").code == "eltax"
    debt = next(one for one in made if one.subsystem == "collection")
    with pytest.raises(NotAppointed):
        answer(debt, "administrator", people["core"])
    assert [one.subsystem for one in selectors.requests_waiting_for(people["core"])] == ["core"]
    assert selectors.requests_waiting_count(people["tax"]) == 2


@pytest.mark.req("R-225")
@pytest.mark.parametrize("who", ["core", "tax", "clerk"])
def test_only_the_head_of_the_unit_asks(people: dict[str, Staff], who: str) -> None:
    with pytest.raises(NotAppointed):
        services.grant_request_make(wanted(people["clerk"]), actor=people[who])
    assert GrantRequest.objects.count() == 0


@pytest.mark.req("R-225")
def test_the_head_of_another_unit_does_not_ask_and_a_deputy_does(people: dict[str, Staff]) -> None:
    stranger = officer("6010", permissions=RIGHTS, unit_name="資産税課")
    appoint(stranger, "unit_head", "103")
    with pytest.raises(NotAppointed):
        services.grant_request_make(wanted(people["clerk"]), actor=stranger)
    deputy = officer("6011", permissions=RIGHTS)
    appoint(deputy, "unit_head", "102", Appointment.objects.get(staff=people["head"]))
    request = services.grant_request_make(wanted(people["clerk"]), actor=deputy)[0]
    assert request.requested_persons == ["6001", "6011"]


def test_nobody_asks_for_the_own_rights_not_even_through_a_deputy(people: dict[str, Staff]) -> None:
    with pytest.raises(SamePerson):
        services.grant_request_make(wanted(people["head"]), actor=people["head"])
    deputy = officer("6011", permissions=RIGHTS)
    appoint(deputy, "unit_head", "102", Appointment.objects.get(staff=people["head"]))
    with pytest.raises(SamePerson):
        services.grant_request_make(wanted(people["head"], str(VIEW_STAFF)), actor=deputy)


@pytest.mark.req("R-223")
def test_the_asker_and_the_one_asked_for_never_confirm(people: dict[str, Staff]) -> None:
    appoint(people["head"], "administrator", "core")
    clerk = officer("6009", permissions=RIGHTS)
    appoint(clerk, "tax_system")
    request = ask(people)
    for side, actor in (("administrator", people["head"]), ("tax_system", clerk)):
        with pytest.raises(SamePerson):
            answer(request, side, actor)
    assert Confirmation.objects.count() == 0


@pytest.mark.req("R-223")
def test_one_person_does_not_confirm_for_both_sides(people: dict[str, Staff]) -> None:
    appoint(people["core"], "tax_system")
    request = ask(people)
    answer(request, "administrator", people["core"])
    with pytest.raises(SamePerson):
        answer(request, "tax_system", people["core"])
    assert not may(people["clerk"])


@pytest.mark.req("R-223")
def test_a_deputy_of_a_deputy_of_the_asker_is_the_asker_in_another_guise(people: dict[str, Staff]) -> None:
    asker_as_administrator = appoint(people["head"], "administrator", "core")
    middle, last = officer("6021", permissions=RIGHTS), officer("6022", permissions=RIGHTS)
    first_link = appoint(middle, "administrator", "core", asker_as_administrator)
    appoint(last, "administrator", "core", first_link)
    request = ask(people)
    for actor in (middle, last):
        with pytest.raises(SamePerson):
            answer(request, "administrator", actor)
    # In an office of the own the same officer may.
    appoint(last, "administrator", "core")
    answer(request, "administrator", last)
    assert Confirmation.objects.get().decided_persons == ["6022"]


def test_two_accounts_of_one_person_are_one_person(people: dict[str, Staff]) -> None:
    Staff.objects.filter(pk__in=[people["core"].pk, people["tax"].pk]).update(person_no="P-77")
    for who in ("core", "tax"):
        people[who].refresh_from_db()
    request = ask(people)
    answer(request, "administrator", people["core"])
    with pytest.raises(SamePerson):
        answer(request, "tax_system", people["tax"])


def test_a_deputy_acts_only_while_the_one_deputised_is_in_office(people: dict[str, Staff]) -> None:
    deputy = officer("6023", permissions=RIGHTS, unit_name="税制課")
    office = Appointment.objects.get(staff=people["tax"])
    appoint(deputy, "tax_system", "", office)
    office.to_on = TODAY
    office.save()
    request = ask(people)
    for actor in (deputy, people["tax"]):
        with pytest.raises(NotAppointed):
            answer(request, "tax_system", actor)


def test_who_lost_the_right_to_confirm_meanwhile_is_refused(people: dict[str, Staff]) -> None:
    request = ask(people)
    Grant.objects.filter(staff=people["tax"], permission_code=str(permissions.CONFIRM)).update(to_on=TODAY)
    with pytest.raises(NotAppointed):
        answer(request, "tax_system", people["tax"])


def test_a_side_answers_once_and_a_refusal_needs_its_reason_and_closes(people: dict[str, Staff]) -> None:
    request = ask(people)
    with pytest.raises(ReasonMissing):
        answer(request, "tax_system", people["tax"], "refuse")
    answer(request, "administrator", people["core"])
    with pytest.raises(AlreadyClosed):
        answer(request, "administrator", people["core"])
    assert answer(request, "tax_system", people["tax"], "refuse", reason="業務に不要").state == "refused"
    assert not may(people["clerk"])
    with pytest.raises(AlreadyClosed):
        services.request_withdraw(request.pk, actor=people["head"])


def test_another_content_than_the_one_seen_is_not_confirmed(people: dict[str, Staff]) -> None:
    request = ask(people)
    with pytest.raises(ContentChanged):
        answer(request, "tax_system", people["tax"], seen_hash="0" * 64)
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
        GrantRequest.objects.filter(pk=request.pk).update(permission_codes=["staff.view", "addressbook.reveal_number"])


def test_the_database_refuses_a_second_guise_and_a_grant_with_one_confirmation(people: dict[str, Staff]) -> None:
    request = ask(people)
    office = Appointment.objects.get(staff=people["head"])
    for staff, persons in ((people["head"], ["X"]), (people["core"], [HEAD])):
        with pytest.raises(DatabaseError, match="guise"), transaction.atomic():
            Confirmation.objects.create(
                request=request, side="tax_system", decision="confirm", decided_by=staff, decided_under=office,
                decided_persons=persons,
            )  # fmt: skip
    with pytest.raises(DatabaseError, match="two confirmations"), transaction.atomic():
        GrantRequest.objects.filter(pk=request.pk).update(state="confirmed", closed_at=clock.now())
    with pytest.raises(DatabaseError, match="not deleted"), transaction.atomic():
        GrantRequest.objects.filter(pk=request.pk).delete()


@pytest.mark.req("R-227")
def test_who_moved_between_request_and_confirmation_gets_nothing(people: dict[str, Staff]) -> None:
    request = ask(people)
    answer(request, "administrator", people["core"])
    staff_transfer(people["clerk"], unit=Unit.objects.get(name="資産税課"), on=TODAY)
    with pytest.raises(NotGrantable):
        answer(request, "tax_system", people["tax"])
    assert Confirmation.objects.count() == 1
    assert Grant.objects.filter(staff=people["clerk"]).count() == 0


def test_a_late_confirmation_grants_from_its_day_on_and_never_backwards(people: dict[str, Staff]) -> None:
    request = ask(people)
    answer(request, "administrator", people["core"])
    with clock.at(date(2026, 12, 3)):
        answer(request, "tax_system", people["tax"])
    assert Grant.objects.get(staff=people["clerk"]).from_on == date(2026, 12, 3)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"from_on": date(2026, 11, 19)}, PeriodWrong),
        ({"to_on": TODAY}, PeriodWrong),
        ({"reason": "  "}, ReasonMissing),
    ],
)
def test_a_request_with_a_wrong_period_or_no_reason_is_not_taken(
    people: dict[str, Staff], fields: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        ask(people, **fields)


def test_what_is_held_or_asked_already_is_not_asked_again(people: dict[str, Staff]) -> None:
    ask(people)
    with pytest.raises(AlreadyAsked):
        ask(people, "approvals.view")
    officer("6012", permissions=[VIEW_STAFF])
    with pytest.raises(NothingToDo):
        services.grant_request_make(wanted(Staff.objects.get(staff_no="6012")), actor=people["head"])


@pytest.mark.req("R-224")
def test_taking_away_acts_at_once_and_two_confirm_that_it_did(people: dict[str, Staff]) -> None:
    clerk = officer("6009", permissions=[VIEW_STAFF, HOME])
    request = services.revocation_request_make(wanted(clerk), actor=people["head"])[0]
    assert not may(clerk)
    assert may(clerk, HOME)
    answer(request, "administrator", people["core"])
    assert answer(request, "tax_system", people["tax"]).state == "confirmed"
    assert Grant.objects.get(staff=clerk, permission_code="staff.view").to_on == TODAY
    with pytest.raises(NothingToDo):
        services.revocation_request_make(wanted(clerk), actor=people["head"])


def test_a_revocation_cannot_be_withdrawn(people: dict[str, Staff]) -> None:
    clerk = officer("6009", permissions=[VIEW_STAFF])
    request = services.revocation_request_make(wanted(clerk), actor=people["head"])[0]
    with pytest.raises(AlreadyClosed):
        services.request_withdraw(request.pk, actor=people["head"])
    granted = ask(people, "approvals.view")
    with pytest.raises(NotAppointed):
        services.request_withdraw(granted.pk, actor=people["core"])
    assert services.request_withdraw(granted.pk, actor=people["head"]).state == "withdrawn"


# ---- offices


@pytest.mark.req("R-222")
def test_an_office_is_named_by_one_administrator_and_approved_by_another(people: dict[str, Staff]) -> None:
    second = officer("6030", permissions=[*RIGHTS, VIEW_QUEUE, DECIDE], unit_name="情報政策課")
    newcomer = officer("6031", permissions=RIGHTS, unit_name="情報政策課")
    officer("6031", permissions=[VIEW_QUEUE, DECIDE], unit_name="情報政策課")
    approval = appointments.appointment_propose(
        newcomer, duty="administrator", scope="eltax", from_on=TODAY, to_on=None, deputises=None, actor=people["core"]
    )
    for refused in (newcomer, people["core"]):
        with pytest.raises(OwnProposal), transaction.atomic():
            approval_decide(approval.pk, decision="approve", actor=refused, seen_hash=approval.content_hash)
    assert not Appointment.objects.filter(staff=newcomer).exists()
    approval_decide(approval.pk, decision="approve", actor=second, seen_hash=approval.content_hash)
    row = Appointment.objects.get(staff=newcomer)
    assert (row.duty, row.scope, row.from_on, row.approval_id) == ("administrator", "eltax", TODAY, approval.pk)
    ending = appointments.appointment_end_propose(row, on=TODAY, actor=people["core"])
    approval_decide(ending.pk, decision="approve", actor=second, seen_hash=ending.content_hash)
    row.refresh_from_db()
    assert row.to_on == TODAY


def test_nobody_deputises_oneself_or_another_office(people: dict[str, Staff]) -> None:
    office = Appointment.objects.get(staff=people["head"])
    with pytest.raises(SamePerson):
        appoint(people["head"], "unit_head", "102", office)
    with pytest.raises(NotGrantable):
        appoint(people["clerk"], "unit_head", "103", office)
    with pytest.raises(NotGrantable):
        appoint(people["clerk"], "administrator", "no-such-subsystem")


# ---- screens


def form(**fields: Any) -> dict[str, Any]:
    return {
        "action": "grant", "staff": "6009", "permissions": ["staff.view"], "from_on": "R8.11.20",
        "reason": "担当の変更", **fields,
    }  # fmt: skip


def test_the_whole_way_on_the_screens(client: Client, people: dict[str, Staff]) -> None:
    sign_in(client, people["head"])
    assert "6009" in client.get("/rights/request?staff_no=6009").content.decode()
    assert client.post("/rights/request", form())["Location"] == "/rights/requests"
    request = GrantRequest.objects.get()
    for who, side in (("core", "administrator"), ("tax", "tax_system")):
        sign_in(client, people[who])
        assert "確認待ちの権限の届出" in client.get("/").content.decode()
        assert str(request.pk) in client.get("/rights/waiting").content.decode()
        page = client.get(f"/rights/requests/{request.pk}").content.decode()
        assert "職員・権限の照会" in page
        assert page.count('class="tx-changed"') == 1
        posted = {"side": side, "decision": "confirm", "seen_hash": request.content_hash}
        assert client.post(f"/rights/requests/{request.pk}/answer", posted).status_code == 302
    assert may(people["clerk"])
    listed = client.get("/rights/?staff_no=6009").content.decode()
    assert "職員・権限の照会" in listed
    assert f"/rights/requests/{request.pk}" in listed
    reasons = AccessEvent.objects.filter(record_type="grant_request", record_id=str(request.pk))
    assert set(reasons.values_list("reason", flat=True)) >= {"grant", "administrator:confirm", "tax_system:confirm"}


def test_a_refused_confirmation_leaves_an_event_and_changes_nothing(client: Client, people: dict[str, Staff]) -> None:
    request = ask(people)
    sign_in(client, people["head"])
    posted = {"side": "administrator", "decision": "confirm", "seen_hash": request.content_hash}
    assert client.post(f"/rights/requests/{request.pk}/answer", posted).status_code == 403
    appoint(people["head"], "administrator", "core")
    assert client.post(f"/rights/requests/{request.pk}/answer", posted).status_code == 403
    assert Confirmation.objects.count() == 0
    denied = AccessEvent.objects.filter(action="denied").order_by("pk").values_list("reason", flat=True)
    assert list(denied) == ["not_appointed", "same_person"]


def test_confirming_asks_the_second_factor_again(client: Client, people: dict[str, Staff]) -> None:
    request = ask(people)
    sign_in(client, people["core"], step_up=False)
    posted = {"side": "administrator", "decision": "confirm", "seen_hash": request.content_hash}
    assert client.post(f"/rights/requests/{request.pk}/answer", posted).status_code == 401
    assert Confirmation.objects.count() == 0


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"staff": "0000"}, "この職員番号の職員はいません"),
        ({"from_on": "R8.11.19"}, "期間が正しくありません"),
        ({"permissions": ["nobody.declared"]}, "正しく選択"),
        ({"reason": ""}, "必須"),
        ({"action": "revoke"}, "この職員にはありません"),
    ],
)
def test_a_wrong_request_is_told_at_its_field(
    client: Client, people: dict[str, Staff], fields: dict[str, Any], words: str
) -> None:
    sign_in(client, people["head"])
    answered = client.post("/rights/request", form(**fields))
    assert answered.status_code == 422
    assert words in answered.content.decode()
    assert GrantRequest.objects.count() == 0


def test_offices_are_proposed_on_the_screen(client: Client, people: dict[str, Staff]) -> None:
    sign_in(client, people["core"])
    head = Appointment.objects.get(staff=people["head"])
    posted = {"staff": "6009", "office": "unit_head:102", "deputises": str(head.pk), "from_on": "R8.11.20"}
    assert client.post("/rights/offices/new", posted).status_code == 302
    assert client.post("/rights/offices/new", posted).status_code == 422
    assert client.post("/rights/offices/new", {**posted, "office": "unit_head:103"}).status_code == 422
    assert client.post(f"/rights/offices/{head.pk}/end", {"on": "R8.11.19"}).status_code == 422
    assert client.post(f"/rights/offices/{head.pk}/end", {"on": "R8.12.1"}).status_code == 302
    titles = set(Approval.objects.values_list("title_ja", flat=True))
    assert titles == {"職責の登録：所属長の代理（市民税課）", "職責の終了：所属長（市民税課）"}
    page = client.get("/rights/offices").content.decode()
    assert "アクセス権限管理者" in page
    assert "税制課の確認者" in page
