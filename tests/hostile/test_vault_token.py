"""The vault's keys in a PKCS#11 token: made and used there, never out; a token in trouble stops numbers only (H081)."""

import os
import threading
import uuid
from collections.abc import Iterator
from datetime import date
from io import StringIO
from typing import Any

import pkcs11
import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pkcs11 import Attribute, KeyType

from addressbook.errors import KeyProviderRefused, KeyStoreUnavailable
from addressbook.permissions import REVEAL_NUMBER, SEARCH_NUMBER, VIEW_NUMBER_STATE, VIEW_PARTY
from addressbook.services import index_keys, keys
from addressbook.vault import rotation
from addressbook.vault.keys import _provider, key_provider
from addressbook.vault.manager import Origin, vault
from addressbook.vault.sealing import _unwrapped
from addressbook.vault.token import TokenKeyProvider
from taxsys.platform.audit.context import AccessContext
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.jobs.failures import verdict
from taxsys.platform.staff.permissions import HOME
from tests.addressbook.conftest import full_context, number_context  # noqa: F401
from tests.addressbook.people import TODAY, person
from tests.addressbook.test_number_reveal import number_terminal
from tests.platform.actors import officer, sign_in
from tests.tokens import PIN, token_make

pytestmark = [pytest.mark.token, pytest.mark.django_db]
ORIGIN = Origin(source="test", verified_by="resident-record", acquired_on=date(2026, 1, 5))
FIRST, SECOND = b"123456789018", b"123456789026"


@pytest.fixture
def token(token_library: str, settings: Any, tmp_path: Any) -> Iterator[TokenKeyProvider]:
    """A token of its own with the keys of the ceremony, and a vault that uses it."""
    label = f"vault-{uuid.uuid4().hex[:8]}"
    token_make(label)
    pin = tmp_path / "pin"
    pin.write_text(PIN, encoding="ascii")
    pin.chmod(0o600)
    settings.TAXSYS_KEY_PROVIDER = "pkcs11"
    settings.TAXSYS_PKCS11_MODULE = token_library
    settings.TAXSYS_PKCS11_TOKEN = label
    settings.TAXSYS_PKCS11_PIN_FILE = str(pin)
    pkcs11.lib(token_library).reinitialize()  # it looks for tokens once
    _provider.cache_clear()
    _unwrapped.clear()
    provider = key_provider()
    assert isinstance(provider, TokenKeyProvider)
    for name in ("taxsys-kek-v1", "taxsys-index-v1"):
        provider.make_key(name)
    yield provider
    provider._forget()
    _provider.cache_clear()
    _unwrapped.clear()


@pytest.mark.req("R-215", "R-272")
def test_numbers_are_sealed_found_and_read_with_keys_that_stay_in_the_token(
    token: TokenKeyProvider,
    number_context: AccessContext,  # noqa: F811
) -> None:
    parties = [uuid.uuid4(), uuid.uuid4()]
    assert [one.outcome for one in vault.put(parties, [FIRST, SECOND], origin=ORIGIN)] == ["stored", "stored"]
    assert vault.parties_by_numbers([SECOND, FIRST, b"123456789050"]) == [parties[1], parties[0], None]
    _unwrapped.clear()
    assert {k: n.expose() for k, n in vault.read(parties, action="read_number").items()} == {
        parties[0]: FIRST.decode(),
        parties[1]: SECOND.decode(),
    }
    assert rotation.key_states() == [(1, "pkcs11", False)]
    for label in ("taxsys-kek-v1", "taxsys-index-v1"):
        key = token._within(lambda label=label: token._key(label, pkcs11.ObjectClass.SECRET_KEY))  # type: ignore[misc]
        with pytest.raises(pkcs11.exceptions.AttributeSensitive):
            key[Attribute.VALUE]


