"""The vault against someone who already has the application's database session (R-213 to R-215, N-001 to N-012)."""

import datetime
import hashlib
import hmac
import json
import pickle
import uuid

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import DatabaseError, connection, transaction

from addressbook.errors import (
    KeyProviderRefused,
    NumberInvalid,
    NumberTooEarly,
    VaultContextMissing,
    VaultTampered,
)
from addressbook.vault.keys import FileKeyProvider, key_provider
from addressbook.vault.manager import Origin, vault
from addressbook.vault.sealing import HELD, DataKey, Seal, seal_many, seal_open
from addressbook.vault.value import MASK, MyNumber
from taxsys.platform.audit.context import AccessContext, using
from taxsys.platform.audit.models import AccessEvent
from tests.addressbook.conftest import full_context, number_context  # noqa: F401

FIRST, SECOND = b"123456789018", b"123456789026"
ORIGIN = Origin(source="test", verified_by="resident-record", acquired_on=datetime.date(2026, 1, 5))


@pytest.fixture
def parties(db: None) -> list[uuid.UUID]:
    return [uuid.uuid4(), uuid.uuid4()]


@pytest.fixture
def stored(parties: list[uuid.UUID], number_context: AccessContext) -> list[uuid.UUID]:  # noqa: F811
    assert [r.outcome for r in vault.put(parties, [FIRST, SECOND], origin=ORIGIN)] == ["stored", "stored"]
    return parties


def _refused(sql: str) -> str:
    with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    return str(caught.value)


@pytest.mark.req("R-215")
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM vault.number",
        "SELECT index_odd FROM vault.number",
        "SELECT * FROM vault.held_number",
        "SELECT * FROM vault.data_key",
        "COPY vault.number TO STDOUT",
        "UPDATE vault.number SET valid_to = valid_from",
        "DELETE FROM vault.number",
        "TRUNCATE vault.number",
        "INSERT INTO vault.data_key (key_version, wrapped, provider) VALUES (9, '', 'x')",
        "ALTER TABLE vault.number DISABLE TRIGGER ALL",
        "DROP FUNCTION vault.key_list()",
        "CREATE OR REPLACE FUNCTION vault.key_list() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE TABLE vault.shadow (x int)",
        "UPDATE vault.data_key SET retired_at = NULL, wrapped = ''",
        "DELETE FROM vault.data_key",
        "DELETE FROM vault.legal_base",
        "INSERT INTO vault.legal_base VALUES ('なんとなく', '')",
        "ALTER TABLE vault.number DISABLE TRIGGER number_key_in_use_insert",
        "DROP FUNCTION vault.key_retire",
        "SELECT vault.refuse_retired_key()",
        "SELECT * FROM vault.index_key",
        "UPDATE vault.index_key SET state = 'retired'",
        "SELECT vault.index_slot(1)",
    ],
)
def test_application_role_has_no_right_on_the_vault_itself(stored: list[uuid.UUID], sql: str) -> None:
    message = _refused(sql)
    assert "permission denied" in message or "must be owner" in message


def test_application_role_cannot_become_the_owner_of_the_vault(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, pg_has_role('taxsys_app', 'taxsys_vault', 'MEMBER'),"
            " pg_has_role('taxsys_app', 'taxsys_owner', 'MEMBER')"
        )
        assert cursor.fetchone() == ("taxsys_app", False, False)


def test_event_function_cannot_be_called_by_itself(stored: list[uuid.UUID]) -> None:
    assert "permission denied" in _refused("SELECT vault.event_write('{}'::jsonb, 'view', NULL, '', 1)")


