"""REST for neighbours: who gets in, what exactly comes out, and that every read and refusal is on record."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from addressbook.models import Party
from assessment.models import DecisionCause, RunState
from intermediary.errors import RegisterRefused
from intermediary.items import ITEM_NAMES
from intermediary.models import ProvisionRecord, ProvisionRequest, RegisterRow
from intermediary.permissions import PROVIDE_INCOME
from intermediary.selectors.register import row_counts
from intermediary.services.register import candidates_load, row_end_propose, row_propose
from taxsys.platform import clock
from taxsys.platform.approvals.errors import OwnProposal
from taxsys.platform.approvals.services import approval_decide
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.staff.models import ApiClient
from taxsys.platform.staff.services import api_client_create
from tests.intermediary.people import JUNE, person, protect, recall, run_of
from tests.platform.actors import officer

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)
LOOKUP, QUERY, ROWS = "/api/v1/income/lookup", "/api/v1/income/query", "/api/v1/register-rows"
ITEMS = ["status", "total_income", "salary_income"]
ROW = {
    "row_no": "T-KOKUHO-01", "kind": "transfer", "recipient": "国民健康保険課", "client_system": "kokuho",
    "legal_base": "番号法9条2項", "ordinance": "個人番号利用条例3条1項", "affair": "国民健康保険料の賦課",
    "items": ITEMS, "method": "api", "protected_rule": "held", "valid_from": "2026-04-01", "valid_to": "",
}  # fmt: skip
WORKER = {"salary_receipts_yen": 5_000_000}


@pytest.fixture(autouse=True)
def business_day(settings: Any) -> None:
    settings.TAXSYS_BUSINESS_DATE = TODAY.isoformat()


def open_row(**changes: Any) -> RegisterRow:
    """A row proposed by one officer and approved by another."""
    rights = ["intermediary.propose_register", "intermediary.decide_register"]
    approval = row_propose({**ROW, **changes}, actor=officer("5001", permissions=rights))
    approval_decide(
        approval.pk, decision="approve", actor=officer("5002", permissions=rights), seen_hash=approval.content_hash
    )
    return RegisterRow.objects.get(row_no=changes.get("row_no", ROW["row_no"]))


def client_of(system: str = "kokuho", *, permissions: Any = (PROVIDE_INCOME,)) -> tuple[ApiClient, str]:
    return api_client_create(name=system, system=system, permissions=permissions, valid_from=date(2026, 4, 1))


@pytest.fixture
def worker() -> Party:
    party = person(1)
    run_of({party: WORKER})
    return party


@pytest.fixture
def key() -> str:
    return client_of()[1]


def call(address: str, key: str | None, body: Any) -> Any:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return Client().post(
        address, body if isinstance(body, str) else json.dumps(body), content_type="application/json", headers=headers
    )


def question(party_no: str, **changes: Any) -> dict[str, Any]:
    base = {"register_row": "T-KOKUHO-01", "reference": "K-1", "tax_year": 2026, "person_no": party_no}
    return {name: value for name, value in {**base, **changes}.items() if value is not None}


@pytest.mark.req("R-161")
@pytest.mark.req("R-264")
def test_exactly_the_items_of_the_row_come_from_the_decision_in_force(worker: Party, key: str) -> None:
    open_row()
    answer = call(LOOKUP, key, question(worker.person_no))
    assert answer.status_code == 200
    assert answer.json() == {
        "register_row": "T-KOKUHO-01",
        "tax_year": 2026,
        "known_on": "2026-11-20",
        "item_names": ITEMS,
        "answer": {
            "person_no": worker.person_no,
            "outcome": "answered",
            "nondisclosed": False,
            "decision_version": 1,
            "decided_on": "2026-06-05",
            "items": {"status": "1", "total_income": 3_560_000, "salary_income": 3_560_000},
        },
    }
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.req("R-257")
@pytest.mark.req("R-262")
def test_every_read_is_an_event_with_client_row_base_and_subject_and_a_record_with_the_items(
    worker: Party, key: str
) -> None:
    open_row()
    answer = call(LOOKUP, key, question(worker.person_no, items=["total_income"]))
    assert answer.json()["answer"]["items"] == {"total_income": 3_560_000}
    request = ProvisionRequest.objects.get()
    record = ProvisionRecord.objects.get()
    event = AccessEvent.objects.get(action="provide")
    assert (event.actor_kind, event.actor_id, event.subjects) == ("client", "kokuho", [str(worker.pk)])
    assert (event.legal_base, event.purpose) == ("番号法9条2項 個人番号利用条例3条1項", "国民健康保険料の賦課")
    assert (event.record_id, event.tax_year, event.count) == (f"T-KOKUHO-01:{request.pk}", 2026, 1)
    assert event.request_id == request.request_id != ""
    assert (request.items, request.reference, request.known_on) == (["total_income"], "K-1", TODAY)
    assert (record.party_id, record.outcome, record.decision.version) == (worker.pk, "answered", 1)
    with pytest.raises(DatabaseError), transaction.atomic():
        ProvisionRecord.objects.all().delete()


def no_row(_worker: Party) -> None:
    RegisterRow.objects.filter(row_no=ROW["row_no"]).delete()


def ended(_worker: Party) -> None:
    RegisterRow.objects.update(valid_to=TODAY)


def not_begun(_worker: Party) -> None:
    RegisterRow.objects.update(valid_from=TODAY + timedelta(days=1))


def only_candidate(_worker: Party) -> None:
    RegisterRow.objects.update(state="candidate")


def of_another_client(_worker: Party) -> None:
    RegisterRow.objects.update(client_system="kaigo")


def by_file_only(_worker: Party) -> None:
    RegisterRow.objects.update(method="file")


def no_grant(_worker: Party) -> None:
    ApiClient.objects.get(system="kokuho").grants.all().delete()


def expired(_worker: Party) -> None:
    ApiClient.objects.update(valid_to=TODAY)


def switched_off(_worker: Party) -> None:
    ApiClient.objects.update(is_active=False)


def being_decided(worker: Party) -> None:
    run_of({worker: {**WORKER, "salary_receipts_yen": 1}}, state=RunState.COMPUTED, cause=DecisionCause.CORRECTION)


def protected(worker: Party) -> None:
    protect(worker)


def unchanged(_worker: Party) -> None:
    pass


@pytest.mark.req("R-159")
@pytest.mark.req("R-254")
@pytest.mark.parametrize(
    ("actor", "before", "changes", "status", "code"),
    [
        ("right", unchanged, {}, 200, ""),
        ("anonymous", unchanged, {}, 401, "R401-CLIENT"),
        ("wrong key", unchanged, {}, 401, "R401-CLIENT"),
        ("expired client", expired, {}, 401, "R401-CLIENT"),
        ("client switched off", switched_off, {}, 401, "R401-CLIENT"),
        ("no grant", no_grant, {}, 403, "R403"),
        ("no register row", no_row, {}, 403, "R403-REGISTER"),
        ("row out of period", ended, {}, 403, "R403-REGISTER"),
        ("row not begun", not_begun, {}, 403, "R403-REGISTER"),
        ("row only a candidate", only_candidate, {}, 403, "R403-REGISTER"),
        ("row of another client", of_another_client, {}, 403, "R403-REGISTER"),
        ("row for files", by_file_only, {}, 403, "R403-REGISTER"),
        ("item not in whitelist", unchanged, {"items": ["total_income", "med"]}, 403, "R403-ITEM"),
        ("unknown person", unchanged, {"person_no": "R99999999999999"}, 404, "R404"),
        ("no decision of the year", unchanged, {"tax_year": 2025}, 404, "R404"),
        ("known before it was decided", unchanged, {"known_on": "2026-06-04"}, 404, "R404"),
        ("protected", protected, {}, 409, "R409-HELD"),
        ("being decided", being_decided, {}, 409, "R409-UNSETTLED"),
        ("item not in the dictionary", unchanged, {"items": ["my_number"]}, 422, "R422"),
        ("item twice", unchanged, {"items": ["status", "status"]}, 422, "R422"),
        ("no items", unchanged, {"items": []}, 422, "R422"),
        ("unknown member", unchanged, {"my_number": "1"}, 422, "R422"),
        ("no reference", unchanged, {"reference": None}, 422, "R422"),
        ("a day to come", unchanged, {"known_on": "2026-11-21"}, 422, "R422"),
        ("no such day", unchanged, {"known_on": "2026-02-30"}, 422, "R422"),
        ("My Number as person", unchanged, {"person_no": "12345678901" + "8"}, 422, "R422-NUMBER"),
        ("a text as year", unchanged, {"tax_year": "令和8"}, 422, "R422"),
    ],
)  # fmt: skip
def test_table_of_actors_and_faults(
    worker: Party, key: str, actor: str, before: Any, changes: dict[str, Any], status: int, code: str
) -> None:
    open_row()
    before(worker)
    used = {"anonymous": None, "wrong key": "x" * 43}.get(actor, key)
    denied = AccessEvent.objects.filter(action="denied").count()
    answer = call(LOOKUP, used, question(worker.person_no, **changes))
    assert (answer.status_code, answer.json().get("code", "")) == (status, code)
    if status == 200:
        return
    assert answer["Content-Type"] == "application/problem+json"
    assert AccessEvent.objects.filter(action="denied").count() == denied + 1
    body = answer.content.decode()
    assert "3560000" not in body
    assert worker.name not in body
    # Somebody was looked for only where the doors before were open; nothing was answered about anybody.
    assert not ProvisionRecord.objects.filter(outcome="answered").exists()


def test_a_wrong_reading_of_the_body_is_told_as_such(key: str) -> None:
    open_row()
    for body, status in (("{", 400), ("[]", 422), ('"x"', 422), ("null", 422), ('{"person_no": {}}', 422)):
        assert call(LOOKUP, key, body).status_code == status, body
    assert Client().get(LOOKUP, headers={"Authorization": f"Bearer {key}"}).status_code == 405


def test_a_protected_person_is_answered_with_the_mark_where_the_row_says_so(worker: Party, key: str) -> None:
    open_row(protected_rule="flagged")
    protect(worker)
    answer = call(LOOKUP, key, question(worker.person_no)).json()["answer"]
    assert (answer["outcome"], answer["nondisclosed"], answer["items"]["total_income"]) == ("answered", True, 3_560_000)
    assert ProvisionRecord.objects.get().is_nondisclosed


def test_as_of_an_earlier_day_the_decision_of_that_day_is_told_even_when_it_was_recalled_later(
    worker: Party, key: str
) -> None:
    open_row()
    second = run_of({worker: {"salary_receipts_yen": 6_000_000}}, on=date(2026, 8, 1), cause=DecisionCause.CORRECTION)
    recall(second, on=date(2026, 9, 1))
    told = {}
    for number, day in enumerate(("2026-06-05", "2026-07-31", "2026-08-01", "2026-08-31", "2026-09-01", "2026-11-20")):
        answer = call(LOOKUP, key, question(worker.person_no, known_on=day, reference=f"K-{number}")).json()["answer"]
        told[day] = (answer["decision_version"], answer["items"]["salary_income"])
    assert told == {
        "2026-06-05": (1, 3_560_000), "2026-07-31": (1, 3_560_000), "2026-08-01": (2, 4_360_000),
        "2026-08-31": (2, 4_360_000), "2026-09-01": (1, 3_560_000), "2026-11-20": (1, 3_560_000),
    }  # fmt: skip


def test_a_cancelled_assessment_is_no_decision(worker: Party, key: str) -> None:
    open_row()
    run_of({worker: {}}, on=date(2026, 8, 1), cause=DecisionCause.CANCELLATION)
    assert call(LOOKUP, key, question(worker.person_no)).status_code == 404


@pytest.mark.req("R-165")
def test_the_same_reference_may_repeat_the_question_but_not_ask_another(worker: Party, key: str) -> None:
    open_row()
    first = call(LOOKUP, key, question(worker.person_no))
    assert call(LOOKUP, key, question(worker.person_no)).json() == first.json()
    assert (ProvisionRequest.objects.count(), AccessEvent.objects.filter(action="provide").count()) == (1, 2)
    other = call(LOOKUP, key, question(worker.person_no, items=["status"]))
    assert (other.status_code, other.json()["code"]) == (409, "R409-REFERENCE")


def test_a_query_answers_each_person_in_the_order_of_the_question(worker: Party, key: str) -> None:
    open_row()
    held, undecided = person(2), person(3)
    run_of({held: WORKER})
    protect(held)
    numbers = ["R99999999999999", held.person_no, worker.person_no, undecided.person_no]
    body = {"register_row": "T-KOKUHO-01", "reference": "Q-1", "tax_year": 2026, "person_nos": numbers}
    answer = call(QUERY, key, body).json()
    assert [(one["person_no"], one["outcome"], one["nondisclosed"]) for one in answer["answers"]] == [
        (numbers[0], "unknown", False), (numbers[1], "held", True), (numbers[2], "answered", False),
        (numbers[3], "no_decision", False),
    ]  # fmt: skip
    assert [bool(one["items"]) for one in answer["answers"]] == [False, False, True, False]
    event = AccessEvent.objects.get(action="provide")
    assert (set(event.subjects), event.count) == ({str(held.pk), str(worker.pk), str(undecided.pk)}, 4)


def test_a_query_takes_so_many_people_and_asks_the_database_the_same_number_of_times(
    key: str, django_assert_max_num_queries: Any
) -> None:
    open_row()
    people = [person(number) for number in range(1, 41)]
    run_of(dict.fromkeys(people, WORKER))
    body = {"register_row": "T-KOKUHO-01", "tax_year": 2026, "person_nos": [one.person_no for one in people]}
    with django_assert_max_num_queries(40):
        assert len(call(QUERY, key, {**body, "reference": "Q-1"}).json()["answers"]) == 40
    for numbers in ([f"R{n:014d}" for n in range(201)], [], ["R1", "R1"]):
        assert call(QUERY, key, {**body, "reference": "Q-2", "person_nos": numbers}).status_code == 422


def test_a_client_has_its_calls_a_minute_and_no_more(worker: Party, key: str, settings: Any) -> None:
    settings.TAXSYS_API_CALLS_PER_MINUTE = 3
    open_row()
    with time_machine.travel("2026-11-20 01:00:00+00:00", tick=False) as moving:
        answers = [call(LOOKUP, key, question(worker.person_no)).status_code for _ in range(4)]
        assert answers == [200, 200, 200, 429]
        other = client_of("kaigo")[1]
        assert call(LOOKUP, other, question(worker.person_no)).json()["code"] == "R403-REGISTER"
        moving.shift(timedelta(seconds=61))
        assert call(LOOKUP, key, question(worker.person_no)).status_code == 200


def test_a_client_sees_its_own_rows_of_today_with_the_names_of_the_items(key: str) -> None:
    open_row()
    open_row(row_no="T-KAIGO-01", client_system="kaigo")
    (row,) = Client().get(ROWS, headers={"Authorization": f"Bearer {key}"}).json()
    assert (row["register_row"], row["affair"], row["valid_to"]) == ("T-KOKUHO-01", "国民健康保険料の賦課", None)
    assert row["items"][1] == {"name": "total_income", "title": "合計所得金額"}


@pytest.mark.req("R-166")
@pytest.mark.req("R-167")
def test_a_row_opens_only_by_a_second_person_and_never_changes_afterwards() -> None:
    rights = ["intermediary.propose_register", "intermediary.decide_register"]
    clerk, chief = officer("5001", permissions=rights), officer("5002", permissions=rights)
    approval = row_propose(ROW, actor=clerk)
    assert not RegisterRow.objects.filter(row_no=ROW["row_no"]).exists()
    with pytest.raises(OwnProposal):
        approval_decide(approval.pk, decision="approve", actor=clerk, seen_hash=approval.content_hash)
    approval_decide(approval.pk, decision="approve", actor=chief, seen_hash=approval.content_hash)
    row = RegisterRow.objects.get(row_no=ROW["row_no"])
    assert (row.state, row.proposed_by, row.approved_by, row.items) == ("approved", "5001", "5002", ITEMS)
    with pytest.raises(RegisterRefused, match="承認済の行の変更は、その開始日より後の日からです"):
        row_propose({**ROW, "items": ["med"]}, actor=clerk)
    approval = row_end_propose(row.row_no, valid_to=date(2026, 12, 1), actor=clerk)
    approval_decide(approval.pk, decision="approve", actor=chief, seen_hash=approval.content_hash)
    row.refresh_from_db()
    assert row.valid_to == date(2026, 12, 1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"items": []}, "項目がありません"),
        ({"items": ["my_number"]}, "項目辞書にない項目です: my_number"),
        ({"legal_base": ""}, "法令上の根拠がありません"),
        ({"ordinance": ""}, "条例の根拠が必要です"),
        ({"client_system": ""}, "連携先システムの指定が必要です"),
        ({"valid_from": ""}, "開始日がありません"),
    ],
)
def test_a_row_without_base_items_or_ordinance_cannot_be_proposed(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(RegisterRefused, match=message):
        row_propose({**ROW, **changes}, actor=officer("5001"))


def test_the_database_itself_refuses_an_approved_transfer_without_ordinance() -> None:
    open_row()
    with pytest.raises(IntegrityError), transaction.atomic():
        RegisterRow.objects.update(ordinance="")
    with pytest.raises(IntegrityError), transaction.atomic():
        RegisterRow.objects.update(approved_by="5001")


def test_the_candidates_of_the_list_stand_in_the_register_and_open_nothing() -> None:
    candidates_load()
    assert candidates_load() == 0
    counts = row_counts(on=TODAY)
    assert (counts["provision", "candidate"], counts["transfer", "candidate"]) == (65, 34)
    assert not {kind for kind, state in counts if state == "approved"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
MEMBERS = ("register_row", "reference", "tax_year", "known_on", "items", "person_no", "person_nos")


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(address=st.sampled_from([LOOKUP, QUERY]), body=st.dictionaries(st.sampled_from(MEMBERS), JSON) | JSON)
def test_whatever_is_sent_gets_an_answer_of_the_table_and_never_a_server_error(
    key: str, settings: Any, address: str, body: Any
) -> None:
    settings.TAXSYS_API_CALLS_PER_MINUTE = 100_000
    answer = call(address, key, json.dumps(body))
    assert answer.status_code in {400, 403, 404, 409, 422}, body
    assert set(answer.json()) >= {"type", "title", "status", "detail", "code", "request_id"}


@hypothesis_settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(
    allowed=st.sets(st.sampled_from(sorted(ITEM_NAMES)), min_size=1),
    wanted=st.sets(st.sampled_from(sorted(ITEM_NAMES)), min_size=1),
)
def test_for_any_whitelist_and_any_wish_nothing_outside_the_whitelist_comes_out(
    worker: Party, key: str, settings: Any, allowed: set[str], wanted: set[str]
) -> None:
    settings.TAXSYS_API_CALLS_PER_MINUTE = 100_000
    with transaction.atomic():
        RegisterRow.objects.filter(row_no=ROW["row_no"]).delete()
        RegisterRow.objects.create(
            **{**ROW, "items": sorted(allowed), "valid_to": None}, state="approved", proposed_by="A", approved_by="B",
            recorded_at=clock.now(),
        )  # fmt: skip
        answer = call(LOOKUP, key, question(worker.person_no, items=sorted(wanted)))
        if wanted <= allowed:
            assert set(answer.json()["answer"]["items"]) == wanted
        else:
            assert answer.json()["code"] == "R403-ITEM"
        transaction.set_rollback(True)


def test_the_decisions_day_is_inside(worker: Party, key: str) -> None:
    open_row()
    assert call(LOOKUP, key, question(worker.person_no, known_on=JUNE.isoformat())).status_code == 200
