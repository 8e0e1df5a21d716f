"""No number, nor anything derived from one, stands anywhere but sealed in the vault (N-001, N-002, R-214)."""

import hashlib
import io
import logging
import traceback
import uuid
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.db import connection

from addressbook.access import number_use
from addressbook.errors import AddressbookError
from addressbook.number_scan.scanner import Finding, Place, look_over
from addressbook.permissions import SCAN_NUMBERS
from addressbook.services.feed import feed_apply_chunk
from addressbook.services.matching import MatchRow, match_many
from addressbook.services.number_scan import VaultKnows, digests_made
from addressbook.services.numbers import number_assign, number_bind_held, number_hold_many
from taxsys.platform.audit.context import AccessContext, using
from taxsys.web.number_scan import Scope, numbers_scan
from tests.addressbook.conftest import feed_record, number_context  # noqa: F401

NUMBERS = ("123456789018", "123456789026", "123456789050")


def _dump(schema: str) -> bytes:
    out = io.BytesIO()
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = %s ORDER BY 1", [schema])
        tables = [f"{schema}.{row[0]}" for row in cursor.fetchall()]
    for table in tables:
        with psycopg.Cursor(connection.connection) as cursor, cursor.copy(f"COPY {table} TO STDOUT") as copy:
            for block in copy:
                out.write(bytes(block))
    return out.getvalue()


def _leaks(*, tables: bool, said: str = "") -> list[Finding]:
    """Findings of the scanner over every table outside the vault, or over a text."""
    with using(AccessContext(actor_kind="system", actor_id="cli:test")):
        if tables:
            report = numbers_scan(Scope(opens_numbers=True))
            assert report.unread == []
            return report.look.findings
        with number_use(SCAN_NUMBERS, purpose="試験"):
            return look_over([Place("text", "said", [said.encode()])], VaultKnows(), digests_made()).findings


@pytest.fixture
def filled(db: None, number_context: AccessContext, caplog: pytest.LogCaptureFixture) -> list[str]:  # noqa: F811
    """Numbers by every entrance, good and bad ones, with everything logged."""
    caplog.set_level(logging.DEBUG)
    feed_apply_chunk(
        [feed_record(1, my_number=NUMBERS[0]), feed_record(2, my_number=NUMBERS[0][:11] + "0")], source="juki"
    )
    held = number_hold_many([("line 1", NUMBERS[1]), ("line 2", "123456789027")], source="wage.csv")
    match_many([MatchRow(ref="1", number_ref=held[0].ref)])
    newcomer = uuid.uuid4()
    assert held[0].ref is not None
    number_bind_held(held[0].ref, newcomer)
    messages = []
    for bad in (NUMBERS[0], "123456789019", NUMBERS[2] + "1"):
        try:
            number_assign(newcomer, bad, source="counter", verified_by="counter")
        except AddressbookError as error:
            messages.append("".join(traceback.format_exception(error)))
    assert len(messages) == 3
    number_hold_many([("line 3", NUMBERS[2])], source="wage.csv")
    return messages


@pytest.mark.req("R-214")
def test_no_table_outside_the_vault_holds_a_number_or_anything_made_of_it(filled: list[str]) -> None:
    assert _leaks(tables=True) == []


@pytest.mark.req("R-214")
def test_the_vault_holds_numbers_only_sealed(filled: list[str], database_role: Any) -> None:
    with database_role("taxsys_owner"):
        with connection.cursor() as cursor:
            cursor.execute("SET ROLE taxsys_vault")
        dump = _dump("vault")
    assert dump
    for number in NUMBERS:
        assert number.encode() not in dump
        assert hashlib.sha256(number.encode()).hexdigest().encode() not in dump


def test_no_log_line_and_no_error_text_holds_a_number(filled: list[str], caplog: pytest.LogCaptureFixture) -> None:
    # Frames' source lines may quote a literal of this test file; the messages themselves may not.
    said = "\n".join(line for text in filled for line in text.splitlines() if not line.startswith("    "))
    logged = "\n".join(record.getMessage() for record in caplog.records)
    assert _leaks(tables=False, said=said) == []
    assert _leaks(tables=False, said=logged) == []
    assert _leaks(tables=False, said=f"{said} {NUMBERS[2]}") != []
    assert "123456789019" not in said + logged


def test_no_model_has_a_field_for_a_number() -> None:
    suspicious = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if any(word in field.name for word in ("my_number", "mynumber", "kojin_bango", "blind_index"))
    }
    assert suspicious == set()
