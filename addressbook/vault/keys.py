"""Keys of the vault. A provider wraps data keys and computes the blind index; key material is never in the database.

`FileKeyProvider` keeps its keys in files that only the service account can read: for the embedded profile, never in
production. The setting TAXSYS_KEY_PROVIDER names the provider: "pkcs11" (a token), or a dotted path to another class
with the same methods (a key service).
"""

import hmac
import os
import secrets
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.utils.module_loading import import_string

from addressbook.errors import KeyProviderRefused
from addressbook.vault.labels import fingerprint_text, index_text, wrap_label
from taxsys.platform.keyfile import KEY_BYTES, KeyFileFault, key_read

_WRAP_NONCE = 12
_FINGERPRINT_FILE = "fingerprint.key"
_NAMED = {"pkcs11": "addressbook.vault.token.TokenKeyProvider"}


class KeyProvider(Protocol):
    """What the vault asks of a key store: file, PKCS#11 token or key service."""

    name: str

    def wrap(self, data_key: bytes, *, key_version: int) -> bytes:
        """The data key, sealed by the key-encryption key."""

    def unwrap(self, wrapped: bytes, *, key_version: int) -> bytes:
        """The data key again; raises KeyProviderRefused when it was sealed by another key or changed."""

    def index(self, numbers: Sequence[bytes], *, index_version: int) -> list[bytes]:
        """HMAC-SHA-256 of each number (12 ASCII digits) under the index key."""

    def fingerprints(self, numbers: Sequence[bytes]) -> list[bytes]:
        """HMAC-SHA-256 of each number under the key of the fingerprint list (R-234)."""

    def destroy(self, *, key_version: int) -> None:
        """Destroy the key that wraps this version: no copy of the data key, in any backup, opens again."""

    def destroy_index(self, *, index_version: int) -> None:
        """Destroy this version's index key: the index in old backups answers to nothing any more."""


class FileKeyProvider:
    """256-bit keys in files with mode 0600 under `folder`: one that wraps each data key, one for the index.

    They are made when a new one is first needed. Each data key has a wrapping key of its own, so
    that destroying that one file erases the data key in every backup (crypto-erasure).
    """

    name = "file"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._index_keys: dict[int, bytes] = {}
        standing = sorted(folder.glob("kek-v*.key")) if folder.is_dir() else []
        for path in standing:
            self._key(path.name, may_make=False)
        if not standing:
            self._key(_wrapping_file(1), may_make=True)

    def wrap(self, data_key: bytes, *, key_version: int) -> bytes:
        """Nonce and AES-256-GCM of the data key, bound to its version."""
        nonce = secrets.token_bytes(_WRAP_NONCE)
        wrapping = AESGCM(self._key(_wrapping_file(key_version), may_make=True))
        return nonce + wrapping.encrypt(nonce, data_key, wrap_label(key_version))

    def unwrap(self, wrapped: bytes, *, key_version: int) -> bytes:
        """The data key; raises KeyProviderRefused."""
        wrapping = AESGCM(self._key(_wrapping_file(key_version), may_make=False))
        try:
            return wrapping.decrypt(wrapped[:_WRAP_NONCE], wrapped[_WRAP_NONCE:], wrap_label(key_version))
        except InvalidTag:
            raise KeyProviderRefused(
                "データベースの鍵とこの機器の鍵が対応していません。鍵の保管場所を確認してください。"
            ) from None

    def index(self, numbers: Sequence[bytes], *, index_version: int) -> list[bytes]:
        """HMAC-SHA-256 per number."""
        key = self._index_keys.get(index_version)
        if key is None:
            key = self._index_keys[index_version] = self._key(f"index-v{index_version}.key", may_make=True)
        label = index_text(b"", index_version)
        digest = hmac.digest
        return [digest(key, label + number, "sha256") for number in numbers]

    def fingerprints(self, numbers: Sequence[bytes]) -> list[bytes]:
        """HMAC-SHA-256 per number."""
        key = self._key(_FINGERPRINT_FILE, may_make=True)
        return [hmac.digest(key, fingerprint_text(number), "sha256") for number in numbers]

    def destroy(self, *, key_version: int) -> None:
        """Overwrite and unlink the wrapping key's file; done already is done."""
        self._destroy(_wrapping_file(key_version))

    def destroy_index(self, *, index_version: int) -> None:
        """As `destroy`, for the index key."""
        self._index_keys.pop(index_version, None)
        self._destroy(f"index-v{index_version}.key")

    def _destroy(self, name: str) -> None:
        path = self._folder / name
        if path.exists():
            with path.open("r+b") as file:
                file.write(secrets.token_bytes(KEY_BYTES))
                file.flush()
                os.fsync(file.fileno())
            path.unlink()

    def _key(self, name: str, *, may_make: bool) -> bytes:
        try:
            return key_read(self._folder / name, may_make=may_make)
        except KeyFileFault as fault:
            raise KeyProviderRefused(fault.message_ja) from None


def _wrapping_file(key_version: int) -> str:
    return f"kek-v{key_version}.key"


def key_provider() -> KeyProvider:
    """The provider of this installation; raises KeyProviderRefused where production has not named one."""
    chosen = str(getattr(settings, "TAXSYS_KEY_PROVIDER", ""))
    folder = Path(getattr(settings, "TAXSYS_KEY_DIR", "") or Path(settings.TAXSYS_DATA_DIR) / "keys")
    if not chosen:
        if _is_production():
            raise KeyProviderRefused("本番環境では個人番号の鍵の保管方法（TAXSYS_KEY_PROVIDER）を指定してください。")
        chosen = "file"
    if chosen.rpartition(".")[2] in {"file", "FileKeyProvider"} and _is_production():
        raise KeyProviderRefused(
            "本番環境では個人番号の鍵をファイルに置けません。鍵の保管装置（TAXSYS_KEY_PROVIDER=pkcs11）を指定してください。"
        )
    return _provider(chosen, folder)


def _is_production() -> bool:
    return getattr(settings, "TAXSYS_PROFILE", "") == "production"


@lru_cache(maxsize=8)
def _provider(chosen: str, folder: Path) -> KeyProvider:
    if chosen == "file":
        return FileKeyProvider(folder)
    provider: KeyProvider = import_string(_NAMED.get(chosen, chosen))()
    return provider
