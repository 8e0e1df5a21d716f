"""番号の行の区切り: the space of row ids cut into ranges, and work on a range carried to its end.

Every pass over all numbers — sealing anew under another key, another index, the scanner's look — goes by these.
"""

from collections.abc import Callable, Iterator
from uuid import UUID

SLICE_BITS = 8
SLICE_ROWS = 20_000
SAMPLE = 200


def slices(bits: int) -> Iterator[tuple[UUID, UUID | None]]:
    """The space of row ids cut into 2**bits equal ranges [start, stop), the last without end; ids are random."""
    width = 1 << (128 - bits)
    for position in range(1 << bits):
        is_last = position + 1 == 1 << bits
        yield UUID(int=position * width), None if is_last else UUID(int=(position + 1) * width)


def to_the_end(act: Callable[[int], int]) -> int:
    """Repeat an act that treats at most so many rows until fewer are left; answers how many it treated."""
    done = moved = act(SLICE_ROWS)
    while moved >= SLICE_ROWS:
        moved = act(SLICE_ROWS)
        done += moved
    return done
