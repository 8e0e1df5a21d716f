"""要調査事項の更新と処理 (writes): a run brings its findings, clerks settle them with notes.

A settled matter stays settled while it says the same; where its figures change it is open again. What a run no longer
finds is ended by that run. All or none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from assessment.errors import FindingRefused
from assessment.items.models import DeskItem, ItemKind, ItemState
from taxsys.platform import clock
from taxsys.platform.search.services import holds_my_number
from taxsys.platform.staff.models import Staff

MAX_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class FoundItem:
    """What a check found: kind, whom it is about, who else, and in words."""

    kind: str
    party_id: UUID
    message_ja: str
    others: tuple[UUID, ...] = ()

    @property
    def key(self) -> str:
        """What makes two findings the same matter: the person, and for claims the claimants."""
        return ":".join(str(one) for one in (self.party_id, *sorted(self.others)))[:200]


@transaction.atomic
def items_refresh(
    kinds: Sequence[str], found: Sequence[FoundItem], *, tax_year: int, job_run_id: int | None
) -> dict[str, int]:
    """Bring the list of these kinds up to what a run found. Idempotent; counts by what happened."""
    now = clock.now()
    wanted = {(one.kind, one.key): one for one in found}
    standing = {
        (one.kind, one.key): one
        for one in DeskItem.objects.select_for_update().filter(tax_year=tax_year, kind__in=kinds).order_by("pk")
    }
    fresh = [
        DeskItem(
            kind=one.kind, tax_year=tax_year, party_id=one.party_id, others=list(one.others), key=one.key,
            message_ja=one.message_ja[:500], found_at=now, job_run_id=job_run_id,
        )
        for place, one in wanted.items() if place not in standing
    ]  # fmt: skip
    DeskItem.objects.bulk_create(fresh, batch_size=2000)
    counts = {"新しい事項": len(fresh), "続く事項": 0, "解消した事項": 0}
    changed = []
    for place, item in standing.items():
        again = wanted.get(place)
        if again is None:
            if item.state == ItemState.OPEN:
                item.state = ItemState.GONE
                counts["解消した事項"] += 1
                changed.append(item)
            continue
        counts["続く事項"] += 1
        words = again.message_ja[:500]
        if item.state == ItemState.GONE or (item.state == ItemState.DONE and item.message_ja != words):
            item.state = ItemState.OPEN
        item.message_ja, item.job_run_id = words, job_run_id
        changed.append(item)
    DeskItem.objects.bulk_update(changed, ["state", "message_ja", "job_run_id"], batch_size=2000)
    return counts


@transaction.atomic
def items_settle(ids: Sequence[int], *, note: str, actor: Staff) -> list[DeskItem]:
    """処理済にする: all with the note, or none. Raises FindingRefused; what was settled meanwhile stays as it is."""
    text = note.strip()
    if not text or holds_my_number(text):
        raise FindingRefused("処理の内容を入力してください(番号は書けません)。何も記録しませんでした。", field="note")
    items = _chosen(ids)
    done = [one for one in items if one.state == ItemState.OPEN]
    for one in done:
        one.state, one.note, one.settled_by, one.settled_at = ItemState.DONE, text, actor.staff_no, clock.now()
    DeskItem.objects.bulk_update(done, ["state", "note", "settled_by", "settled_at"])
    return done


@transaction.atomic
def items_reopen(ids: Sequence[int], *, note: str, actor: Staff) -> list[DeskItem]:
    """処理済を戻す, with the reason as the note. Raises FindingRefused."""
    text = note.strip()
    if not text or holds_my_number(text):
        raise FindingRefused("戻す理由を入力してください(番号は書けません)。何も記録しませんでした。", field="note")
    back = [one for one in _chosen(ids) if one.state == ItemState.DONE]
    for one in back:
        one.state, one.note, one.settled_by, one.settled_at = ItemState.OPEN, text, actor.staff_no, clock.now()
    DeskItem.objects.bulk_update(back, ["state", "note", "settled_by", "settled_at"])
    return back


@transaction.atomic
def items_asked(person_nos: Sequence[str], *, tax_year: int, on: date) -> int:
    """申告のお願いを送った: note the day beside the open matters of these non-filers; how many. Idempotent."""
    rows = DeskItem.objects.filter(tax_year=tax_year, kind=ItemKind.NON_FILER, state=ItemState.OPEN)
    return rows.filter(party__person_no__in=person_nos, asked_on__isnull=True).update(asked_on=on)


def _chosen(ids: Sequence[int]) -> list[DeskItem]:
    if not ids or len(ids) > MAX_AT_ONCE:
        raise FindingRefused(f"事項を1件以上{MAX_AT_ONCE}件まで選んでください。何も記録しませんでした。")
    items = list(DeskItem.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
    if len(items) != len(set(ids)):
        raise FindingRefused("選んだ事項の一部がありません。画面を開き直してください。何も記録しませんでした。")
    return items