@pytest.mark.req("R-191")
def test_both_rotations_run_on_the_token_and_a_destroyed_key_opens_no_backup(
    token: TokenKeyProvider,
    number_context: AccessContext,  # noqa: F811
) -> None:
    party = uuid.uuid4()
    vault.put([party], [FIRST], origin=ORIGIN)
    backup = rotation.data_keys()[1]
    with pytest.raises(KeyProviderRefused, match="taxsys-kek-v2"):
        keys.key_make(2)
    token.make_key("taxsys-kek-v2")
    keys.key_make(2)
    keys.numbers_reseal(2, start=uuid.UUID(int=0), stop=None)
    assert keys.rotation_prove(2).retired == (1,)
    keys.key_erase(1)
    _unwrapped.clear()
    with pytest.raises(KeyProviderRefused, match="taxsys-kek-v1"):
        token.unwrap(backup, key_version=1)
    token.make_key("taxsys-index-v2")
    index_keys.index_make(2)
    index_keys.index_fill(2, start=uuid.UUID(int=0), stop=None)
    index_keys.index_switch(2)
    index_keys.index_clear(1, start=uuid.UUID(int=0), stop=None)
    index_keys.index_erase(1)
    assert [label for label, _ in token.labels()] == ["taxsys-index-v2", "taxsys-kek-v2"]
    assert vault.parties_by_numbers([FIRST]) == [party]
    assert vault.read([party], action="read_number")[party].expose() == FIRST.decode()


def test_a_wrapped_key_of_another_version_or_a_changed_one_is_refused(token: TokenKeyProvider) -> None:
    token.make_key("taxsys-kek-v2")
    wrapped = token.wrap(b"k" * 32, key_version=1)
    assert token.unwrap(wrapped, key_version=1) == b"k" * 32
    with pytest.raises(KeyProviderRefused, match="対応していません"):
        token.unwrap(wrapped, key_version=2)
    with pytest.raises(KeyProviderRefused, match="対応していません"):
        token.unwrap(wrapped[:-1] + bytes([wrapped[-1] ^ 1]), key_version=1)


@pytest.mark.req("R-272")
def test_a_key_that_could_be_taken_out_is_not_used(token: TokenKeyProvider) -> None:
    def make_open() -> None:
        token._opened().generate_key(
            KeyType.GENERIC_SECRET, 256, label="taxsys-index-v2", store=True,
            template={Attribute.SENSITIVE: False, Attribute.EXTRACTABLE: True, Attribute.SIGN: True},
        )  # fmt: skip

    token._within(make_open)
    with pytest.raises(KeyProviderRefused, match="取り出せる設定"):
        token.index([FIRST], index_version=2)


def test_a_label_is_made_once_and_missing_or_double_keys_are_named(token: TokenKeyProvider) -> None:
    with pytest.raises(KeyProviderRefused, match="すでに装置にあります"):
        token.make_key("taxsys-kek-v1")
    with pytest.raises(KeyProviderRefused, match="taxsys-index-v7 が鍵の保管装置にありません"):
        token.index([FIRST], index_version=7)
    records = dict(token.labels())
    assert set(records) == {"taxsys-kek-v1", "taxsys-index-v1"}
    assert all(len(value) == 6 for value in records.values())


@pytest.mark.parametrize(
    ("spoil", "words"), [("pin", "暗証番号"), ("mode", "0600"), ("gone", "配置"), ("label", "装置")]
)
def test_a_wrong_pin_an_open_pin_file_and_a_token_that_is_away_are_told_in_plain_words(
    token: TokenKeyProvider, settings: Any, tmp_path: Any, spoil: str, words: str
) -> None:
    pin = tmp_path / "pin"
    if spoil == "pin":
        pin.write_text("0000-0000", encoding="ascii")
    elif spoil == "mode":
        pin.chmod(0o644)
    elif spoil == "gone":
        pin.unlink()
    else:
        settings.TAXSYS_PKCS11_TOKEN = "elsewhere"
    token._session.close()
    other = TokenKeyProvider()
    with pytest.raises(KeyProviderRefused) as caught:
        other.index([FIRST], index_version=1)
    assert words in caught.value.message_ja
    assert FIRST.decode() not in str(caught.value)


