"""Requests for tax data: legal check, approval by another, executions within what was approved, all on record."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from addressbook.models import Party
from intermediary.errors import TransferRefused
from intermediary.items import ITEM_NAMES
from intermediary.models import ProvisionRecord, ProvisionRequest, RegisterRow, TransferExecution, TransferRequest
from intermediary.services.executions import Order, execution_answers, execution_receive, transfer_execute
from intermediary.services.register import row_end_propose
from intermediary.services.transfers import (
    Judgement,
    Wanted,
    person_nos_read,
    transfer_check,
    transfer_close,
    transfer_refuse,
    transfer_submit,
)
from taxsys.platform import clock
from taxsys.platform.approvals.errors import OwnProposal, ProposalVoid
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import approval_decide, approval_withdraw
from taxsys.platform.audit.context import using
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.files.models import OutgoingFile
from taxsys.platform.files.services import outgoing_release
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.models import Staff
from tests.intermediary.people import person, protect, run_of
from tests.intermediary.register_rows import DECIDE, opened
from tests.platform.actors import officer, sign_in, staff_context

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)
ASK = ["intermediary.request_transfer"]
CLERK = ["intermediary.view_transfers", "intermediary.check_transfer", "intermediary.execute_transfer", "files.view"]
CHIEF = ["intermediary.approve_transfer", "intermediary.view_transfers", "approvals.view", "approvals.decide"]
ITEMS = ("status", "total_income")
UNTIL = date(2027, 3, 31)


@pytest.fixture(autouse=True)
def business_day(settings: Any) -> Iterator[None]:
    settings.TAXSYS_BUSINESS_DATE = TODAY.isoformat()
    with using(staff_context(officer("1001", permissions=CLERK))):
        yield


@pytest.fixture
def row() -> RegisterRow:
    return opened(other_methods=["media", "flash", "paper"])


@pytest.fixture
def people() -> list[Party]:
    found = [person(number) for number in (1, 2, 3)]
    run_of({found[0]: {"salary_receipts_yen": 5_000_000}, found[1]: {"salary_receipts_yen": 1_000_000}})
    return found


def asker() -> Staff:
    return officer("8001", permissions=ASK, unit_name="介護保険課")


def clerk() -> Staff:
    return officer("1001", permissions=CLERK)


def chief() -> Staff:
    return officer("1002", permissions=CHIEF)


def wanted(people: list[Party], **changes: Any) -> Wanted:
    values = {
        "row_no": "T-041", "form": "processing", "purpose_ja": "介護保険料の段階の判定", "tax_year": 2026,
        "items": ITEMS, "method": "file", "person_nos": tuple(one.person_no for one in people),
    }  # fmt: skip
    return Wanted(**{**values, **changes})


def approved(people: list[Party], items: tuple[str, ...] = ITEMS, **changes: Any) -> TransferRequest:
    """A request through check and approval."""
    one = transfer_submit(wanted(people, **changes), actor=asker())
    approval = transfer_check(one.pk, Judgement("条例3条1項", items, UNTIL, True), actor=clerk())
    approval_decide(approval.pk, decision="approve", actor=chief(), seen_hash=approval.content_hash)
    one.refresh_from_db()
    return one


@pytest.mark.req("R-165")
@pytest.mark.req("R-166")
@pytest.mark.req("R-216")
def test_a_request_is_checked_approved_by_another_and_gives_exactly_the_approved_items(
    row: RegisterRow, people: list[Party]
) -> None:
    one = transfer_submit(wanted(people), actor=asker())
    assert (one.request_no, one.state, one.unit_name, one.person_count) == (
        f"R2026-{one.pk:05d}", "submitted", "介護保険課", 3,
    )  # fmt: skip
    with pytest.raises(TransferRefused, match="「受付」のため"):
        transfer_execute(one.pk, Order(ITEMS, "file"), actor=clerk())
    approval = transfer_check(one.pk, Judgement("条例3条1項", ("status",), UNTIL, True), actor=clerk())
    with pytest.raises(OwnProposal):
        approval_decide(approval.pk, decision="approve", actor=clerk(), seen_hash=approval.content_hash)
    approval_decide(approval.pk, decision="approve", actor=chief(), seen_hash=approval.content_hash)
    execution = transfer_execute(one.pk, Order(("status",), "file"), actor=clerk())
    one.refresh_from_db()
    assert (one.state, one.approved_items, one.checked_by, one.approved_by, one.valid_until) == (
        "approved", ["status"], "1001", "1002", UNTIL,
    )  # fmt: skip
    assert [(check["name"], check["is_ok"]) for check in one.check_results] == [
        (name, True) for name in ("row", "recipient", "base", "items", "method", "people", "purpose")
    ]
    lines = execution.file.open_bytes().decode().splitlines()
    assert lines[0] == "person_no,tax_year,outcome,nondisclosed,decision_version,decided_on,status"
    assert [line.split(",")[0] for line in lines[1:]] == [one.person_no for one in people]
    assert lines[1].endswith(",answered,0,1,2026-06-05,1")
    assert lines[3] == f"{people[2].person_no},2026,no_decision,0,,,"


@pytest.mark.req("R-164")
@pytest.mark.req("R-236")
@pytest.mark.req("R-257")
def test_each_act_is_on_record_with_who_when_base_items_and_medium(row: RegisterRow, people: list[Party]) -> None:
    one = approved(people, method="media")
    execution = transfer_execute(one.pk, Order(ITEMS, "media", media_no="DVD-7", is_encrypted=True), actor=clerk())
    assert (execution.executed_by, execution.base_ja, execution.items, execution.method, execution.media_no) == (
        "1001", "T-041 番号法9条2項 個人番号利用条例3条1項 条例3条1項", list(ITEMS), "media", "DVD-7",
    )  # fmt: skip
    provision = ProvisionRequest.objects.get(pk=execution.provision_id)
    assert (provision.row_id, provision.client_system, provision.reference) == (row.pk, "desk", f"{one.request_no}-1")
    outcomes = dict(ProvisionRecord.objects.filter(request=provision).values_list("party__person_no", "outcome"))
    assert outcomes == {
        people[0].person_no: "answered", people[1].person_no: "answered", people[2].person_no: "no_decision",
    }  # fmt: skip
    event = AccessEvent.objects.get(action="provide")
    assert (event.actor_id, event.terminal, event.legal_base, event.purpose) == (
        "1001", "T0001", "番号法9条2項 個人番号利用条例3条1項", "介護保険料の賦課",
    )  # fmt: skip
    assert set(event.subjects) == {str(one.pk) for one in people}


@pytest.mark.req("R-163")
@pytest.mark.req("R-166")
@pytest.mark.req("R-264")
@hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(items=st.lists(st.sampled_from([*sorted(ITEM_NAMES), "my_number", "name", "'; --"]), max_size=4))
def test_whatever_is_ordered_nothing_but_approved_items_goes_out(
    row: RegisterRow, people: list[Party], items: list[str]
) -> None:
    one = TransferRequest.objects.first() or approved(people, items=("status",))
    before = (ProvisionRequest.objects.count(), OutgoingFile.objects.count())
    if items == ["status"]:
        done = transfer_execute(one.pk, Order(("status",), "file"), actor=clerk())
        assert done.items == ["status"]
        return
    with pytest.raises(TransferRefused):
        transfer_execute(one.pk, Order(tuple(items), "file"), actor=clerk())
    assert (ProvisionRequest.objects.count(), OutgoingFile.objects.count()) == before
    refused = one.executions.order_by("-seq")[0]
    assert (refused.result, refused.items, refused.provision_id, refused.file_id) == ("refused", items, None, None)
    assert AccessEvent.objects.filter(record_type="transfer_execution", result="denied").exists()


@pytest.mark.req("R-264")
@pytest.mark.req("R-167")
def test_only_the_recipient_of_a_row_in_force_may_ask_under_it(row: RegisterRow, people: list[Party]) -> None:
    stranger = officer("8101", permissions=ASK, unit_name="市営住宅課")
    with pytest.raises(TransferRefused, match="有効な行がありません"):
        transfer_submit(wanted(people), actor=stranger)
    opened(row_no="T-050", valid_from="2026-12-01")
    with pytest.raises(TransferRefused, match="有効な行がありません"):
        transfer_submit(wanted(people, row_no="T-050"), actor=asker())
    assert not TransferRequest.objects.exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"items": ()}, "項目辞書から選んでください"),
        ({"items": ("my_number",)}, "項目辞書から選んでください"),
        ({"purpose_ja": " "}, "利用目的を入力してください"),
        ({"method": "network"}, "求める方法は"),
    ],
)
def test_a_request_without_purpose_items_or_way_is_not_taken(
    row: RegisterRow, people: list[Party], changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(TransferRefused, match=message):
        transfer_submit(wanted(people, **changes), actor=asker())


@pytest.mark.req("R-167")
@pytest.mark.parametrize(
    ("changes", "judged", "message"),
    [
        ({"items": ("status", "med")}, {}, "求める項目が行の項目の範囲内"),
        ({"person_nos": ("R99999999999999",)}, {}, "対象者が特定されている"),
        ({}, {"is_purpose_inside": False}, "利用目的が登録簿の事務の範囲内"),
        ({}, {"items": ("med",)}, "依頼された項目で、登録簿の行にあるもの"),
        ({}, {"items": ()}, "依頼された項目で、登録簿の行にあるもの"),
        ({}, {"valid_until": TODAY}, "明日以降の日"),
    ],
)
def test_a_request_that_fails_the_legal_check_cannot_be_proposed(
    row: RegisterRow, people: list[Party], changes: dict[str, Any], judged: dict[str, Any], message: str
) -> None:
    one = transfer_submit(wanted(people, **changes), actor=asker())
    values = {"base_ja": "条例", "items": ITEMS, "valid_until": UNTIL, "is_purpose_inside": True, **judged}
    with pytest.raises(TransferRefused, match=message):
        transfer_check(one.pk, Judgement(**values), actor=clerk())
    assert not Approval.objects.filter(kind="intermediary.transfer_request").exists()
    refused = transfer_refuse(one.pk, reason_ja="法令の範囲外", actor=clerk())
    assert (refused.state, refused.reason_ja) == ("refused", "法令の範囲外")


@pytest.mark.req("R-216")
def test_who_asks_neither_checks_nor_approves_nor_executes_under_another_account(
    row: RegisterRow, people: list[Party]
) -> None:
    asker()
    Staff.objects.filter(staff_no="8001").update(person_no="P-1")
    one = transfer_submit(wanted(people), actor=asker())
    twin = officer("1005", permissions=[*CLERK, *CHIEF])
    Staff.objects.filter(pk=twin.pk).update(person_no="P-1")
    twin.refresh_from_db()
    judged = Judgement("条例3条1項", ITEMS, UNTIL, True)
    with pytest.raises(Refused, match="R403-OWN"):
        transfer_check(one.pk, judged, actor=twin)
    approval = transfer_check(one.pk, judged, actor=clerk())
    with pytest.raises(OwnProposal):
        approval_decide(approval.pk, decision="approve", actor=twin, seen_hash=approval.content_hash)
    approval_decide(approval.pk, decision="approve", actor=chief(), seen_hash=approval.content_hash)
    with pytest.raises(TransferRefused, match="依頼した本人は実行できません"):
        transfer_execute(one.pk, Order(ITEMS, "file"), actor=twin)


def test_a_row_that_ends_meanwhile_stops_approval_and_execution(row: RegisterRow, people: list[Party]) -> None:
    first, second = approved(people), transfer_submit(wanted(people), actor=asker())
    approval = transfer_check(second.pk, Judgement("条例", ITEMS, UNTIL, True), actor=clerk())
    end = row_end_propose("T-041", valid_to=TODAY, actor=officer("5001", permissions=DECIDE))
    approval_decide(end.pk, decision="approve", actor=officer("5002", permissions=DECIDE), seen_hash=end.content_hash)
    with pytest.raises(ProposalVoid, match="登録簿の行が有効"):
        approval_decide(approval.pk, decision="approve", actor=chief(), seen_hash=approval.content_hash)
    second.refresh_from_db()
    assert second.state == "submitted"
    with pytest.raises(TransferRefused, match="登録簿の行が有効でなくなった"):
        transfer_execute(first.pk, Order(ITEMS, "file"), actor=clerk())


@pytest.mark.parametrize(
    ("order", "message"),
    [
        (Order(ITEMS, "paper"), "承認された方法と違う方法"),
        (Order(ITEMS, "media"), "媒体番号と暗号化が必要"),
        (Order(ITEMS, "media", media_no="DVD-7"), "媒体番号と暗号化が必要"),
        (Order(ITEMS, "media", is_encrypted=True), "媒体番号と暗号化が必要"),
    ],
)
@pytest.mark.req("R-164")
def test_media_leave_only_encrypted_and_with_their_number(
    row: RegisterRow, people: list[Party], order: Order, message: str
) -> None:
    one = approved(people, method="media")
    with pytest.raises(TransferRefused, match=message):
        transfer_execute(one.pk, order, actor=clerk())


def test_after_its_last_day_an_approval_gives_nothing(row: RegisterRow, people: list[Party], settings: Any) -> None:
    one = approved(people)
    settings.TAXSYS_BUSINESS_DATE = "2027-03-30"
    assert transfer_execute(one.pk, Order(ITEMS, "file"), actor=clerk()).result == "done"
    settings.TAXSYS_BUSINESS_DATE = UNTIL.isoformat()
    with pytest.raises(TransferRefused, match="期限を過ぎています"):
        transfer_execute(one.pk, Order(ITEMS, "file"), actor=clerk())


@pytest.mark.req("R-164")
def test_a_medium_is_signed_for_by_the_receiving_division_itself(row: RegisterRow, people: list[Party]) -> None:
    one = approved(people, method="flash")
    execution = transfer_execute(one.pk, Order(ITEMS, "flash", media_no="F-1", is_encrypted=True), actor=clerk())
    with pytest.raises(TransferRefused, match="受領の署名がない媒体"):
        transfer_close(one.pk)
    with pytest.raises(TransferRefused, match="引渡しが承認されていません"):
        execution_receive(execution.pk, media_no="F-1", actor=asker())
    outgoing_release(execution.file_id, approved_by="1002", made_for="1001")
    for actor, number, message in (
        (officer("8101", permissions=ASK, unit_name="市営住宅課"), "F-1", "依頼した所属の職員だけ"),
        (asker(), "F-2", "媒体番号が違います"),
    ):
        with pytest.raises(TransferRefused, match=message):
            execution_receive(execution.pk, media_no=number, actor=actor)
    signed = execution_receive(execution.pk, media_no="F-1", actor=asker())
    assert (signed.handed_over_to, signed.handed_over_by) == ("8001", "1001")
    with pytest.raises(TransferRefused, match="すでに受領の署名"):
        execution_receive(execution.pk, media_no="F-1", actor=asker())
    assert transfer_close(one.pk).state == "closed"


def test_protected_people_are_held_back_and_marked(row: RegisterRow, people: list[Party]) -> None:
    protect(people[0])
    execution = transfer_execute(approved(people).pk, Order(ITEMS, "file"), actor=clerk())
    lines = execution.file.open_bytes().decode().splitlines()
    assert lines[1] == f"{people[0].person_no},2026,held,1,,,,"
    assert execution.answered_count == 1


def test_a_sent_back_or_withdrawn_proposal_returns_the_request(row: RegisterRow, people: list[Party]) -> None:
    one = transfer_submit(wanted(people), actor=asker())
    judged = Judgement("条例3条1項", ITEMS, UNTIL, True)
    approval = transfer_check(one.pk, judged, actor=clerk())
    approval_decide(approval.pk, decision="send_back", reason="根拠の条項を確かめること", actor=chief())
    one.refresh_from_db()
    assert (one.state, one.reason_ja) == ("submitted", "根拠の条項を確かめること")
    approval_withdraw(transfer_check(one.pk, judged, actor=clerk()).pk, actor=clerk())
    one.refresh_from_db()
    assert one.state == "submitted"


@pytest.mark.req("R-244")
def test_the_database_keeps_approvals_to_two_and_executions_as_written(row: RegisterRow, people: list[Party]) -> None:
    one = approved(people)
    execution = transfer_execute(one.pk, Order(ITEMS, "file"), actor=clerk())
    for change in ({"approved_by": "1001"}, {"approved_by": "8001"}, {"approved_items": [*ITEMS, "med"]}):
        with pytest.raises(IntegrityError), transaction.atomic():
            TransferRequest.objects.filter(pk=one.pk).update(**change)
    executions = TransferExecution.objects.filter(pk=execution.pk)
    for act in (lambda: executions.update(items=["med"]), executions.delete, TransferRequest.objects.all().delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_the_result_is_read_again_only_where_the_decision_still_stands(row: RegisterRow, people: list[Party]) -> None:
    execution = transfer_execute(approved(people).pk, Order(("total_income",), "file"), actor=clerk())
    assert [dict(one.items) for one in execution_answers(execution)][:1] == [{"total_income": 3_560_000}]
    run_of({people[0]: {"salary_receipts_yen": 6_000_000}}, on=TODAY)
    again = execution_answers(TransferExecution.objects.get(pk=execution.pk))
    assert [(one.outcome, dict(one.items)) for one in again] == [
        ("answered", {}), ("answered", {"total_income": 350_000}), ("no_decision", {}),
    ]  # fmt: skip


@pytest.mark.req("R-166")
def test_person_numbers_are_read_once_each_and_never_a_my_number() -> None:
    assert person_nos_read("R1\nR2、R1, R3") == ("R1", "R2", "R3")
    with pytest.raises(Refused, match="R422-NUMBER"):
        person_nos_read("R1\n123456789018")
    with pytest.raises(TransferRefused, match="2件"):
        person_nos_read("R1 ＜x＞ 1234567890123456")


# -- screens ---------------------------------------------------------------------------------------------------------


def _client(staff: Staff) -> Client:
    return sign_in(Client(), staff)


def test_a_request_walks_over_the_screens_of_three_people(row: RegisterRow, people: list[Party]) -> None:
    asking, office, deciding = _client(asker()), _client(clerk()), _client(chief())
    assert "T-041　依頼する" in asking.get("/provision/own").content.decode()
    given = {
        "form": "use", "purpose_ja": "介護保険料の段階の判定", "tax_year": "2026", "items": list(ITEMS),
        "method": "file", "person_nos": f"{people[0].person_no}\nX99",
    }  # fmt: skip
    assert asking.post("/provision/own/new/T-041", {**given, "items": ["med"]}).status_code == 422
    assert asking.post("/provision/own/new/T-041", {**given, "person_nos": "＊"}).status_code == 422
    assert asking.post("/provision/own/new/T-041", {**given, "person_nos": "123456789018"}).status_code == 422
    assert asking.post("/provision/own/new/T-041", given).status_code == 302
    one = TransferRequest.objects.get()
    assert (one.unknown_count, one.person_count) == (1, 1)
    assert one.request_no in office.get("/provision/requests").content.decode()
    assert "適合" in office.get(f"/provision/requests/{one.pk}").content.decode()
    check = {"base_ja": "条例3条1項", "items": ["status"], "valid_until": "R9.3.31", "is_purpose_inside": "on"}
    assert office.get(f"/provision/requests/{one.pk}/check").status_code == 200
    for lacking in ({"items": []}, {"valid_until": ""}, {"is_purpose_inside": ""}, {"decision": "refuse"}):
        values = {**check, "decision": "propose", **lacking}
        assert office.post(f"/provision/requests/{one.pk}/check", values).status_code == 422
    assert office.post(f"/provision/requests/{one.pk}/check", {**check, "decision": "propose"}).status_code == 302
    approval = Approval.objects.get(kind="intermediary.transfer_request")
    assert "介護保険料の段階の判定" in deciding.get(f"/approvals/{approval.pk}").content.decode()
    values = {"decision": "approve", "seen_hash": approval.content_hash}
    assert deciding.post(f"/approvals/{approval.pk}/decide", values).status_code == 302
    assert office.post(f"/provision/requests/{one.pk}/execute", {"items": ["status", "med"]}).status_code == 422
    assert office.post(f"/provision/requests/{one.pk}/execute", {"items": ["status"]}).status_code == 302
    done = one.executions.get(result="done")
    assert one.executions.get(result="refused").items == ["status", "med"]
    page = office.get(f"/provision/requests/{one.pk}").content.decode()
    assert "承認されていない項目が含まれています" in page
    assert people[0].person_no in office.get(f"/provision/executions/{done.pk}").content.decode()
    assert asking.get(f"/provision/own/executions/{done.pk}").status_code == 404
    outgoing_release(done.file_id, approved_by="1002", made_for="1001")
    assert people[0].person_no in asking.get(f"/provision/own/executions/{done.pk}").content.decode()
    assert office.post(f"/provision/requests/{one.pk}/close").status_code == 302
    for work in ("submitted", "checked", "approved", "unsigned", "ended", "all"):
        assert office.get("/provision/requests", {"work": work}).status_code == 200


@pytest.mark.req("R-164")
def test_a_medium_is_signed_for_on_the_screen(row: RegisterRow, people: list[Party]) -> None:
    one = approved(people, method="media")
    office, asking = _client(clerk()), _client(asker())
    values = {"items": list(ITEMS), "media_no": "DVD-9"}
    assert office.post(f"/provision/requests/{one.pk}/execute", values).status_code == 422
    assert office.post(f"/provision/requests/{one.pk}/execute", {**values, "is_encrypted": "on"}).status_code == 302
    done = one.executions.get(result="done")
    assert office.post(f"/provision/requests/{one.pk}/close").status_code == 409
    outgoing_release(done.file_id, approved_by="1002", made_for="1001")
    assert "受領した" in asking.get(f"/provision/own/{one.pk}").content.decode()
    assert asking.post(f"/provision/own/executions/{done.pk}/receive", {"media_no": "X"}).status_code == 409
    assert asking.post(f"/provision/own/executions/{done.pk}/receive", {"media_no": "DVD-9"}).status_code == 302
    done.refresh_from_db()
    assert done.handed_over_to == "8001"


def test_a_division_withdraws_its_own_request_only_while_nobody_judged_it(
    row: RegisterRow, people: list[Party]
) -> None:
    one, later = transfer_submit(wanted(people), actor=asker()), approved(people)
    asking = _client(asker())
    assert "取り下げる" in asking.get(f"/provision/own/{one.pk}").content.decode()
    assert asking.post(f"/provision/own/{one.pk}/withdraw").status_code == 302
    assert asking.post(f"/provision/own/{later.pk}/withdraw").status_code == 409
    one.refresh_from_db()
    assert one.state == "withdrawn"


@pytest.mark.req("R-244")
@pytest.mark.req("R-246")
def test_nobody_reads_or_gives_what_another_division_asked_for(row: RegisterRow, people: list[Party]) -> None:
    one = approved(people)
    done = transfer_execute(one.pk, Order(ITEMS, "file"), actor=clerk())
    outgoing_release(done.file_id, approved_by="1002", made_for="1001")
    before = (TransferExecution.objects.count(), clock.today())
    stranger = _client(officer("8101", permissions=ASK, unit_name="市営住宅課"))
    for address in (f"own/{one.pk}", f"own/executions/{done.pk}", "own/new/T-041"):
        assert stranger.get(f"/provision/{address}").status_code == 404
    for address in (f"requests/{one.pk}", f"executions/{done.pk}", f"requests/{one.pk}/execute", "requests"):
        assert stranger.get(f"/provision/{address}").status_code == 403
        assert _client(asker()).get(f"/provision/{address}").status_code == 403
    assert _client(chief()).post(f"/provision/requests/{one.pk}/execute", {"items": ["status"]}).status_code == 403
    assert stranger.post(f"/files/issued/{done.file_id}/content").status_code in {403, 404}
    assert Client().get("/provision/own").status_code == 401
    assert (TransferExecution.objects.count(), clock.today()) == before
