"""Sealing and opening numbers: AES-256-GCM, each seal bound to its row, its party, the purpose and the key version."""

import secrets
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from addressbook.errors import VaultTampered
from addressbook.vault.keys import KeyProvider
from taxsys.platform.keyfile import KEY_BYTES

PURPOSE = "local-tax"
_CIPHERTEXT, _TAG = itemgetter(slice(None, -16)), itemgetter(slice(-16, None))
_HEAD = b"taxsys.vault.v2|"
NONCE_BYTES = 12
TAG_BYTES = 16
HELD = b"held"
_CACHE_SECONDS = 900
_unwrapped: dict[tuple[int, bytes], tuple[float, AESGCM]] = {}


@dataclass(frozen=True, slots=True)
class Seal:
    """A sealed number: nonce 12, ciphertext 12, tag 16 bytes."""

    nonce: bytes
    ciphertext: bytes
    tag: bytes


class SealColumns(NamedTuple):
    """Sealed numbers as columns, in order."""

    nonces: list[bytes]
    ciphertexts: list[bytes]
    tags: list[bytes]


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


def _label_text(row_id: UUID, owner: bytes, version: int) -> bytes:
    """The associated data of seals made before labels were bytes; the next rotation makes them anew."""
    name = "held" if owner == HELD else str(UUID(bytes=owner))
    return f"taxsys.vault.v1|{row_id}|{name}|{PURPOSE}|{version}".encode()


def seal_many(key: DataKey, row_ids: Sequence[UUID], owners: Sequence[bytes], numbers: Sequence[bytes]) -> SealColumns:
    """Seal numbers (12 ASCII digits each) for their rows; `owners` are party ids (16 bytes), or `HELD`.

    Columns, as the database takes them, and labels of bytes: a city's numbers are sealed in one go, and an object or a
    text for each would cost as much as the sealing itself.
    """
    nonces = [
        nonce for (nonce,) in struct.iter_unpack(f"{NONCE_BYTES}s", secrets.token_bytes(NONCE_BYTES * len(numbers)))
    ]
    join, tail = b"".join, _tail(key.version)
    labels = [
        join((_HEAD, row_id.int.to_bytes(16, "big"), owner, tail))
        for row_id, owner in zip(row_ids, owners, strict=True)
    ]
    if not len(nonces) == len(labels) == len(numbers):
        raise ValueError("each number has its row and its owner")
    sealed = list(map(key.cipher.encrypt, nonces, numbers, labels))
    return SealColumns(nonces, list(map(_CIPHERTEXT, sealed)), list(map(_TAG, sealed)))


def seal_open(key: DataKey, row_id: UUID, owner: bytes, seal: Seal) -> bytes:
    """The 12 digits of a seal; raises VaultTampered when anything about it was moved or changed (fail closed)."""
    sealed = seal.ciphertext + seal.tag
    for label in (_HEAD + row_id.bytes + owner + _tail(key.version), _label_text(row_id, owner, key.version)):
        try:
            return key.cipher.decrypt(seal.nonce, sealed, label)
        except (InvalidTag, ValueError):
            continue
    raise VaultTampered


def _tail(version: int) -> bytes:
    return f"|{PURPOSE}|{version}".encode()
