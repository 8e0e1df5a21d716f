"""Sealing and opening numbers: AES-256-GCM, each seal bound to its row, its party, the purpose and the key version."""

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from addressbook.errors import VaultTampered
from addressbook.vault.keys import KeyProvider
from taxsys.platform.keyfile import KEY_BYTES

PURPOSE = "local-tax"
NONCE_BYTES = 12
TAG_BYTES = 16
HELD = "held"
_CACHE_SECONDS = 900
_unwrapped: dict[tuple[int, bytes], tuple[float, AESGCM]] = {}


@dataclass(frozen=True, slots=True)
class Seal:
    """A sealed number: nonce 12, ciphertext 12, tag 16 bytes."""

    nonce: bytes
    ciphertext: bytes
    tag: bytes


@dataclass(frozen=True, slots=True)
class DataKey:
    """A data key ready for use, with its version."""

    version: int
    cipher: AESGCM


def data_key_new(provider: KeyProvider, version: int) -> bytes:
    """A fresh data key, wrapped for storage."""
    return provider.wrap(secrets.token_bytes(KEY_BYTES), key_version=version)


def data_key_open(provider: KeyProvider, version: int, wrapped: bytes) -> DataKey:
    """The data key of a stored wrapping; kept unwrapped in this process for 15 minutes at most."""
    now = time.monotonic()
    cached = _unwrapped.get((version, wrapped))
    if cached is None or now - cached[0] > _CACHE_SECONDS:
        for key in [key for key, (since, _) in _unwrapped.items() if now - since > _CACHE_SECONDS]:
            del _unwrapped[key]
        cached = (now, AESGCM(provider.unwrap(wrapped, key_version=version)))
        _unwrapped[(version, wrapped)] = cached
    return DataKey(version, cached[1])


def _label(row_id: UUID, owner: str, version: int) -> bytes:
    return f"taxsys.vault.v1|{row_id}|{owner}|{PURPOSE}|{version}".encode()


def seal_many(key: DataKey, row_ids: Sequence[UUID], owners: Sequence[str], numbers: Sequence[bytes]) -> list[Seal]:
    """Seal numbers (12 ASCII digits each) for their rows; `owners` are party ids as text, or `HELD`."""
    encrypt = key.cipher.encrypt
    nonces = secrets.token_bytes(NONCE_BYTES * len(numbers))
    seals = []
    for position, (row_id, owner, number) in enumerate(zip(row_ids, owners, numbers, strict=True)):
        nonce = nonces[position * NONCE_BYTES : (position + 1) * NONCE_BYTES]
        sealed = encrypt(nonce, number, _label(row_id, owner, key.version))
        seals.append(Seal(nonce, sealed[:-TAG_BYTES], sealed[-TAG_BYTES:]))
    return seals


def seal_open(key: DataKey, row_id: UUID, owner: str, seal: Seal) -> bytes:
    """The 12 digits of a seal; raises VaultTampered when anything about it was moved or changed (fail closed)."""
    try:
        return key.cipher.decrypt(seal.nonce, seal.ciphertext + seal.tag, _label(row_id, owner, key.version))
    except (InvalidTag, ValueError):
        raise VaultTampered from None
