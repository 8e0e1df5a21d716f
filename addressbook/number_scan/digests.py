"""Values made of a number: hashes, plain or with a salt that anybody here knows, and the vault's own blind index.

A hash of twelve digits is the number (10^11 tries), so one that stands outside the vault is a leak like the digits.
"""

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

_PLAIN = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256", "sha3_512", "blake2b", "blake2s")
_SALTED = ("md5", "sha1", "sha256", "sha512")
_PREFIX = 8
_BITS = 24
_BLOCK = 1 << 20


def digests_of(number: bytes, salts: Sequence[bytes] = ()) -> Iterator[bytes]:
    """Hashes of twelve ASCII digits as programs make them: bare, with line end, hyphens, full width, UTF-16, salted."""
    text = number.decode()
    spellings = (
        number, number + b"\n", number + b"\r\n", f"{text[:4]}-{text[4:8]}-{text[8:]}".encode(),
        f"{text[:4]} {text[4:8]} {text[8:]}".encode(), text.encode("utf-16-le"), _wide(text).encode(),
        int(text).to_bytes(8, "little"), int(text).to_bytes(8, "big"), str(int(text)).encode(), f'"{text}"'.encode(),
    )  # fmt: skip
    for name in _PLAIN:
        for spelling in spellings:
            yield hashlib.new(name, spelling).digest()
    for salt in salts:
        for name in _SALTED:
            for message in (salt + number, number + salt, salt + b":" + number, number + b":" + salt):
                yield hashlib.new(name, message).digest()
            yield hmac.digest(salt, number, name)


def _wide(text: str) -> str:
    return "".join(chr(0xFF10 + int(digit)) for digit in text)


class DigestTable:
    """The first eight bytes of many digests, found at any offset of any bytes."""

    def __init__(self, digests: Iterable[bytes]) -> None:
        heads = b"".join(digest[:_PREFIX] for digest in digests)
        self._heads = np.unique(np.frombuffer(heads, dtype=">u8").astype(np.uint64))
        self._likely: NDArray[np.bool_] = np.zeros(1 << _BITS, dtype=bool)
        self._likely[(self._heads >> np.uint64(64 - _BITS)).astype(np.int64)] = True

    def found(self, data: bytes) -> set[int]:
        """Which digests stand in the bytes, by their own first eight (no number follows from them without a key)."""
        hits: set[int] = set()
        whole = np.frombuffer(data, dtype=np.uint8)
        for start in range(0, len(whole) - _PREFIX + 1, _BLOCK):
            block = whole[start : start + _BLOCK + _PREFIX - 1].astype(np.int64)
            places = np.flatnonzero(self._likely[(block[:-7] << 16) | (block[1:-6] << 8) | block[2:-5]])
            if len(places):
                words = np.ascontiguousarray(
                    np.lib.stride_tricks.sliding_window_view(whole[start : start + _BLOCK + 7], _PREFIX)[places]
                )
                heads = words.view(">u8").ravel().astype(np.uint64)
                hits.update(heads[np.isin(heads, self._heads)].tolist())
        return hits