@pytest.mark.parametrize("missing", ["actor_id", "function_id", "legal_base", "purpose", "business_on", "actor_kind"])
def test_functions_refuse_an_incomplete_context_even_in_raw_sql(stored: list[uuid.UUID], missing: str) -> None:
    context = {
        "actor_kind": "staff", "actor_id": "1001", "function_id": "F-CM-016", "legal_base": "番号法9条1項・別表24",
        "purpose": "check", "business_on": "2026-11-20",
    }  # fmt: skip
    context[missing] = ""
    before = AccessEvent.objects.count()
    for call in (
        f"vault.number_read('{json.dumps(context)}', 'read_number', ARRAY['{stored[0]}']::uuid[])",
        f"vault.parties_by_index('{json.dumps(context)}', 1, ARRAY[''::bytea])",
        f"vault.file_refuse('{json.dumps(context)}', '{stored[0]}', '2026-11-20')",
        f"vault.index_begin('{json.dumps(context)}', 2)",
        f"vault.index_switch('{json.dumps(context)}', 1)",
        f"vault.index_sample('{json.dumps(context)}', 10)",
        f"vault.index_erase('{json.dumps(context)}', 1)",
        f"vault.number_release('{json.dumps(context)}', '{stored[0]}', '2026-11-20')",
        f"vault.held_drop('{json.dumps(context)}', ARRAY['{stored[0]}']::uuid[])",
        f"vault.held_agrees('{json.dumps(context)}', '{stored[0]}', 1, '')",
        f"vault.reseal_take('{json.dumps(context)}', 2, '{uuid.UUID(int=0)}', NULL, 10)",
        f"vault.reseal_put('{json.dumps(context)}', 2, '{{}}', '{{}}', '{{}}', '{{}}', '{{}}')",
        f"vault.reseal_sample('{json.dumps(context)}', 10)",
        f"vault.key_retire('{json.dumps(context)}', 1)",
        f"vault.key_erase('{json.dumps(context)}', 1)",
    ):
        assert "access context incomplete" in _refused(f"SELECT * FROM {call}")
    assert "access context incomplete" in _refused(
        f"SELECT vault.number_read(NULL, 'read_number', ARRAY['{stored[0]}']::uuid[])"
    )
    assert AccessEvent.objects.count() == before


@pytest.mark.req("R-010")
def test_a_legal_base_that_is_not_in_the_master_is_refused(stored: list[uuid.UUID]) -> None:
    with using(full_context(legal_base="なんとなく")), pytest.raises(VaultContextMissing), transaction.atomic():
        vault.read(stored, action="read_number")


def test_manager_refuses_without_context_and_writes_nothing(parties: list[uuid.UUID]) -> None:
    for act in (
        lambda: vault.put(parties, [FIRST, SECOND], origin=ORIGIN),
        lambda: vault.hold(parties, [FIRST, SECOND], source="x"),
        lambda: vault.read(parties, action="read_number"),
        lambda: vault.parties_by_numbers([FIRST]),
        lambda: vault.parties_by_held(parties),
        lambda: vault.bind_held([(parties[0], parties[1])], origin=ORIGIN),
        lambda: vault.drop_held(parties),
        lambda: vault.move(parties[0], parties[1], source="merge", on=ORIGIN.acquired_on),
    ):
        with pytest.raises(VaultContextMissing):
            act()
    with using(full_context(purpose="")), pytest.raises(VaultContextMissing):
        vault.read(parties, action="read_number")
    assert AccessEvent.objects.count() == 0


def test_reading_gives_the_number_and_leaves_its_event_in_the_same_transaction(stored: list[uuid.UUID]) -> None:
    numbers = vault.read(stored, action="reveal_number")
    assert [numbers[party].expose() for party in stored] == [FIRST.decode(), SECOND.decode()]
    event = AccessEvent.objects.filter(action="reveal_number").get()
    assert event.subjects == [str(party) for party in stored]
    assert (event.count, event.legal_base, event.function_id) == (2, "番号法9条1項・別表24", "F-CM-001")
    before = AccessEvent.objects.count()
    with transaction.atomic():
        vault.read(stored, action="read_number")
        assert AccessEvent.objects.count() == before + 1
        transaction.set_rollback(True)
    assert AccessEvent.objects.count() == before


@pytest.mark.parametrize(
    "tampering",
    [
        # ciphertexts of two people swapped
        "UPDATE vault.number a SET ciphertext = b.ciphertext, nonce = b.nonce, tag = b.tag FROM vault.number b"
        " WHERE a.id <> b.id",
        # a number moved to the other person by its party id
        "UPDATE vault.number SET party_id = gen_random_uuid()",
        # plaintext planted
        "UPDATE vault.number SET ciphertext = '123456789018'::bytea",
        "UPDATE vault.number SET ciphertext = '123456789018'::bytea, tag = repeat('a', 16)::bytea",
        # one bit turned over, anywhere
        "UPDATE vault.number SET ciphertext = set_bit(ciphertext, 3, 1 - get_bit(ciphertext, 3))",
        "UPDATE vault.number SET tag = set_bit(tag, 100, 1 - get_bit(tag, 100))",
        "UPDATE vault.number SET nonce = set_bit(nonce, 9, 1 - get_bit(nonce, 9))",
        # row id replaced
        "UPDATE vault.number SET id = gen_random_uuid()",
    ],
)
def test_any_tampering_under_the_application_is_noticed(
    stored: list[uuid.UUID], database_role: object, tampering: str
) -> None:
    with database_role("taxsys_owner"), connection.cursor() as cursor:  # type: ignore[operator]
        cursor.execute("SET ROLE taxsys_vault")
        cursor.execute(tampering)
        cursor.execute("SELECT party_id FROM vault.number")
        parties = [row[0] for row in cursor.fetchall()]
    with pytest.raises(VaultTampered):
        vault.read(parties, action="read_number")


