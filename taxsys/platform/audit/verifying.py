"""検証する: every event against its seal, every seal against the one before, every head against its signature.

The first bad place is named: which event of which seal was edited, taken out, put in or moved; which seal was changed;
where the end was cut off (told by a signed head, or by the code on the operator's sheet).
"""

from dataclasses import dataclass, field
from datetime import date
from itertools import zip_longest

from django.db import connection
from django.utils import timezone

from taxsys.platform.audit import merkle
from taxsys.platform.audit.lines import lines_between, place_of
from taxsys.platform.audit.models import Seal, SealLeaves, SignedHead
from taxsys.platform.audit.sealing import facts_of, seal_state
from taxsys.platform.audit.signing import signature_holds

# Erasures of the log that two people approved and the database carried out, and the last day they may reach.
_ERASED = """
SELECT coalesce(max(last_key::bigint), 0), (current_date - make_interval(months => erasure.months('log')))::date
  FROM retention_erasurelist WHERE family = 'audit.events' AND state IN ('running', 'erased')"""


@dataclass(frozen=True, slots=True)
class Erased:
    """記録の消去: up to which seal events were erased by rule (0: none), and the last day a seal may be of for that."""

    seq: int
    last_on: date


@dataclass(slots=True)
class Verification:
    """検証の結果. `faults` are in order, the first is the first bad place; `erased` seals lost their events by rule."""

    seals: int = 0
    sealed: int = 0
    unsealed: int = 0
    heads: int = 0
    erased: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def is_ok(self) -> bool:
        """Whether nothing was found."""
        return not self.faults


def verify_log(*, public: bytes | None = None, code: str = "", most_faults: int = 20) -> Verification:
    """The whole log against its seals. `public` checks the signatures of the heads; `code` is a head kept elsewhere.

    Reads the log once in the order of sealing; memory holds one seal at a time.
    """
    found = Verification()
    previous, expected_seq = merkle.EMPTY, 1
    by_rule = erased_now()
    leaved = set(SealLeaves.objects.values_list("seal_id", flat=True))
    for seal in Seal.objects.order_by("seq").select_related("leaves").iterator(chunk_size=50):
        pruned = seal.seq not in leaved
        _seal_itself(seal, previous, expected_seq, found, pruned=pruned)
        lines = list(lines_between(seal.epoch, seal.from_xid, seal.to_xid))
        if pruned:
            _erased(seal, len(lines), by_rule, found)
        else:
            _events(seal, lines, found)
            found.sealed += seal.count
        previous, expected_seq = bytes(seal.value), seal.seq + 1
        found.seals += 1
        if len(found.faults) >= most_faults:
            return found
    found.unsealed = seal_state().waiting
    _heads(found, public, code)
    return found


def erased_now() -> Erased:
    """How far the log was erased after its seven years (R-230)."""
    with connection.cursor() as cursor:
        cursor.execute(_ERASED)
        return Erased(*cursor.fetchone())


def _erased(seal: Seal, standing: int, by_rule: Erased, found: Verification) -> None:
    """A seal without leaves must have been erased by rule: after its period, whole, with the record of it."""
    if seal.seq > by_rule.seq or timezone.localdate(seal.sealed_at) > by_rule.last_on:
        found.faults.append(f"封印{seal.seq}の葉がありません(保管期間を過ぎた消去の記録がありません)。")
    elif standing:
        found.faults.append(f"封印{seal.seq}は消去済ですが、記録が{standing}件残っています。")
    else:
        found.erased += 1


def _seal_itself(seal: Seal, previous: bytes, expected_seq: int, found: Verification, *, pruned: bool) -> None:
    facts = facts_of(seal)
    if seal.seq != expected_seq:
        found.faults.append(f"封印{expected_seq}がありません(次は封印{seal.seq})。")
    if facts.previous != previous:
        found.faults.append(f"封印{seal.seq}は前の封印につながっていません。")
    if facts.value() != bytes(seal.value):
        found.faults.append(f"封印{seal.seq}の内容が変えられています。")
    if pruned:
        return
    leaves = _leaves(seal)
    if len(leaves) != seal.count or not leaves or merkle.root(leaves) != facts.root:
        found.faults.append(f"封印{seal.seq}の葉が変えられています。")


def _leaves(seal: Seal) -> list[bytes]:
    hashes = bytes(seal.leaves.hashes)
    return [hashes[start : start + 32] for start in range(0, len(hashes), 32)]


def _events(seal: Seal, lines: list[bytes], found: Verification) -> None:
    """Compare what stands in the log with what was sealed; name the first difference."""
    leaves, ids = _leaves(seal), list(seal.leaves.event_ids)
    hashes = [merkle.leaf(line) for line in lines]
    if hashes == leaves:
        return
    standing = [place_of(line)[2] for line in lines]
    for place, (now_id, now_hash, was_id, was_hash) in enumerate(
        zip_longest(standing, hashes, ids, leaves, fillvalue=None), start=1
    ):
        if now_hash != was_hash:
            found.faults.append(f"封印{seal.seq}の{place}件目: {_difference(now_id, was_id, standing, ids)}")
            return


def _difference(now_id: int | None, was_id: int | None, standing: list[int], sealed: list[int]) -> str:
    if now_id == was_id:
        return f"記録{was_id}の内容が変えられています。"
    if was_id is not None and was_id not in standing:
        return f"記録{was_id}がありません(削除)。"
    if now_id is not None and now_id not in sealed:
        return f"記録{now_id}は封印の後に加えられています(挿入)。"
    return f"記録{was_id}の順序が変えられています(この位置に記録{now_id})。"


def _heads(found: Verification, public: bytes | None, code: str) -> None:
    values = {seal.seq: bytes(seal.value) for seal in Seal.objects.only("seq", "value").order_by("seq")}
    for head in SignedHead.objects.order_by("day"):
        found.heads += 1
        if public is not None and not signature_holds(head, public):
            found.faults.append(f"{head.day}の署名が正しくありません。")
        _standing(found, values, head.seq, bytes(head.value).hex(), f"{head.day}の署名")
    if code:
        seq, _, text = code.partition(":")
        if not seq.isdecimal():
            found.faults.append("控えの符号の形が正しくありません(例 12:0a1b2c3d-…)。")
        else:
            _standing(found, values, int(seq), text.replace("-", "").lower(), "控えの符号")


def _standing(found: Verification, values: dict[int, bytes], seq: int, text: str, what: str) -> None:
    held = values.get(seq)
    if held is None:
        found.faults.append(f"{what}が指す封印{seq}がありません(末尾が切られています)。")
    elif held.hex() != text:
        found.faults.append(f"{what}が封印{seq}と合いません(封印が置き換えられています)。")
