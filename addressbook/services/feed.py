"""住民記録異動の取込み: the resident feed, applied in order, once, and never half (R-131, F-CM-001, F-CM-023).

One chunk = one transaction of the caller. Records must come in rising `seq` without a gap; records already applied are
passed over, so that a chunk may be run again. Everything is set-based: 5,000 first inserts take a fraction of a second.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from addressbook.address_text import address_key, name_key
from addressbook.codes import AddressKind, PartyKind, PartyState
from addressbook.errors import FeedNothingToUndo, FeedOrderBroken, FeedRecordInvalid
from addressbook.models import Address, FeedRecord, FeedState, HouseholdMembership, Party, PartyVersion
from addressbook.models.party import new_party_id
from addressbook.services import bulk, numbers
from addressbook.services.feed_records import (
    ADDRESS_COLUMNS,
    HOUSEHOLD_COLUMNS,
    OP_CORRECTION,
    VERSION_COLUMNS,
    FeedEntry,
    feed_entry,
    state_from_on,
)
from addressbook.services.history import Span, Timeline
from addressbook.services.protections import protections_flag
from taxsys.kernel import kana
from taxsys.platform import clock
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.outbox.services import OutboxRow, outbox_put, outbox_put_many

TOPIC_CHANGED = "party.changed"
TOPIC_LOADED = "party.loaded"
_COMPARED = {PartyVersion: len(VERSION_COLUMNS) - 1, Address: len(ADDRESS_COLUMNS), HouseholdMembership: 3}
_COLUMNS: dict[bulk.FacetModel, tuple[str, ...]] = {
    PartyVersion: VERSION_COLUMNS,
    Address: ADDRESS_COLUMNS,
    HouseholdMembership: HOUSEHOLD_COLUMNS,
}
_FACET_NAMES = {PartyVersion: "party", Address: "address", HouseholdMembership: "household"}


@dataclass(frozen=True, slots=True)
class FeedResult:
    """件数: what one chunk did. `number_tasks` are numbers that went to the work list instead of the vault."""

    inserted: int = 0
    changed: int = 0
    undone: int = 0
    unchanged: int = 0
    passed_over: int = 0
    number_tasks: int = 0
    last_seq: int = 0


@dataclass(slots=True)
class _Working:
    """Timelines of the parties that a run of records touches."""

    now: datetime
    source: str
    party_ids: dict[str, UUID]
    new_ids: set[UUID]
    timelines: dict[bulk.FacetModel, dict[UUID, Timeline]]


@lru_cache(maxsize=65536)
def search_keys(kana_text: str) -> tuple[str, str]:
    """(strict, loose) search keys of a kana name; names repeat, so they are remembered."""
    return kana.strict_key(kana_text), kana.loose_key(kana_text)


@transaction.atomic
def feed_apply_chunk(
    records: Sequence[Mapping[str, Any]], *, source: str, file: ReceivedFile | None = None
) -> FeedResult:
    """Apply records of the resident feed in order (mappings by the layout's `name_en`; dates as date or ISO text).

    Idempotent: records up to the last applied sequence are passed over. Raises FeedOrderBroken (A0101) at a gap or a
    step back, FeedRecordInvalid (A0102), FeedNothingToUndo (A0103); then nothing of the chunk is applied. Numbers in
    the records go to the vault, which needs an access context with a legal base (VaultContextMissing); those of a
    received `file` wait for its approval.
    """
    FeedState.objects.get_or_create(source=source)
    state = FeedState.objects.select_for_update().get(source=source)
    entries, passed_over = _in_order(records, state.last_seq)
    if not entries:
        return FeedResult(passed_over=passed_over, last_seq=state.last_seq)
    now = clock.now()
    counts = {"inserted": 0, "changed": 0, "undone": 0, "unchanged": 0, "number_tasks": 0}
    for is_correction, run in _runs(entries):
        if is_correction:
            for entry in run:
                _undo(entry, source=source, now=now)
            counts["undone"] += len(run)
            continue
        for name, number in _apply_run(run, source=source, now=now, file=file).items():
            counts[name] += number
    state.last_seq, state.applied_at = entries[-1].seq, now
    state.save(update_fields=["last_seq", "applied_at"])
    return FeedResult(passed_over=passed_over, last_seq=state.last_seq, **counts)


def _in_order(records: Iterable[Mapping[str, Any]], last_seq: int) -> tuple[list[FeedEntry], int]:
    entries: list[FeedEntry] = []
    passed_over, expected = 0, last_seq + 1 if last_seq else None
    for record in records:
        entry = feed_entry(record)
        if last_seq and entry.seq <= last_seq and not entries:
            passed_over += 1
            continue
        if expected is not None and entry.seq != expected:
            raise FeedOrderBroken(
                f"住民記録異動の連番が続いていません（次に必要な連番 {expected}、届いた連番 {entry.seq}）。"
                "欠けた異動を受け取ってから再開してください。",
                field="seq",
            )
        expected = entry.seq + 1
        entries.append(entry)
    return entries, passed_over


def _runs(entries: Sequence[FeedEntry]) -> Iterable[tuple[bool, list[FeedEntry]]]:
    run: list[FeedEntry] = []
    for entry in entries:
        if run and (run[0].op == OP_CORRECTION) != (entry.op == OP_CORRECTION):
            yield run[0].op == OP_CORRECTION, run
            run = []
        run.append(entry)
    if run:
        yield run[0].op == OP_CORRECTION, run


def _apply_run(run: Sequence[FeedEntry], *, source: str, now: datetime, file: ReceivedFile | None) -> dict[str, int]:
    working = _load(run, source=source, now=now)
    changed: dict[UUID, set[str]] = {}
    first_records: dict[UUID, FeedEntry] = {}
    for entry in run:
        party_id = working.party_ids[entry.person_no]
        if party_id in working.new_ids and party_id not in first_records:
            first_records[party_id] = entry
            _begin(entry, {model: lines[party_id] for model, lines in working.timelines.items()})
            continue
        facets = _continue(entry, {model: lines[party_id] for model, lines in working.timelines.items()})
        if facets and party_id not in working.new_ids:
            changed.setdefault(party_id, set()).update(facets)
    _store(working, run, first_records)
    tasks = numbers.feed_numbers_assign(
        [(working.party_ids[entry.person_no], entry.number_text, entry.seq) for entry in run],
        source=source,
        file=file,
    )
    protections_flag({working.party_ids[entry.person_no]: entry.event_on for entry in run if entry.is_protected})
    _announce(run, first_records, changed, working)
    return {
        "inserted": len(first_records),
        "changed": len(changed),
        "unchanged": len({entry.person_no for entry in run}) - len(first_records) - len(changed),
        "number_tasks": tasks,
    }


def _load(run: Sequence[FeedEntry], *, source: str, now: datetime) -> _Working:
    wanted = list(dict.fromkeys(entry.person_no for entry in run))
    known = dict(Party.objects.filter(person_no__in=wanted).values_list("person_no", "id"))
    party_ids = {person_no: known.get(person_no) or new_party_id() for person_no in wanted}
    new_ids = {party_ids[person_no] for person_no in wanted if person_no not in known}
    timelines: dict[bulk.FacetModel, dict[UUID, Timeline]] = {}
    for model, columns in _COLUMNS.items():
        lines = {party_id: Timeline(_COMPARED[model]) for party_id in party_ids.values()}
        if known:
            rows = model.objects.filter(party_id__in=list(known.values()), superseded_at__isnull=True)
            for row in rows.values_list("party_id", "id", "valid_from", "valid_to", "source_seq", *columns):
                lines[row[0]].spans.append(Span(row[2], row[3], tuple(row[5:]), row[4] or 0, row_id=row[1]))
        timelines[model] = lines
    return _Working(now, source, party_ids, new_ids, timelines)


def _begin(entry: FeedEntry, lines: Mapping[bulk.FacetModel, Timeline]) -> None:
    """First record of a person: what it tells about earlier days is taken too (snapshot of persons long resident)."""
    since = min(day for day in (entry.resident_since, entry.event_on) if day is not None)
    ended = state_from_on(entry)
    seq = entry.seq
    version = lines[PartyVersion]
    if entry.state != PartyState.REGISTERED and ended > since:
        before = list(entry.version)
        before[VERSION_COLUMNS.index("state")] = PartyState.REGISTERED.value
        version.put(since, ended, tuple(before), seq=seq)
        version.put(ended, None, entry.version, seq=seq)
    else:
        version.put(since, None, entry.version, seq=seq)
    address_from = entry.address_since or since
    new_year = date(entry.event_on.year, 1, 1)
    if entry.address_jan1 and since <= new_year < address_from:
        lines[Address].put(since, address_from, _earlier_address(entry), seq=seq)
    lines[Address].put(address_from, None, entry.address, seq=seq)
    lines[HouseholdMembership].put(since, None, entry.household, seq=seq)


def _earlier_address(entry: FeedEntry) -> tuple[Any, ...]:
    """The address of 1 January as the feed writes it out: text only, no codes."""
    text = entry.address_jan1
    return (
        AddressKind.RESIDENCE.value, settings.TAXSYS_MUNICIPALITY_CODE, "", "", "", "", text, address_key(text),
    )  # fmt: skip


def _continue(entry: FeedEntry, lines: Mapping[bulk.FacetModel, Timeline]) -> set[str]:
    """A later record: each facet holds from its own day; answers the names of the facets that changed."""
    days = {
        PartyVersion: state_from_on(entry),
        Address: entry.address_since or entry.event_on,
        HouseholdMembership: entry.event_on,
    }
    values = {PartyVersion: entry.version, Address: entry.address, HouseholdMembership: entry.household}
    changed = set()
    for model, line in lines.items():
        current = line.current()
        day = days[model]
        # An old 住所を定めた日 repeated beside a new address would reach back over history: the event's day holds.
        if model is Address and current is not None and day < current.valid_from:
            day = max(entry.event_on, current.valid_from)
        if line.set_from(day, values[model], seq=entry.seq):
            changed.add(_FACET_NAMES[model])
    return changed


def _store(working: _Working, run: Sequence[FeedEntry], first_records: Mapping[UUID, FeedEntry]) -> None:
    now = working.now
    current = {
        party_id: span.values
        for party_id, line in working.timelines[PartyVersion].items()
        if (span := line.current()) is not None
    }
    bulk.parties_copy(
        [
            (party_id, entry.person_no, PartyKind.RESIDENT.value, *_cached(current[party_id]), now)
            for party_id, entry in first_records.items()
        ]
    )
    bulk.parties_refresh(
        [(party_id, *_cached(values)) for party_id, values in current.items() if party_id not in working.new_ids]
    )
    for model, lines in working.timelines.items():
        bulk.timelines_store(model, lines, source=working.source, now=now)
    reason = VERSION_COLUMNS.index("reason")
    bulk.feed_records_copy(
        [
            (working.source, entry.seq, working.party_ids[entry.person_no], entry.op, entry.event_on,
             entry.version[reason], now)
            for entry in run
        ]
    )  # fmt: skip


def _cached(version: tuple[Any, ...]) -> tuple[Any, ...]:
    """The party's cached columns (name, kana, three keys, birth, sex, state) from a version's values."""
    strict, loose = search_keys(version[1])
    return version[0], version[1], name_key(version[0]), strict, loose, version[4], version[6], version[7]


def _announce(
    run: Sequence[FeedEntry],
    first_records: Mapping[UUID, FeedEntry],
    changed: Mapping[UUID, set[str]],
    working: _Working,
) -> None:
    """Tell the duties above: one message a changed party, one message for all parties that are new in this run."""
    if first_records:
        outbox_put(
            topic=TOPIC_LOADED,
            subject_key=f"{working.source}:{run[0].seq}",
            payload={"seq_from": run[0].seq, "seq_to": run[-1].seq, "count": len(first_records)},
            dedupe_key=f"{working.source}:{run[0].seq}:{run[-1].seq}",
        )
    last = {working.party_ids[entry.person_no]: entry for entry in run}
    outbox_put_many(
        topic=TOPIC_CHANGED,
        rows=[
            OutboxRow(
                subject_key=str(party_id),
                payload={
                    "changed": sorted(facets),
                    "state": last[party_id].state,
                    "event_on": last[party_id].event_on.isoformat(),
                },
                dedupe_key=f"{working.source}:{last[party_id].seq}",
            )
            for party_id, facets in changed.items()
        ],
    )


def _undo(entry: FeedEntry, *, source: str, now: datetime) -> None:
    """異動区分3: take back the latest record of the person that still stands."""
    party = Party.objects.filter(person_no=entry.person_no).first()
    record = (
        FeedRecord.objects.filter(source=source, party=party, undone_by_seq__isnull=True)
        .exclude(op=OP_CORRECTION)
        .order_by("-seq")
        .first()
        if party is not None
        else None
    )
    if party is None or record is None:
        raise FeedNothingToUndo(
            "取り消す異動がありません。宛名番号と連番を送信元に確認してください。", field="person_no"
        )
    if record.event_on != entry.event_on:
        raise FeedRecordInvalid(
            "取消しは最後の異動にだけできます（異動日が一致しません）。送信元に確認してください。", field="event_on"
        )
    for model in _COLUMNS:
        bulk.facet_undo(model, party.id, source=source, seq=record.seq, by_seq=entry.seq, now=now)
    FeedRecord.objects.filter(pk=record.pk).update(undone_by_seq=entry.seq)
    bulk.feed_records_copy([(source, entry.seq, party.id, entry.op, entry.event_on, "", now)])
    newest = PartyVersion.objects.filter(party=party, superseded_at__isnull=True).order_by("-valid_from").first()
    if newest is None:
        Party.objects.filter(pk=party.pk).update(state=PartyState.ERASED)
    else:
        bulk.parties_refresh([(party.id, *_cached(tuple(getattr(newest, name) for name in VERSION_COLUMNS)))])
    outbox_put(
        topic=TOPIC_CHANGED,
        subject_key=str(party.id),
        payload={"changed": ["undone"], "state": newest.state if newest else "erased",
                 "event_on": entry.event_on.isoformat()},
        dedupe_key=f"{source}:{entry.seq}",
    )  # fmt: skip