def test_a_wrapped_key_from_another_installation_is_refused(
    stored: list[uuid.UUID], settings: object, tmp_path: object
) -> None:
    settings.TAXSYS_DATA_DIR = tmp_path / "other"  # type: ignore[attr-defined,operator]
    from addressbook.vault import sealing

    sealing._unwrapped.clear()
    with pytest.raises(KeyProviderRefused):
        vault.read(stored, action="read_number")


@pytest.mark.req("R-015")
def test_a_number_cannot_have_been_acquired_before_the_law_began(
    parties: list[uuid.UUID],
    number_context: AccessContext,  # noqa: F811
) -> None:
    early = Origin(source="migration", verified_by="", acquired_on=datetime.date(2015, 10, 4))
    with pytest.raises(NumberTooEarly):
        vault.put(parties[:1], [FIRST], origin=early)
    first_day = Origin(source="migration", verified_by="", acquired_on=datetime.date(2015, 10, 5))
    assert vault.put(parties[:1], [FIRST], origin=first_day)[0].outcome == "stored"


def test_one_number_one_person_one_person_one_number(stored: list[uuid.UUID]) -> None:
    third = uuid.uuid4()
    results = vault.put([third, stored[0], stored[0]], [FIRST, FIRST, b"123456789050"], origin=ORIGIN)
    assert [r.outcome for r in results] == ["collision", "same", "different"]
    assert results[0].holder == stored[0]


def test_a_changed_number_keeps_the_old_one_for_searching_but_gives_the_new_one(stored: list[uuid.UUID]) -> None:
    assert vault.put([stored[0]], [b"123456789050"], origin=ORIGIN, replace=True)[0].outcome == "stored"
    assert vault.read([stored[0]], action="read_number")[stored[0]].expose() == "123456789050"
    assert vault.parties_by_numbers([FIRST, b"123456789050", b"987654321093"]) == [stored[0], stored[0], None]


def test_held_numbers_find_their_party_inside_the_database_and_are_erased_when_bound(stored: list[uuid.UUID]) -> None:
    refs = [uuid.uuid4(), uuid.uuid4()]
    newcomer = uuid.uuid4()
    vault.hold(refs, [FIRST, b"123456789050"], source="wage-report")
    assert vault.parties_by_held(refs) == {refs[0]: stored[0]}
    answers = vault.bind_held([(refs[0], stored[0]), (refs[1], newcomer)], origin=ORIGIN)
    assert {ref: answer.outcome for ref, answer in answers.items()} == {refs[0]: "same", refs[1]: "stored"}
    assert vault.read([newcomer], action="read_number")[newcomer].expose() == "123456789050"
    assert vault.parties_by_held(refs) == {}
    assert vault.drop_held(refs) == 0


def test_a_merge_reseals_the_number_for_the_surviving_party(stored: list[uuid.UUID]) -> None:
    survivor = uuid.uuid4()
    moved = vault.move(stored[0], survivor, source="merge", on=ORIGIN.acquired_on)
    assert moved is not None
    assert moved.outcome == "stored"
    assert vault.read([stored[0], survivor], action="read_number") == {survivor: MyNumber(FIRST.decode())}
    assert vault.move(stored[0], survivor, source="merge", on=ORIGIN.acquired_on) is None


def test_value_type_never_shows_itself() -> None:
    number = MyNumber("1234-5678-9018")
    shown = [repr(number), str(number), f"{number}", f"{number:>20}", pickle.loads(pickle.dumps(number)),
             json.dumps({"n": number}, default=str)]  # fmt: skip
    assert shown[:5] == [MASK] * 5
    assert all("123456789018" not in text for text in shown)
    with pytest.raises(TypeError):
        hash(number)
    with pytest.raises(TypeError):
        json.dumps(number)
    with pytest.raises(AttributeError):
        number._digits = "1"
    assert number == MyNumber("１２３４５６７８９０１８")
    assert number != MyNumber("123456789026")
    assert number != "123456789018"


