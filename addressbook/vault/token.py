"""Keys of the vault in a PKCS#11 token (HSM): they are made there and never leave it (番号法12条, R-215, R-272).

A wrapping key seals and opens data keys inside the token, the index key computes the blind index inside it. The token
is spoken to in a thread of its own with a time limit: one that hangs, fails or is pulled out stops what needs a number,
in plain words, and nothing else (H081).
"""

import os
import secrets
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import pkcs11
from django.conf import settings
from pkcs11 import Attribute, GCMParams, KeyType, Mechanism, ObjectClass
from pkcs11.exceptions import MultipleObjectsReturned, NoSuchKey, PKCS11Error, UserAlreadyLoggedIn

from addressbook.errors import KeyProviderRefused, KeyStoreUnavailable
from addressbook.vault.labels import fingerprint_text, index_text, wrap_label
from taxsys.platform.keyfile import KeyFileFault, secret_read

_NONCE = 12
_TAG_BITS = 128
_BITS = 256
_ZERO = bytes(16)
_NUMBERS_A_SECOND = 500  # the slowest token that is waited for
Answer = TypeVar("Answer")


def wrapping_label(key_version: int) -> str:
    """Label of the key that wraps this version's data key."""
    return f"taxsys-kek-v{key_version}"


def index_label(index_version: int) -> str:
    """Label of the key of the blind index."""
    return f"taxsys-index-v{index_version}"


FINGERPRINT_LABEL = "taxsys-fingerprint"


