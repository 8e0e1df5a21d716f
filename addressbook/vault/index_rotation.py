"""索引鍵の更新: every number gets a second blind index under a new key, then the new one comes into force at once.

Look-ups go by the version in force all along; while both stand, each is unique by itself. The old index is taken out of
the rows afterwards, so that none computed under a given-up key stays (N-002, R-215).
"""

import hmac
from uuid import UUID

from addressbook.errors import KeyInUse, VaultTampered
from addressbook.vault.door import call, context_json, data_keys, index_versions, opened
from addressbook.vault.keys import key_provider
from addressbook.vault.rotation import owners_of, seals_of

_ROW = "is_held, id, party_id, key_version, nonce, ciphertext, tag"


def index_states() -> list[tuple[int, str]]:
    """(version, next | current | retired) of every index key, oldest first."""
    return [(row[0], row[1]) for row in call("SELECT index_version, state FROM vault.index_list()", ())]


def index_target() -> int:
    """The version that a change makes: the one already being made, or the one after the newest."""
    _, coming = index_versions()
    return coming if coming is not None else index_states()[-1][0] + 1


def index_begin(version: int) -> None:
    """From now on every new row gets an index under this version, too; begun already is begun.

    The key is used once before, so that a key that is missing is found now. Raises KeyProviderRefused.
    """
    key_provider().index([b"0" * 12], index_version=version)
    call("SELECT vault.index_begin(%s, %b)", (context_json(), version))


def index_fill(version: int, *, start: UUID, stop: UUID | None, limit: int) -> int:
    """Compute the new index of up to `limit` numbers and as many held ones with ids in [start, stop); how many."""
    keys = data_keys()
    rows = call(
        f"SELECT {_ROW} FROM vault.index_take(%s, %b, %b, %b, %b)",  # noqa: S608 -- a constant
        (context_json(), version, start, stop, limit),
    )
    if not rows:
        return 0
    numbers = opened(seals_of(rows, owners_of(rows)), keys)
    values = key_provider().index(numbers, index_version=version)
    done = call(
        "SELECT vault.index_fill(%s, %b, %b, %b, %b)",
        (context_json(), version, [row[0] for row in rows], [row[1] for row in rows], values),
    )
    return int(done[0][0])


def index_switch(version: int) -> None:
    """Bring the new version into force; waits for whoever computes an index. Raises KeyInUse where a row lacks it."""
    try:
        call("SELECT vault.index_switch(%s, %b)", (context_json(), version))
    except KeyInUse:
        raise KeyInUse("新しい索引のない番号があります。索引鍵の更新（B-AB-05）を再開してください。") from None


def index_clear(version: int, *, start: UUID, stop: UUID | None) -> int:
    """Take the index of a retired version out of the rows of a range; answers how many."""
    return int(call("SELECT vault.index_clear(%s, %b, %b, %b)", (context_json(), version, start, stop))[0][0])


def index_prove(limit: int) -> int:
    """Open a random sample and compute its index anew; answers how many agreed. Raises VaultTampered on the first that
    does not.
    """
    keys, (version, _) = data_keys(), index_versions()
    rows = call(f"SELECT {_ROW}, idx FROM vault.index_sample(%s, %b)", (context_json(), limit))  # noqa: S608
    numbers = opened(seals_of(rows, owners_of(rows)), keys)
    for row, value in zip(rows, key_provider().index(numbers, index_version=version), strict=True):
        if row[7] is None or not hmac.compare_digest(bytes(row[7]), value):
            raise VaultTampered
    return len(rows)


def index_counts() -> tuple[int, int, int]:
    """(rows with an index of an odd version, of an even one, rows)."""
    row = call("SELECT odd, even, rows FROM vault.index_count()", ())[0]
    return row[0], row[1], row[2]


def index_erase(version: int) -> None:
    """Destroy a retired version's key: the index in old backups answers to nothing. Raises KeyInUse."""
    call("SELECT vault.index_erase(%s, %b)", (context_json(), version))
    key_provider().destroy_index(index_version=version)