@pytest.mark.req("R-208")
@pytest.mark.parametrize(
    "text", ["123456789019", "12345678901", "1234567890180", "", "000000000000", "12345678901８x", "abcdefghijkl"]
)
def test_a_wrong_number_is_refused_without_being_repeated_in_the_message(text: str) -> None:
    with pytest.raises(NumberInvalid) as caught:
        MyNumber(text)
    assert not text or text not in str(caught.value)


def test_key_files_are_private_and_production_must_name_its_provider(settings: object, tmp_path: object) -> None:
    provider = FileKeyProvider(tmp_path / "keys")  # type: ignore[operator]
    wrapped = provider.wrap(b"k" * 32, key_version=1)
    assert provider.unwrap(wrapped, key_version=1) == b"k" * 32
    with pytest.raises(KeyProviderRefused):
        provider.unwrap(wrapped, key_version=2)
    key_file = tmp_path / "keys" / "kek-v1.key"  # type: ignore[operator]
    assert key_file.stat().st_mode & 0o777 == 0o600
    key_file.chmod(0o640)
    with pytest.raises(KeyProviderRefused):
        FileKeyProvider(tmp_path / "keys")  # type: ignore[operator]
    settings.TAXSYS_PROFILE = "production"  # type: ignore[attr-defined]
    settings.TAXSYS_KEY_PROVIDER = ""  # type: ignore[attr-defined]
    with pytest.raises(KeyProviderRefused):
        key_provider()
    for chosen in ("file", "addressbook.vault.keys.FileKeyProvider"):
        settings.TAXSYS_KEY_PROVIDER = chosen  # type: ignore[attr-defined]
        settings.TAXSYS_KEY_DIR = tmp_path / "nowhere"  # type: ignore[attr-defined,operator]
        with pytest.raises(KeyProviderRefused) as caught:
            key_provider()
        assert "ファイルに置けません" in caught.value.message_ja
    assert not (tmp_path / "nowhere").exists()  # type: ignore[operator]


def test_each_single_flipped_bit_of_a_seal_and_each_wrong_binding_is_refused() -> None:
    key = DataKey(1, AESGCM(bytes(32)))
    row, party = uuid.uuid4(), uuid.uuid4()
    columns = seal_many(key, [row], [party.bytes], [FIRST])
    seal = Seal(columns.nonces[0], columns.ciphertexts[0], columns.tags[0])
    assert seal_open(key, row, party.bytes, seal) == FIRST
    whole = seal.nonce + seal.ciphertext + seal.tag
    for bit in range(8 * len(whole)):
        flipped = (int.from_bytes(whole, "big") ^ (1 << bit)).to_bytes(len(whole), "big")
        with pytest.raises(VaultTampered):
            seal_open(key, row, party.bytes, Seal(flipped[:12], flipped[12:24], flipped[24:]))
    for wrong_key, wrong_row, wrong_owner in (
        (key, uuid.uuid4(), party.bytes),
        (key, row, uuid.uuid4().bytes),
        (key, row, HELD),
        (DataKey(2, AESGCM(bytes(32))), row, party.bytes),
        (DataKey(1, AESGCM(b"k" * 32)), row, party.bytes),
    ):
        with pytest.raises(VaultTampered):
            seal_open(wrong_key, wrong_row, wrong_owner, seal)


@pytest.mark.req("R-215")
def test_a_stolen_index_column_answers_to_no_public_transform(
    stored: list[uuid.UUID],
    database_role: object,
) -> None:
    with database_role("taxsys_owner"), connection.cursor() as cursor:  # type: ignore[operator]
        cursor.execute("SET ROLE taxsys_vault")
        cursor.execute("SELECT index_odd, id, party_id FROM vault.number")
        rows = [(bytes(row[0]), row[1], row[2]) for row in cursor.fetchall()]
    assert len({row[0] for row in rows}) == 2
    for index, row, party in rows:
        for number in (FIRST, SECOND):
            for salt in (b"", b"my_number|1|", row.bytes, str(row).encode(), party.bytes, str(party).encode()):
                for name in ("md5", "sha1", "sha256", "sha3_256", "blake2s"):
                    for text in (number, salt + number, number + salt):
                        assert not index.startswith(hashlib.new(name, text).digest()[:8])
                    assert not index.startswith(hmac.digest(salt or b"0", number, name)[:8])
