"""点検対象の一覧: a party comes on a list, or off it, only when a second person has approved it (N-071)."""

from datetime import date
from typing import Any

from django.db import transaction

from taxsys.platform.approvals import registry
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import approval_propose
from taxsys.platform.audit.errors import AlreadyWatched, NotWatched, PartyUnknown, StaffUnknown
from taxsys.platform.audit.models import WatchedParty
from taxsys.platform.audit.permissions import DECIDE_WATCH, KEEP_WATCH
from taxsys.platform.audit.relations import relations
from taxsys.platform.audit.services import access_record
from taxsys.platform.staff.models import Staff

BEGIN, END = "audit.watch_begin", "audit.watch_end"
_TITLES = dict(WatchedParty.Kind.choices)


def watch_propose(*, kind: str, person_no: str, staff_no: str, from_on: date, actor: Staff) -> Approval:
    """起案: put a party on a list. Raises PartyUnknown, StaffUnknown, AlreadyWatched, AlreadyProposed, ValueError."""
    kind = WatchedParty.Kind(kind).value
    staff_no = staff_no if kind == WatchedParty.Kind.STAFF else ""
    if kind == WatchedParty.Kind.STAFF and not Staff.objects.filter(staff_no=staff_no).exists():
        raise StaffUnknown
    key = relations().key_of(person_no)
    if not key:
        raise PartyUnknown
    if _standing(kind, key, staff_no).exists():
        raise AlreadyWatched
    after = {"kind": kind, "party_key": key, "staff_no": staff_no, "from_on": from_on.isoformat()}
    return _propose(BEGIN, f"{kind}:{key}:{staff_no}", f"{_TITLES[kind]}の登録", {"before": {}, "after": after}, actor)


def watch_end_propose(entry_id: int, *, to_on: date, actor: Staff) -> Approval:
    """起案: take a party off a list from the day `to_on`. Raises NotWatched, AlreadyProposed."""
    entry = WatchedParty.objects.filter(pk=entry_id, to_on__isnull=True).first()
    if entry is None:
        raise NotWatched
    before = {"kind": entry.kind, "party_key": entry.party_key, "staff_no": entry.staff_no, "entry": entry.pk}
    after = {**before, "to_on": max(to_on, entry.from_on).isoformat()}
    return _propose(END, str(entry.pk), f"{_TITLES[entry.kind]}の終了", {"before": before, "after": after}, actor)


def _propose(kind: str, subject: str, title_ja: str, content: dict[str, Any], actor: Staff) -> Approval:
    with transaction.atomic():
        approval = approval_propose(kind=kind, subject_key=subject, title_ja=title_ja, content=content, actor=actor)
        _record("create", content["after"]["party_key"], approval)
    return approval


def _record(action: str, key: str, approval: Approval) -> None:
    access_record(action=action, subjects=[key], record_type="watched_party", record_id=str(approval.pk))


def _standing(kind: str, key: str, staff_no: str) -> Any:
    return WatchedParty.objects.filter(kind=kind, party_key=key, staff_no=staff_no, to_on__isnull=True)


def concerned(approval: Approval) -> frozenset[str]:
    """The officer whose own party or colleagues go on a list has no say in it."""
    staff_no = approval.content["after"]["staff_no"]
    return frozenset(one.person_key for one in Staff.objects.filter(staff_no=staff_no)) if staff_no else frozenset()


def begin_stale(approval: Approval) -> str:
    """Why a beginning no longer stands."""
    after = approval.content["after"]
    standing = _standing(after["kind"], after["party_key"], after["staff_no"]).exists()
    return AlreadyWatched.message_ja if standing else ""


def end_stale(approval: Approval) -> str:
    """Why an end no longer stands."""
    entry = WatchedParty.objects.filter(pk=approval.content["after"]["entry"], to_on__isnull=True).exists()
    return "" if entry else NotWatched.message_ja


def _begin(approval: Approval) -> None:
    after = approval.content["after"]
    if _standing(after["kind"], after["party_key"], after["staff_no"]).exists():
        raise AlreadyWatched
    WatchedParty.objects.create(
        kind=after["kind"],
        party_key=after["party_key"],
        staff_no=after["staff_no"],
        from_on=date.fromisoformat(after["from_on"]),
        approval_id=approval.pk,
    )
    _record("create", after["party_key"], approval)


def _end(approval: Approval) -> None:
    after = approval.content["after"]
    entry = WatchedParty.objects.select_for_update().filter(pk=after["entry"], to_on__isnull=True).first()
    if entry is None:
        raise NotWatched
    entry.to_on = date.fromisoformat(after["to_on"])
    entry.ended_by_approval_id = approval.pk
    entry.save(update_fields=("to_on", "ended_by_approval_id"))
    _record("update", entry.party_key, approval)


def _present(approval: Approval) -> list[tuple[str, str, str]]:
    """The two people compare the list, the 宛名番号 and the officer; names stay on the card."""
    before, after = approval.content["before"], approval.content["after"]
    label = relations().labels([after["party_key"]]).get(after["party_key"], "（宛名なし）")
    rows = [("一覧", _TITLES.get(before.get("kind", ""), "（なし）"), _TITLES[after["kind"]])]
    rows.append(("宛名番号", label if before else "（なし）", label))
    if after["staff_no"]:
        rows.append(("職員番号", before.get("staff_no", "（なし）"), after["staff_no"]))
    rows += [
        (title, "（なし）", after[name])
        for name, title in (("from_on", "開始日"), ("to_on", "終了日"))
        if name in after
    ]
    return rows


def approval_kinds_register() -> None:
    """Announce both kinds of proposal (AppConfig.ready)."""
    kinds = ((BEGIN, "点検対象の登録", _begin, begin_stale), (END, "点検対象の終了", _end, end_stale))
    for kind, title_ja, act, stale in kinds:
        registry.register(
            kind,
            title_ja=title_ja,
            proposes=KEEP_WATCH.code,
            permission=DECIDE_WATCH.code,
            on_approved=act,
            present=_present,
            stale=stale,
            concerned=concerned,
            subjects=lambda approval: [approval.content["after"]["party_key"]],
            voided_by_ja="同じ対象の登録・終了が先に行われたとき",
            deputies=False,
        )
