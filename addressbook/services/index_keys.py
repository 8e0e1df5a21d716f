"""個人番号の索引鍵の更新・消去 as services, for the declared jobs B-AB-05 and B-AB-06 (security of 番号法12条)."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from addressbook.errors import KeyInUse
from addressbook.services.key_ranges import SAMPLE, to_the_end
from addressbook.vault import index_rotation


@dataclass(frozen=True, slots=True)
class IndexProof:
    """証明: what stood after a change. `indexed` rows under the new key, `compared` of a sample."""

    version: int
    indexed: int
    compared: int


def index_target() -> int:
    """The version that a change begun or resumed now makes."""
    return index_rotation.index_target()


def index_retired() -> list[int]:
    """Versions given up, oldest first."""
    return [version for version, state in index_rotation.index_states() if state == "retired"]


@transaction.atomic
def index_make(version: int) -> None:
    """Begin: what an earlier, abandoned change left of the column is taken out first."""
    for old in [one for one in index_retired() if one % 2 == version % 2][-1:]:
        index_rotation.index_clear(old, start=UUID(int=0), stop=None)
    index_rotation.index_begin(version)


@transaction.atomic
def index_fill(version: int, *, start: UUID, stop: UUID | None) -> int:
    """Index every number of a range under `version`; again on the same range does nothing. Answers how many."""
    return to_the_end(lambda rows: index_rotation.index_fill(version, start=start, stop=stop, limit=rows))


@transaction.atomic
def index_switch(version: int) -> None:
    """切替え: the new version comes into force for everybody at one moment. Raises KeyInUse."""
    index_rotation.index_switch(version)


@transaction.atomic
def index_clear(version: int, *, start: UUID, stop: UUID | None) -> int:
    """Take the old index out of the rows of a range. Answers how many."""
    return index_rotation.index_clear(version, start=start, stop=stop)


@transaction.atomic
def index_prove() -> IndexProof:
    """Count and compute a sample anew. Raises KeyInUse where an old index stands somewhere, VaultTampered."""
    version = index_rotation.index_states()[-1][0]
    odd, even, rows = index_rotation.index_counts()
    fresh, stale = (odd, even) if version % 2 else (even, odd)
    if fresh != rows or stale:
        raise KeyInUse("古い索引が残っています。索引鍵の更新（B-AB-05）を再開してください。")
    return IndexProof(version, fresh, index_rotation.index_prove(SAMPLE))


@transaction.atomic
def index_erase(version: int) -> None:
    """退役した索引鍵を消去する. Raises KeyInUse."""
    index_rotation.index_erase(version)
