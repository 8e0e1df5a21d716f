"""漏えいの点検: which of many candidates are numbers, and the numbers to be hashed in memory, all under record."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from addressbook.vault.door import call, context_json, data_keys, index_of, index_to_store, opened
from addressbook.vault.sealing import HELD, Seal


def known_places(numbers: Sequence[bytes]) -> list[int]:
    """Places (from 0) of those numbers that the vault has, had, or holds for a file; no number is opened."""
    index = index_of(numbers)
    rows = call("SELECT ord FROM vault.index_known(%s, %b, %b)", (context_json(), index.version, index.values))
    return [row[0] - 1 for row in rows]


def numbers_between(start: UUID, stop: UUID | None) -> Iterator[tuple[bytes, UUID | None, list[bytes]]]:
    """(digits, party, indexes) of every row with an id in [start, stop). Raises VaultTampered, KeyGone."""
    keys = data_keys()
    rows = call(
        "SELECT is_held, id, party_id, key_version, nonce, ciphertext, tag FROM vault.scan_read(%s, %b, %b)",
        (context_json(), start, stop),
    )
    seals = [(row[1], HELD if row[0] else row[2].bytes, row[3], Seal(*map(bytes, row[4:7]))) for row in rows]
    numbers = opened(seals, keys)
    index = index_to_store(numbers)
    for place, (row, number) in enumerate(zip(rows, numbers, strict=True)):
        yield number, row[2], [values[place] for values in (index.values, index.next_values) if values]
