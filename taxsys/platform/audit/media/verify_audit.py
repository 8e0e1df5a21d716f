"""Verify an exported piece of the access log with nothing but Python 3.10 or newer and its standard library.

    python3 verify_audit.py FOLDER [--head 12:0a1b2c3d-...] [--previous HEX]

FOLDER holds events.tsv, seals.jsonl, heads.jsonl and manifest.json as written by `manage.py audit export`. Checked are
every event against its seal, every seal against the one before, the heads against the seals and their Ed25519
signatures. Exit status: 0 everything agrees, 1 something does not (the first bad place is named), 2 wrong use.
"""

import hashlib
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

Row = dict[str, Any]
Say = Callable[[str], None]
Point = tuple[int, int, int, int]
LEAF, NODE = b"\x00", b"\x01"

# ---- Ed25519 verification (RFC 8032), on plain integers: slow, but one signature a day is all there is.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
I = pow(2, (P - 1) // 4, P)  # noqa: E741 -- the name of the standard


def _x_of(y: int, sign: int) -> int:
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * I % P
    if (x * x - square) % P or (x == 0 and sign):
        raise ValueError("no point")
    return P - x if x & 1 != sign else x


def _point(data: bytes) -> Point:
    number = int.from_bytes(data, "little")
    y = number & ((1 << 255) - 1)
    if y >= P:
        raise ValueError("no point")
    x = _x_of(y, number >> 255)
    return (x, y, 1, x * y % P)


def _add(p: Point, q: Point) -> Point:
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def _times(scalar: int, point: Point) -> Point:
    found: Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            found = _add(found, point)
        point = _add(point, point)
        scalar >>= 1
    return found


_BASE_Y = 4 * pow(5, P - 2, P) % P
_BASE_X = _x_of(_BASE_Y, 0)
BASE = (_BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % P)


def signature_holds(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether an Ed25519 signature over a message was made by the holder of the public key."""
    if len(public) != 32 or len(signature) != 64:
        return False
    try:
        key, r = _point(public), _point(signature[:32])
    except ValueError:
        return False
    s = int.from_bytes(signature[32:], "little")
    if s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    left, right = _times(s, BASE), _add(r, _times(k, key))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


# ---- the log


def root(leaves: list[bytes]) -> bytes:
    """Merkle root (RFC 6962 tree) over leaves."""
    level = list(leaves)
    while len(level) > 1:
        above = [hashlib.sha256(NODE + a + b).digest() for a, b in zip(level[::2], level[1::2], strict=False)]
        if len(level) % 2:
            above.append(level[-1])
        level = above
    return level[0]


def seal_value(seal: Row) -> str:
    """Value of a seal from what it says."""
    text = "taxsys.audit.seal.v1|{seq}|{epoch}|{from_xid}|{to_xid}|{count}|{root}|{previous}|{sealed_at}".format(**seal)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def lines_of(path: Path) -> Iterator[bytes]:
    """Lines of a file without their ends."""
    with open(path, "rb") as handle:
        for line in handle:
            yield line.rstrip(b"\n")


def check_events(folder: Path, seals: list[Row], say: Say) -> int:
    """Every event against its seal; the number of events read."""
    count = 0
    stream = lines_of(folder / "events.tsv")
    line = next(stream, None)
    for seal in seals:
        leaves = []
        while line is not None:
            _, epoch, xid, _ = line.split(b"\t", 3)
            if (int(epoch), int(xid)) >= (seal["epoch"], seal["to_xid"]):
                break
            leaves.append(hashlib.sha256(LEAF + line).digest())
            line = next(stream, None)
        count += len(leaves)
        if len(leaves) != seal["count"]:
            say("seal {}: {} events sealed, {} found".format(seal["seq"], seal["count"], len(leaves)))
        elif root(leaves).hex() != seal["root"]:
            say("seal {}: an event was changed, exchanged or moved".format(seal["seq"]))
    if line is not None:
        say("events after the last seal")
    return count


def check_chain(seals: list[Row], previous: str, say: Say) -> None:
    """Every seal against the one before it."""
    for before, seal in zip([None, *seals], seals, strict=False):
        if before is None:
            if previous and seal["previous"] != previous:
                say("seal {} does not follow the piece before".format(seal["seq"]))
        elif seal["previous"] != before["value"] or seal["seq"] != before["seq"] + 1:
            say("seal {} does not follow seal {}".format(seal["seq"], before["seq"]))
        if seal_value(seal) != seal["value"]:
            say("seal {} was changed".format(seal["seq"]))


def check_heads(heads: list[Row], seals: list[Row], say: Say) -> None:
    """Heads against the seals, and their signatures."""
    values = {seal["seq"]: seal["value"] for seal in seals}
    for head in heads:
        message = "taxsys.audit.head.v1|{day}|{seq}|{value}|{events_total}".format(**head).encode("ascii")
        if not signature_holds(bytes.fromhex(head["public"]), message, bytes.fromhex(head["signature"])):
            say("head of {}: wrong signature".format(head["day"]))
        if head["seq"] in values and values[head["seq"]] != head["value"]:
            say("head of {}: seal {} is another one".format(head["day"], head["seq"]))


def check_manifest(folder: Path, say: Say) -> None:
    """Files of the piece against the hashes that its manifest states."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    for name, stated in manifest["files"].items():
        if not (folder / name).is_file():
            say(f"{name} is missing")
        elif hashlib.sha256((folder / name).read_bytes()).hexdigest() != stated:
            say(f"{name} is not the file that was exported")


def jsonl(path: Path) -> list[Row]:
    """Objects of a file, one a line."""
    return [json.loads(line) for line in lines_of(path) if line]


def main(arguments: Sequence[str]) -> int:
    """Verify a folder; returns the exit status."""
    options = {"--head": "", "--previous": ""}
    words = list(arguments)
    for name in options:
        if name in words:
            at = words.index(name)
            options[name] = words[at + 1] if at + 1 < len(words) else ""
            del words[at : at + 2]
    if len(words) != 1:
        sys.stderr.write(__doc__ or "")
        return 2
    folder = Path(words[0])
    faults: list[str] = []
    seals = jsonl(folder / "seals.jsonl")
    check_manifest(folder, faults.append)
    check_chain(seals, options["--previous"], faults.append)
    count = check_events(folder, seals, faults.append)
    check_heads(jsonl(folder / "heads.jsonl"), seals, faults.append)
    if options["--head"]:
        seq, _, text = options["--head"].partition(":")
        held = {str(seal["seq"]): seal["value"] for seal in seals}.get(seq)
        if held != text.replace("-", "").lower():
            faults.append(f"the head kept elsewhere does not agree with seal {seq}")
    for fault in faults:
        print("BAD  " + fault)
    print("{} seals, {} events: {}".format(len(seals), count, "NOT intact" if faults else "intact"))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
