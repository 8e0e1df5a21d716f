"""Merkle trees over hashed events (the tree of RFC 6962) and the chain of seals. Pure; SHA-256 throughout."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

EMPTY = bytes(32)
_LEAF, _NODE = b"\x00", b"\x01"


def leaf(line: bytes) -> bytes:
    """Hash of one event's canonical line."""
    return sha256(_LEAF + line).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """Root over the leaves in order. ValueError when there is none: an empty range is never sealed."""
    if not leaves:
        raise ValueError("no leaves")
    level = list(leaves)
    while len(level) > 1:
        above = [sha256(_NODE + a + b).digest() for a, b in zip(level[::2], level[1::2], strict=False)]
        if len(level) % 2:
            above.append(level[-1])
        level = above
    return level[0]


def proof(leaves: Sequence[bytes], place: int) -> list[tuple[str, bytes]]:
    """Neighbours on the way from a leaf to the root, each with its side (`left` or `right`)."""
    found: list[tuple[str, bytes]] = []
    level, at = list(leaves), place
    while len(level) > 1:
        other = at ^ 1
        if other < len(level):
            found.append(("left" if other < at else "right", level[other]))
        above = [sha256(_NODE + a + b).digest() for a, b in zip(level[::2], level[1::2], strict=False)]
        if len(level) % 2:
            above.append(level[-1])
        level, at = above, at // 2
    return found


def proof_holds(line: bytes, steps: Sequence[tuple[str, bytes]], expected_root: bytes) -> bool:
    """Whether an event's line and its proof lead to the root."""
    value = leaf(line)
    for side, other in steps:
        value = sha256(_NODE + (other + value if side == "left" else value + other)).digest()
    return value == expected_root


@dataclass(frozen=True, slots=True)
class SealFacts:
    """What a seal's value is made of."""

    seq: int
    epoch: int
    from_xid: int
    to_xid: int
    count: int
    root: bytes
    previous: bytes
    sealed_at: str

    def value(self) -> bytes:
        """The seal itself: hash of all of it, the previous seal among it."""
        text = (
            f"taxsys.audit.seal.v1|{self.seq}|{self.epoch}|{self.from_xid}|{self.to_xid}|{self.count}"
            f"|{self.root.hex()}|{self.previous.hex()}|{self.sealed_at}"
        )
        return sha256(text.encode("ascii")).digest()


def head_message(day: str, seq: int, value: bytes, events_total: int) -> bytes:
    """What is signed at the end of a day (ISO date)."""
    return f"taxsys.audit.head.v1|{day}|{seq}|{value.hex()}|{events_total}".encode("ascii")
