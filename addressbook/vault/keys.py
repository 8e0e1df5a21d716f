"""Keys of the vault. A provider wraps data keys and computes the blind index; key material is never in the database.

`FileKeyProvider` keeps two keys in files that only the service account can read: for the embedded profile. Production
names its provider in the setting TAXSYS_KEY_PROVIDER ("file" must be asked for by name; a dotted path gives another
class with the same methods, as for PKCS#11).
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
from taxsys.platform.keyfile import KEY_BYTES, KeyFileFault, key_read

_WRAP_NONCE = 12


class KeyProvider(Protocol):
    """What the vault asks of a key store: file, PKCS#11 token or key service."""

    name: str

    def wrap(self, data_key: bytes, *, key_version: int) -> bytes:
        """The data key, sealed by the key-encryption key."""

    def unwrap(self, wrapped: bytes, *, key_version: int) -> bytes:
        """The data key again; raises KeyProviderRefused when it was sealed by another key or changed."""

    def index(self, numbers: Sequence[bytes], *, index_version: int) -> list[bytes]:
        """HMAC-SHA-256 of each number (12 ASCII digits) under the index key."""

    def destroy(self, *, key_version: int) -> None:
        """Destroy the key that wraps this version: no copy of the data key, in any backup, opens again."""


class FileKeyProvider:
    """256-bit keys in files with mode 0600 under `folder`: one that wraps each data key, one for the index.

    They are made when a new one is first needed, never in production. Each data key has a wrapping key of its own, so
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
            self._key(_wrapping_file(1), may_make=not _is_production())

    def wrap(self, data_key: bytes, *, key_version: int) -> bytes:
        """Nonce and AES-256-GCM of the data key, bound to its version."""
        nonce = secrets.token_bytes(_WRAP_NONCE)
        wrapping = AESGCM(self._key(_wrapping_file(key_version), may_make=not _is_production()))
        return nonce + wrapping.encrypt(nonce, data_key, _wrap_label(key_version))

    def unwrap(self, wrapped: bytes, *, key_version: int) -> bytes:
        """The data key; raises KeyProviderRefused."""
        wrapping = AESGCM(self._key(_wrapping_file(key_version), may_make=False))
        try:
            return wrapping.decrypt(wrapped[:_WRAP_NONCE], wrapped[_WRAP_NONCE:], _wrap_label(key_version))
        except InvalidTag:
            raise KeyProviderRefused(
                "データベースの鍵とこの機器の鍵が対応していません。鍵の保管場所を確認してください。"
            ) from None

    def index(self, numbers: Sequence[bytes], *, index_version: int) -> list[bytes]:
        """HMAC-SHA-256 per number."""
        key = self._index_keys.get(index_version)
        if key is None:
            key = self._index_keys[index_version] = self._key(
                f"index-v{index_version}.key", may_make=not _is_production()
            )
        label = b"my_number|%d|" % index_version
        digest = hmac.digest
        return [digest(key, label + number, "sha256") for number in numbers]

    def destroy(self, *, key_version: int) -> None:
        """Overwrite and unlink the wrapping key's file; done already is done."""
        path = self._folder / _wrapping_file(key_version)
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


def _wrap_label(key_version: int) -> bytes:
    return b"taxsys.vault.dek|%d" % key_version


def key_provider() -> KeyProvider:
    """The provider of this installation; raises KeyProviderRefused where production has not named one."""
    chosen = str(getattr(settings, "TAXSYS_KEY_PROVIDER", ""))
    folder = Path(getattr(settings, "TAXSYS_KEY_DIR", "") or Path(settings.TAXSYS_DATA_DIR) / "keys")
    if not chosen:
        if _is_production():
            raise KeyProviderRefused("本番環境では個人番号の鍵の保管方法（TAXSYS_KEY_PROVIDER）を指定してください。")
        chosen = "file"
    return _provider(chosen, folder)


def _is_production() -> bool:
    return getattr(settings, "TAXSYS_PROFILE", "") == "production"


@lru_cache(maxsize=8)
def _provider(chosen: str, folder: Path) -> KeyProvider:
    if chosen == "file":
        return FileKeyProvider(folder)
    provider: KeyProvider = import_string(chosen)()
    return provider
