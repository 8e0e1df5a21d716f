"""個人番号の鍵の更新・退役・消去 as services, for the declared jobs B-AB-03 and B-AB-04 (security of 番号法12条)."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from addressbook.errors import KeyInUse
from addressbook.services.key_ranges import SAMPLE, to_the_end
from addressbook.vault import rotation


@dataclass(frozen=True, slots=True)
class Proof:
    """証明: what stood after a rotation. `sealed` numbers under the new key, `opened` of a sample, keys `retired`."""

    sealed: int
    opened: int
    retired: tuple[int, ...]


def key_next() -> int:
    """The key version that a rotation begun now makes."""
    return rotation.key_next()


@transaction.atomic
def key_make(version: int) -> None:
    """Make this version's data key; from then on every new number is sealed under it."""
    rotation.key_make(version)


@transaction.atomic
def numbers_reseal(target: int, *, start: UUID, stop: UUID | None) -> int:
    """Seal every number of a range anew under `target`; again on the same range does nothing. Answers how many."""
    return to_the_end(lambda rows: rotation.reseal(target, start=start, stop=stop, limit=rows))


@transaction.atomic
def rotation_prove(target: int) -> Proof:
    """Count, open a sample, retire every older key. Raises KeyInUse where a number is still under another key."""
    numbers_reseal(target, start=UUID(int=0), stop=None)  # what came in under an old key meanwhile
    counts = rotation.sealed_count()
    if set(counts) - {target}:
        raise KeyInUse
    opened = rotation.sample_open(SAMPLE)
    older = tuple(version for version, _, is_retired in rotation.key_states() if version < target and not is_retired)
    for version in older:
        rotation.key_retire(version)
    return Proof(sealed=counts.get(target, 0), opened=opened, retired=older)


@transaction.atomic
def key_erase(version: int) -> None:
    """退役した鍵を消去する: old backups sealed under it never open again. Raises KeyInUse."""
    rotation.key_erase(version)


@transaction.atomic
def numbers_sample_open(limit: int) -> int:
    """Open a random sample of the numbers as a proof after a restore; answers how many opened, none shown."""
    return rotation.sample_open(limit)
