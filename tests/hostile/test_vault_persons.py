"""What merges, splits and deaths do to a sealed number: bound anew to its party, and never gone with the person."""

import uuid
from datetime import date
from typing import Any

import pytest
from django.db import connection

from addressbook.errors import NumberTooEarly, VaultTampered
from addressbook.models import NumberTask, Party
from addressbook.services.feed import feed_apply_chunk
from addressbook.services.numbers import number_assign, number_spells, numbers_read, parties_by_numbers
from addressbook.services.parties import party_merge, party_split
from addressbook.vault.door import sealing_key
from addressbook.vault.sealing import Seal, seal_open
from taxsys.platform import clock
from tests.addressbook.conftest import feed_record, number_context  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("number_context")]
NUMBER = "123456789018"


def loaded(*changes: dict[str, Any]) -> list[uuid.UUID]:
    feed_apply_chunk([feed_record(seq, **change) for seq, change in enumerate(changes, start=1)], source="juki")
    return list(Party.objects.order_by("person_no").values_list("id", flat=True))


def rows_of(party: uuid.UUID, database_role: Any) -> list[tuple[Any, ...]]:
    """(row id, key version, seal) of the party's number in force, as it lies in the table."""
    with database_role("taxsys_owner"), connection.cursor() as cursor:
        cursor.execute("SET ROLE taxsys_vault")
        cursor.execute(
            "SELECT id, key_version, nonce, ciphertext, tag FROM vault.number WHERE party_id = %s AND valid_to IS NULL",
            [party],
        )
        return [(row[0], row[1], Seal(*(bytes(one) for one in row[2:]))) for row in cursor.fetchall()]


@pytest.mark.req("R-132")
def test_a_split_seals_the_number_anew_for_the_party_it_goes_back_to(database_role: Any) -> None:
    merged, survivor = loaded({"my_number": NUMBER}, {})
    first = rows_of(merged, database_role)[0]
    link = party_merge(merged_id=merged, survivor_id=survivor, reason="同一人", evidence={})
    second = rows_of(survivor, database_role)[0]
    assert rows_of(merged, database_role) == []
    party_split(link.pk)
    third = rows_of(merged, database_role)[0]
    assert rows_of(survivor, database_role) == []
    # Three rows of their own, three nonces: no seal was carried from one party to another.
    assert len({row[0] for row in (first, second, third)}) == 3
    assert len({row[2].nonce for row in (first, second, third)}) == 3
    # And each opens for its own row and party alone.
    key = sealing_key()
    for (row, version, seal), owner, other in ((second, survivor, merged), (third, merged, survivor)):
        assert version == key.version
        assert seal_open(key, row, owner.bytes, seal) == NUMBER.encode()
        with pytest.raises(VaultTampered):
            seal_open(key, row, other.bytes, seal)
    with pytest.raises(VaultTampered):
        seal_open(key, third[0], merged.bytes, second[2])
    assert numbers_read([merged, survivor])[merged].expose() == NUMBER
    assert [spell.status for spell in number_spells(survivor)] == ["released"]
    assert parties_by_numbers([NUMBER]) == [merged]


@pytest.mark.req("R-194")
def test_a_death_in_the_resident_record_leaves_the_number_sealed_in_force_and_found(database_role: Any) -> None:
    party = loaded({"my_number": NUMBER})[0]
    before = rows_of(party, database_role)
    feed_apply_chunk(
        [feed_record(2, op="2", person_no="R00000000000001", household_no="S0000000001", resident_state="3",
                     my_number="", died_on=date(2026, 11, 1), event_on=date(2026, 11, 1))],
        source="juki",
    )  # fmt: skip
    assert Party.objects.get(pk=party).state == "dead"
    assert rows_of(party, database_role) == before
    assert [spell.status for spell in number_spells(party)] == ["active"]
    assert parties_by_numbers([NUMBER]) == [party]


@pytest.mark.req("R-015")
def test_no_way_in_takes_a_number_acquired_before_numbers_were_given_out(database_role: Any) -> None:
    with clock.at(date(2015, 10, 4)):
        party = loaded({"my_number": NUMBER})[0]
    assert rows_of(party, database_role) == []
    assert NumberTask.objects.values_list("kind", "party_id").get() == ("before_acquisition", party)
    with pytest.raises(NumberTooEarly):
        number_assign(party, NUMBER, source="migration", verified_by="counter", acquired_on=date(2015, 10, 4))
    first_day = date(2015, 10, 5)
    assert number_assign(party, NUMBER, source="migration", verified_by="counter", acquired_on=first_day) == "stored"
    assert [spell.valid_from for spell in number_spells(party)] == [first_day]
