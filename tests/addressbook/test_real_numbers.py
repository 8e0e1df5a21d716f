"""A copy for tests or training takes no real number, whatever door it comes by (R-234, N-074, H076)."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from addressbook.errors import RealNumberRefused
from addressbook.services.feed import feed_apply_chunk
from addressbook.services.numbers import hold_number, number_assign, number_hold_many, parties_with_number
from addressbook.vault.keys import key_provider
from taxsys.platform.audit.context import AccessContext
from taxsys.platform.audit.models import AccessEvent
from tests.addressbook.conftest import feed_record, number_context  # noqa: F401
from tests.addressbook.people import person

pytestmark = [pytest.mark.django_db, pytest.mark.req("R-234")]
REAL, MADE_UP = "123456789018", "123456789026"


@pytest.fixture
def copy(number_context: AccessContext, settings: Any, tmp_path: Path, database_role: Any) -> Path:  # noqa: F811
    """A copy: the list of an installation with one number is loaded, its vault is empty."""
    path = tmp_path / "real.list"
    number_assign(person(1).pk, REAL, source="juki", verified_by="resident-record")
    call_command("real_numbers", "write", str(path))
    with database_role("taxsys_owner"), connection.cursor() as cursor:
        cursor.execute("SET ROLE taxsys_vault")
        cursor.execute("TRUNCATE vault.number")
    settings.TAXSYS_REAL_NUMBERS_REFUSED = True
    call_command("real_numbers", "load", str(path))
    return path


def test_every_door_refuses_a_real_number_and_takes_a_made_up_one(copy: Path) -> None:
    party = person(2)
    doors: list[Any] = [
        lambda number: number_assign(party.pk, number, source="x", verified_by="counter"),
        lambda number: number_hold_many([("1行目", number)], source="x"),
        lambda number: hold_number("1行目", number, source="x"),
        lambda number: feed_apply_chunk([feed_record(1, my_number=number)], source="juki"),
    ]
    for door in doors:
        with pytest.raises(RealNumberRefused) as caught:
            door(REAL)
        assert REAL not in str(caught.value)
        assert "架空の番号" in caught.value.message_ja
    assert parties_with_number([party.pk]) == set()
    number_assign(party.pk, MADE_UP, source="x", verified_by="counter")
    assert parties_with_number([party.pk]) == {party.pk}


def test_one_real_number_among_many_stops_the_whole_load(copy: Path) -> None:
    with pytest.raises(RealNumberRefused):
        number_hold_many([("1行目", MADE_UP), ("2行目", REAL)], source="x")


def test_without_a_list_the_copy_takes_no_number_at_all(
    number_context: AccessContext,  # noqa: F811
    settings: Any,
) -> None:
    settings.TAXSYS_REAL_NUMBERS_REFUSED = True
    with pytest.raises(RealNumberRefused, match="一覧がない"):
        number_assign(person(1).pk, MADE_UP, source="x", verified_by="counter")


def test_the_list_singles_nobody_out_and_its_making_is_on_record(copy: Path) -> None:
    content = copy.read_bytes()
    body = content.split(b"\n", 1)[1]
    assert len(body) == 4
    assert copy.stat().st_mode & 0o077 == 0
    assert REAL.encode() not in content
    assert body == key_provider().fingerprints([REAL.encode()])[0][:4]
    assert body not in key_provider().index([REAL.encode()], index_version=1)[0]
    assert AccessEvent.objects.filter(record_type="vault.fingerprint", actor_id="real_numbers").count() == 3


@pytest.mark.parametrize("content", [b"", b"number\n123456789018\n", b"taxsys-fingerprints-v1\n123"])
def test_another_file_is_no_list(db: None, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(CommandError, match="一覧ではありません"):
        call_command("real_numbers", "load", str(path))