def test_a_token_that_hangs_is_left_after_the_time_limit_and_used_again_later(
    token: TokenKeyProvider, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.TAXSYS_PKCS11_SECONDS = 0.2
    hung = threading.Event()

    class Hanging:
        def sign(self, text: bytes, *, mechanism: Any) -> bytes:
            hung.wait(30)
            return text

    token._keys["taxsys-index-v1"] = Hanging()
    with pytest.raises(KeyStoreUnavailable, match="応答しません") as caught:
        token.index([FIRST], index_version=1)
    assert verdict(caught.value) == "transient"
    hung.set()
    settings.TAXSYS_PKCS11_SECONDS = 10
    assert len(token.index([FIRST], index_version=1)[0]) == 32


def test_a_session_that_breaks_fails_one_act_and_the_next_opens_anew(token: TokenKeyProvider) -> None:
    before = token.index([FIRST], index_version=1)
    token._session.close()
    with pytest.raises(KeyStoreUnavailable) as caught:
        token.index([FIRST], index_version=1)
    assert "鍵の保管装置を使えません" in caught.value.message_ja
    assert token.index([FIRST], index_version=1) == before


def test_a_child_process_opens_a_session_of_its_own(token: TokenKeyProvider) -> None:
    expected = token.index([FIRST], index_version=1)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, token.index([FIRST], index_version=1)[0])
        finally:
            os._exit(0)
    os.close(writing)
    answer = os.read(reading, 64)
    os.close(reading)
    os.waitpid(child, 0)
    assert [answer] == expected
    assert token.index([FIRST], index_version=1) == expected


@pytest.mark.req("R-214", "R-215")
def test_on_the_screen_a_token_in_trouble_shows_no_number_and_says_why(
    token: TokenKeyProvider,
    settings: Any,
    number_context: AccessContext,  # noqa: F811
) -> None:
    settings.TAXSYS_BUSINESS_DATE = TODAY.isoformat()
    party = person(1)
    vault.put([party.id], [FIRST], origin=ORIGIN)
    number_terminal()
    rights = [HOME, VIEW_PARTY, VIEW_NUMBER_STATE, REVEAL_NUMBER, SEARCH_NUMBER]
    client = sign_in(Client(), officer("5001", permissions=rights))
    token._session.close()
    _unwrapped.clear()
    answer = client.post(f"/party/{party.id}/number/reveal", {"purpose": "number_matching"})
    page = answer.content.decode()
    assert answer.status_code == 503
    assert "鍵の保管装置を使えません" in page
    assert FIRST.decode() not in page.replace(" ", "")
    assert AccessEvent.objects.filter(result="failed", record_type="vault.number", reason="A0916").count() == 1
    token.index([FIRST], index_version=1)
    token._session.close()
    answer = client.post("/party/by-number", {"number": FIRST.decode(), "purpose": "number_matching"})
    assert answer.status_code == 503
    answer = client.post(f"/party/{party.id}/number/reveal", {"purpose": "number_matching"})
    assert answer.status_code == 200
    assert full_context().legal_base == "番号法9条1項・別表24"


@pytest.mark.req("R-272")
def test_the_ceremony_makes_a_key_before_two_people_and_records_its_check_value(token: TokenKeyProvider) -> None:
    answer = StringIO()
    for words in (["make", "kek-v2"], ["make", "kek-v2", "--present", "5001", "5001"],
                  ["make", "other", "--present", "5001", "5002"]):  # fmt: skip
        with pytest.raises(CommandError):
            call_command("vault_keys", *words, stdout=answer)
    call_command("vault_keys", "make", "kek-v2", "--present", "5001", "5002", stdout=answer)
    with pytest.raises(CommandError, match="すでに装置にあります"):
        call_command("vault_keys", "make", "kek-v2", "--present", "5001", "5002", stdout=answer)
    value = dict(token.labels())["taxsys-kek-v2"]
    assert f"照合値 {value}" in answer.getvalue()
    event = AccessEvent.objects.get(record_type="vault.token_key")
    assert (event.record_id, event.reason) == (f"taxsys-kek-v2:{value}", "5001,5002")
    listed = StringIO()
    call_command("vault_keys", "list", stdout=listed)
    assert f"taxsys-kek-v2\t照合値 {value}" in listed.getvalue()


def test_without_a_token_there_is_no_ceremony(db: None, data_folder: Any) -> None:
    with pytest.raises(CommandError, match="TAXSYS_KEY_PROVIDER=pkcs11"):
        call_command("vault_keys", "list")
