"""鍵の更新: a new data key, every number sealed anew under it while the system runs, the old key retired and erased.

At every moment each row names the key version that opens it, so an interruption anywhere leaves all rows open (H082).
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from addressbook.errors import KeyInUse
from addressbook.vault.door import call, context_json, data_keys, opened
from addressbook.vault.keys import key_provider
from addressbook.vault.sealing import HELD, Seal, data_key_new, data_key_open, seal_many


def key_next() -> int:
    """The version that a rotation begun now would make."""
    return int(call("SELECT coalesce(max(key_version), 0) + 1 FROM vault.key_list()", ())[0][0])


def key_make(version: int) -> None:
    """Make the data key of this version, wrapped by a key of its own; made already is made."""
    provider = key_provider()
    wrapped = data_key_new(provider, version)
    call("SELECT vault.key_add(%s, %b, %b, %s)", (context_json(), version, wrapped, provider.name))


def reseal(target: int, *, start: UUID, stop: UUID | None, limit: int) -> int:
    """Seal up to `limit` numbers and as many held ones with ids in [start, stop) anew under `target`; answers how many.

    Rows are locked meanwhile; a reader sees the old seal or the new one, both open. Raises VaultTampered, KeyGone.
    """
    keys = data_keys()
    if target not in keys:
        raise KeyInUse("更新先の鍵がありません。鍵の更新（B-AB-03）を始めからやり直してください。")
    rows = call(
        "SELECT is_held, id, party_id, key_version, nonce, ciphertext, tag FROM vault.reseal_take(%s, %b, %b, %b, %b)",
        (context_json(), target, start, stop, limit),
    )
    if not rows:
        return 0
    owners = owners_of(rows)
    numbers = opened(seals_of(rows, owners), keys)
    ids = [row[1] for row in rows]
    seals = seal_many(data_key_open(key_provider(), target, keys[target]), ids, owners, numbers)
    done = call(
        "SELECT vault.reseal_put(%s, %b, %b, %b, %b, %b, %b)",
        (
            context_json(),
            target,
            [row[0] for row in rows],
            ids,
            seals.nonces,
            seals.ciphertexts,
            seals.tags,
        ),
    )
    return int(done[0][0])


def sealed_count() -> dict[int, int]:
    """How many numbers, held ones included, are sealed under each key version."""
    return dict(call("SELECT key_version, rows FROM vault.sealed_count()", ()))


def sample_open(limit: int) -> int:
    """Open a random sample as a proof; answers how many opened. Raises VaultTampered, KeyGone on the first that not."""
    rows = call(
        "SELECT is_held, id, party_id, key_version, nonce, ciphertext, tag FROM vault.reseal_sample(%s, %b)",
        (context_json(), limit),
    )
    return len(opened(seals_of(rows, owners_of(rows))))


def key_retire(version: int) -> None:
    """Retire a key that seals nothing any more; waits for writers under it. Raises KeyInUse."""
    call("SELECT vault.key_retire(%s, %b)", (context_json(), version))


def key_erase(version: int) -> None:
    """鍵の消去: destroy the wrapping key and the wrapped copy of a retired key (crypto-erasure of old backups).

    Raises KeyInUse for a key that is not retired.
    """
    call("SELECT vault.key_erase(%s, %b)", (context_json(), version))
    key_provider().destroy(key_version=version)


def key_states() -> list[tuple[int, str, bool]]:
    """(version, provider, retired) of every key, oldest first."""
    return [tuple(row) for row in call("SELECT key_version, provider, is_retired FROM vault.key_list()", ())]


def owners_of(rows: Sequence[tuple[Any, ...]]) -> list[bytes]:
    """Whom the seals of taken rows are bound to."""
    return [HELD if row[0] else row[2].bytes for row in rows]


def seals_of(rows: Sequence[tuple[Any, ...]], owners: Sequence[bytes]) -> list[tuple[UUID, bytes, int, Seal]]:
    """Taken rows as `opened` takes them."""
    return [(row[1], owner, row[3], Seal(*map(bytes, row[4:7]))) for row, owner in zip(rows, owners, strict=True)]
