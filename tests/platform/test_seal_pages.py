"""The operator's page of the seals: state, heads with their codes, the daily sheet, and the nightly verification."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client

from taxsys.platform import clock
from taxsys.platform.audit import home
from taxsys.platform.audit.context import AccessContext, using
from taxsys.platform.audit.models import AccessEvent, LogCheck
from taxsys.platform.audit.permissions import RUN_REVIEW, VIEW_SEALS
from taxsys.platform.audit.sealing import seal_pending
from taxsys.platform.audit.services import access_record
from taxsys.platform.audit.signing import head_code, head_sign
from taxsys.platform.jobs.models import JobRun
from taxsys.platform.jobs.services import job_request, job_run_inline
from taxsys.platform.staff.models import Staff
from taxsys.platform.staff.permissions import HOME
from tests.platform.actors import officer, sign_in
from tests.platform.papers import pdf_codes, pdf_text

# Sealing takes only what other transactions have committed: these tests need real commits.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def operator() -> Staff:
    return officer("9001", permissions=[HOME, VIEW_SEALS, RUN_REVIEW], kind=Staff.Kind.CONTRACTOR)


@pytest.fixture(autouse=True)
def somebody() -> Iterator[None]:
    with using(AccessContext(actor_kind="system", actor_id="test")):
        yield


def checked(operator: Staff) -> JobRun:
    run = job_request("B-AU-03", {}, actor=operator, business_on=date(2026, 11, 20))
    job_run_inline(run.pk, actor=operator, raise_errors=True)
    return JobRun.objects.get(pk=run.pk)


@pytest.mark.req("R-229")
def test_the_page_shows_state_and_the_signed_heads(operator: Staff, client: Client) -> None:
    access_record(action="view", subjects=["p1"])
    seal_pending()
    head = head_sign(date(2026, 11, 19))
    assert head is not None
    page = sign_in(client, operator).get("/access-log/seals").content.decode()
    assert "正常" in page
    assert head_code(head) in page
    assert "検証はまだ行われていません" in page


@pytest.mark.req("R-229")
def test_the_daily_sheet_carries_the_code_as_text_and_as_qr(operator: Staff, client: Client) -> None:
    access_record(action="view", subjects=["p1"])
    seal_pending()
    head = head_sign(date(2026, 11, 19))
    assert head is not None
    answer = sign_in(client, operator).get("/access-log/seals/2026-11-19/sheet.pdf")
    assert pdf_codes(answer.content) == [head_code(head)]
    text = pdf_text(answer.content)
    assert "令和8年11月19日" in text
    assert head_code(head) in "".join(text.split())
    assert client.get("/access-log/seals/2026-11-18/sheet.pdf").status_code == 404
    assert client.get("/access-log/seals/yesterday/sheet.pdf").status_code == 404
    assert AccessEvent.objects.filter(action="print", record_type="audit_seal").count() == 1


@pytest.mark.parametrize(
    ("minutes", "count", "level"), [(0, 0, "done"), (2, 1, "caution"), (16, 1, "danger")]
)  # fmt: skip
def test_the_home_card_wakes_when_seals_are_late(
    operator: Staff, client: Client, minutes: int, count: int, level: str
) -> None:
    seal_pending()
    access_record(action="view", subjects=["p1"])
    with time_machine.travel(clock.now() + timedelta(minutes=minutes)):
        assert (home.late_count(operator), home.late_level(operator)) == (count, level)
        page = sign_in(client, operator).get("/").content.decode()
    assert "アクセス記録の封印の遅れ" in page


@pytest.mark.req("R-232")
def test_the_nightly_verification_passes_an_untouched_log(operator: Staff) -> None:
    access_record(action="view", subjects=["p1"])
    seal_pending()
    run = checked(operator)
    assert run.gates.get(gate_id="log_intact").ok
    check = LogCheck.objects.get()
    assert (check.faults, check.sealed, home.fault_count(operator)) == ([], 1, 0)


@pytest.mark.req("R-232")
def test_the_nightly_verification_turns_red_and_names_the_first_fault(operator: Staff, client: Client) -> None:
    event = access_record(action="view", subjects=["p1"])
    seal_pending()
    _tampered("UPDATE audit_accessevent SET actor_id = 'x' WHERE id = %s", event.pk)
    gate = checked(operator).gates.get(gate_id="log_intact")
    fault = f"封印1の1件目: 記録{event.pk}の内容が変えられています。"
    assert (gate.ok, gate.count, gate.detail_ja) == (False, 1, fault)
    assert home.fault_count(operator) == 1
    page = sign_in(client, operator).get("/access-log/seals").content.decode()
    assert fault in page
    assert "異常あり" in page


def _tampered(statement: str, *values: Any) -> None:
    """What only the owner of the database could do, with triggers off."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE NONE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, values)
