"""Keys of the vault. A provider wraps data keys and computes the blind index; key material is never in the database.

`FileKeyProvider` keeps two keys in files that only the service account can read: for the embedded profile. Production
names its provider in the setting TAXSYS_KEY_PROVIDER ("file" must be asked for by name; a dotted path gives another
class with the same methods, as for PKCS#11).
"""

import hmac
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
from taxsys.platform.keyfile import KeyFileFault, key_read

INDEX_VERSION = 1
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


class FileKeyProvider:
    """Two 256-bit keys in files with mode 0600 under `folder`, made at first use (never in production)."""

    name = "file"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._wrapping = AESGCM(self._key("kek-v1.key"))
        self._index_keys: dict[int, bytes] = {}

    def wrap(self, data_key: bytes, *, key_version: int) -> bytes:
        """Nonce and AES-256-GCM of the data key, bound to its version."""
        nonce = secrets.token_bytes(_WRAP_NONCE)
        return nonce + self._wrapping.encrypt(nonce, data_key, _wrap_label(key_version))

    def unwrap(self, wrapped: bytes, *, key_version: int) -> bytes:
        """The data key; raises KeyProviderRefused."""
        try:
            return self._wrapping.decrypt(wrapped[:_WRAP_NONCE], wrapped[_WRAP_NONCE:], _wrap_label(key_version))
        except InvalidTag:
            raise KeyProviderRefused(
                "データベースの鍵とこの機器の鍵が対応していません。鍵の保管場所を確認してください。"
            ) from None

    def index(self, numbers: Sequence[bytes], *, index_version: int) -> list[bytes]:
        """HMAC-SHA-256 per number."""
        key = self._index_keys.get(index_version)
        if key is None:
            key = self._index_keys[index_version] = self._key(f"index-v{index_version}.key")
        label = b"my_number|%d|" % index_version
        digest = hmac.digest
        return [digest(key, label + number, "sha256") for number in numbers]

    def _key(self, name: str) -> bytes:
        try:
            return key_read(self._folder / name, may_make=not _is_production())
        except KeyFileFault as fault:
            raise KeyProviderRefused(fault.message_ja) from None


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