class TokenKeyProvider:
    """Keys by their labels in one token. None is ever made by itself: they come from the key ceremony (`make_key`)."""

    name = "pkcs11"

    def __init__(self) -> None:
        self._module = str(settings.TAXSYS_PKCS11_MODULE)
        self._token = str(settings.TAXSYS_PKCS11_TOKEN)
        self._pin_file = str(settings.TAXSYS_PKCS11_PIN_FILE)
        self._lock = threading.Lock()
        self._process = os.getpid()
        self._session: Any = None
        self._keys: dict[str, Any] = {}

    def wrap(self, data_key: bytes, *, key_version: int) -> bytes:
        """Nonce and AES-256-GCM of the data key, computed in the token."""
        nonce = secrets.token_bytes(_NONCE)
        label = wrapping_label(key_version)

        def act() -> bytes:
            params = GCMParams(nonce, aad=wrap_label(key_version), tag_bits=_TAG_BITS)
            sealed: bytes = self._key(label, ObjectClass.SECRET_KEY).encrypt(
                data_key, mechanism=Mechanism.AES_GCM, mechanism_param=params
            )
            return nonce + sealed

        return self._within(act)

    def unwrap(self, wrapped: bytes, *, key_version: int) -> bytes:
        """The data key; raises KeyProviderRefused, KeyStoreUnavailable."""
        label = wrapping_label(key_version)

        def act() -> bytes:
            key = self._key(label, ObjectClass.SECRET_KEY)
            params = GCMParams(wrapped[:_NONCE], aad=wrap_label(key_version), tag_bits=_TAG_BITS)
            try:
                opened: bytes = key.decrypt(wrapped[_NONCE:], mechanism=Mechanism.AES_GCM, mechanism_param=params)
            except PKCS11Error:
                # A wrong tag is told apart from a broken token by whether the key still works on something else.
                key.encrypt(_ZERO, mechanism=Mechanism.AES_GCM, mechanism_param=params)
                raise KeyProviderRefused(
                    "データベースの鍵と鍵の保管装置の鍵が対応していません。装置と鍵の版を確認してください。"
                ) from None
            return opened

        return self._within(act)

    def index(self, numbers: Sequence[bytes], *, index_version: int) -> list[bytes]:
        """HMAC-SHA-256 per number, computed in the token."""
        label = index_label(index_version)
        return self._macs(label, [index_text(number, index_version) for number in numbers])

    def fingerprints(self, numbers: Sequence[bytes]) -> list[bytes]:
        """HMAC-SHA-256 per number under the key of the fingerprint list, computed in the token."""
        return self._macs(FINGERPRINT_LABEL, [fingerprint_text(number) for number in numbers])

    def _macs(self, label: str, texts: Sequence[bytes]) -> list[bytes]:
        def act() -> list[bytes]:
            sign = self._key(label, ObjectClass.SECRET_KEY).sign
            return [sign(text, mechanism=Mechanism.SHA256_HMAC) for text in texts]

        return self._within(act, extra_seconds=len(texts) / _NUMBERS_A_SECOND) if texts else []

    def destroy(self, *, key_version: int) -> None:
        """Destroy the wrapping key in the token; done already is done."""
        self._destroy(wrapping_label(key_version))

    def destroy_index(self, *, index_version: int) -> None:
        """Destroy the index key in the token; done already is done."""
        self._destroy(index_label(index_version))

    def _destroy(self, label: str) -> None:
        def act() -> None:
            for found in self._opened().get_objects({Attribute.LABEL: label, Attribute.CLASS: ObjectClass.SECRET_KEY}):
                found.destroy()
            self._keys.pop(label, None)

        self._within(act)

    def labels(self) -> list[tuple[str, str]]:
        """(label, key check value) of every key of the house in the token, by label: for the ceremony's record."""

        def act() -> list[tuple[str, str]]:
            wanted = {Attribute.CLASS: ObjectClass.SECRET_KEY}
            names = {str(key.label) for key in self._opened().get_objects(wanted)}
            return [(name, self._check_value(name)) for name in sorted(names) if name.startswith("taxsys-")]

        return self._within(act)

    def make_key(self, label: str) -> str:
        """鍵の生成 at the ceremony: 256 bits in the token, not to be taken out; answers the check value (6 hex digits).

        Raises KeyProviderRefused where the label stands already.
        """
        is_wrapping = label.startswith("taxsys-kek-")

        def act() -> str:
            session = self._opened()
            if list(session.get_objects({Attribute.LABEL: label, Attribute.CLASS: ObjectClass.SECRET_KEY})):
                raise KeyProviderRefused(f"鍵 {label} はすでに装置にあります。版を確認してください。")
            uses = (
                {Attribute.ENCRYPT: True, Attribute.DECRYPT: True}
                if is_wrapping
                else {Attribute.SIGN: True, Attribute.VERIFY: True}
            )
            session.generate_key(
                KeyType.AES if is_wrapping else KeyType.GENERIC_SECRET,
                _BITS,
                label=label,
                store=True,
                template={Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False, Attribute.PRIVATE: True, **uses},
            )
            return self._check_value(label)

        return self._within(act)

    def _check_value(self, label: str) -> str:
        key = self._key(label, ObjectClass.SECRET_KEY)
        if label.startswith("taxsys-kek-"):
            params = GCMParams(bytes(_NONCE), aad=b"", tag_bits=_TAG_BITS)
            return str(key.encrypt(_ZERO, mechanism=Mechanism.AES_GCM, mechanism_param=params)[-3:].hex())
        return str(key.sign(b"taxsys.key.check", mechanism=Mechanism.SHA256_HMAC)[:3].hex())

    def _key(self, label: str, kind: ObjectClass) -> Any:
        """The key of a label; it must be one that the token never gives out."""
        if label not in self._keys:
            try:
                key = self._opened().get_key(object_class=kind, label=label)
            except NoSuchKey:
                raise KeyProviderRefused(
                    f"鍵 {label} が鍵の保管装置にありません。装置の接続と鍵の版を確認してください。"
                ) from None
            except MultipleObjectsReturned:
                raise KeyProviderRefused(f"鍵 {label} が装置に二つ以上あります。使わない方を外してください。") from None
            if key[Attribute.EXTRACTABLE] or not key[Attribute.SENSITIVE]:
                raise KeyProviderRefused(f"鍵 {label} は装置から取り出せる設定です。この鍵は使えません。")
            self._keys[label] = key
        return self._keys[label]

    def _opened(self) -> Any:
        if self._session is None:
            try:
                pin = secret_read(self._pin_file)
            except KeyFileFault as fault:
                raise KeyProviderRefused(fault.message_ja) from None
            token = pkcs11.lib(self._module).get_token(token_label=self._token)
            try:
                self._session = token.open(rw=True, user_pin=pin)
            except UserAlreadyLoggedIn:  # by a session that was left hanging: the sign-in is the process's
                self._session = token.open(rw=True)
        return self._session

    def _forget(self) -> None:
        self._session, self._keys = None, {}

    def _within(self, act: Callable[[], Answer], *, extra_seconds: float = 0.0) -> Answer:
        """Run `act` in a thread of its own, at most the time limit; the session is opened anew after any failure."""
        limit = settings.TAXSYS_PKCS11_SECONDS + extra_seconds
        if not self._lock.acquire(timeout=limit):
            raise KeyStoreUnavailable
        try:
            self._after_fork()
            answers: list[Answer] = []
            faults: list[Exception] = []

            def run() -> None:
                try:
                    answers.append(act())
                except Exception as error:
                    faults.append(error)

            worker = threading.Thread(target=run, name="pkcs11", daemon=True)
            worker.start()
            worker.join(limit)
            if worker.is_alive():
                self._forget()
                raise KeyStoreUnavailable("鍵の保管装置が応答しません。装置と接続を確認してください。")
            if faults:
                self._raise(faults[0])
            return answers[0]
        finally:
            self._lock.release()

    def _raise(self, fault: Exception) -> None:
        if isinstance(fault, KeyProviderRefused):
            raise fault
        session, self._session, self._keys = self._session, None, {}
        if session is not None:
            with suppress(Exception):
                session.close()
        raise KeyStoreUnavailable(
            f"鍵の保管装置を使えません（{type(fault).__name__}）。装置・接続・暗証番号を確認してください。"
        ) from None

    def _after_fork(self) -> None:
        """A child process has no part in its parent's sessions: the library starts anew in it."""
        if os.getpid() != self._process:
            self._process = os.getpid()
            self._forget()
            pkcs11.lib(self._module).reinitialize()
