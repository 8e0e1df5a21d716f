"""No number, nor anything derived from one, stands anywhere but sealed in the vault (N-001, N-002, R-214)."""

import base64
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

from addressbook.errors import AddressbookError
from addressbook.services.feed import feed_apply_chunk
from addressbook.services.matching import MatchRow, match_many
from addressbook.services.numbers import number_assign, number_bind_held, number_hold_many
from addressbook.vault.keys import key_provider
from taxsys.platform.audit.context import AccessContext
from tests.addressbook.conftest import feed_record, number_context  # noqa: F401

NUMBERS = ("123456789018", "123456789026", "123456789050")


def _forms(number: str) -> list[bytes]:
    """The number and what is easily made of it: parts of the text, hashes, the blind index, in hex and base64."""
    index = key_provider().index([number.encode()], index_version=1)[0]
    digests = [hashlib.new(name, number.encode()).digest() for name in ("md5", "sha1", "sha256")] + [index]
    texts = [number, f"{number[:4]}-{number[4:8]}-{number[8:]}", f"{int(number):x}"]
    texts += [digest.hex() for digest in digests] + [base64.b64encode(digest).decode() for digest in digests]
    return [text.encode() for text in texts]


def _tables(schemas: tuple[str, ...]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables"
            " WHERE schemaname = ANY(%s) ORDER BY 1",
            [list(schemas)],
        )
        return [row[0] for row in cursor.fetchall()]


def _dump(tables: list[str]) -> bytes:
    out = io.BytesIO()
    for table in tables:
        with psycopg.Cursor(connection.connection) as cursor, cursor.copy(f"COPY {table} TO STDOUT") as copy:
            for block in copy:
                out.write(bytes(block))
    return out.getvalue()


def _found(haystack: bytes) -> list[str]:
    return [number for number in NUMBERS if any(form in haystack for form in _forms(number))]


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
    assert _found(_dump([name for name in _tables(("public",)) if "migrations" not in name])) == []


@pytest.mark.req("R-214")
def test_the_vault_holds_numbers_only_sealed(filled: list[str], database_role: Any) -> None:
    with database_role("taxsys_owner"):
        with connection.cursor() as cursor:
            cursor.execute("SET ROLE taxsys_vault")
        dump = _dump(_tables(("vault",)))
    assert dump
    for number in NUMBERS:
        assert number.encode() not in dump
        assert hashlib.sha256(number.encode()).hexdigest().encode() not in dump


def test_the_scanner_finds_a_planted_number_and_a_planted_index(filled: list[str]) -> None:
    from addressbook.models import Party

    party = Party.objects.order_by("person_no").first()
    assert party is not None
    for planted in (NUMBERS[0], _forms(NUMBERS[0])[6].decode()):
        Party.objects.filter(pk=party.pk).update(name=f"x{planted}y")
        assert _found(_dump(["public.addressbook_party"])) == [NUMBERS[0]]


def test_no_log_line_and_no_error_text_holds_a_number(filled: list[str], caplog: pytest.LogCaptureFixture) -> None:
    # Frames' source lines may quote a literal of this test file; the messages themselves may not.
    said = "\n".join(line for text in filled for line in text.splitlines() if not line.startswith("    "))
    logged = "\n".join(record.getMessage() for record in caplog.records)
    assert _found(said.encode()) == []
    assert _found(logged.encode()) == []
    assert "123456789019" not in said + logged


def test_no_model_has_a_field_for_a_number() -> None:
    suspicious = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if any(word in field.name for word in ("my_number", "mynumber", "kojin_bango", "blind_index"))
    }
    assert suspicious == set()
