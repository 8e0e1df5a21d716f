"""課税資料の登録・訂正・突合 (writes of source documents). R-003, R-012, R-018; formats §0.5, §1.1."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from assessment.errors import DocumentNotFound, MatchRefused
from assessment.models import (
    MatchEvent,
    MatchMethod,
    SourceDocument,
    SourceKind,
    SourceState,
    TaxablePopulation,
    Withholder,
)
from taxsys.platform import clock

# Key of a paper's evidence: its number has a holder, and these items of the holder contradict the paper.
CONTRADICTING = "contradicting"
NEW, ADDITION, CORRECTION, CANCELLATION = "0", "1", "2", "3"
# One payer speaks of one person once a year; the keys of returns are names of files and repeat in another delivery.
_ONCE = frozenset((SourceKind.WAGE_REPORT, SourceKind.PENSION_REPORT, SourceKind.ONESTOP_NOTICE))
# What a correction or cancellation can still replace: everything that has not been replaced itself.
_LIVE = (
    SourceState.ACTIVE, SourceState.UNMATCHED, SourceState.ELSEWHERE, SourceState.FORWARDED, SourceState.RETURNED,
    SourceState.KEPT,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRow:
    """One paper to register. `content` uses the names of `assessment.sources.contents`; no number is in it."""

    kind: str
    tax_year: int
    line_no: int
    business_key: str
    filing_kind: str
    arrived_on: date
    name: str
    name_kana: str
    birth_on: date | None
    address: str
    content: Mapping[str, Any]
    relatives: Sequence[Mapping[str, Any]] = ()
    withholder_id: int | None = None
    number_ref: UUID | None = None
    party_id: UUID | None = None
    match_method: str = MatchMethod.NONE
    match_evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Origin:
    """Where the papers of one call came from: a received file, or an officer's keyboard (then without a file)."""

    file_id: UUID | None
    actor_id: str


@dataclass(slots=True)
class RegisterCounts:
    """件数 of one call."""

    inserted: int = 0
    replaced: int = 0
    cancelled: int = 0
    held: int = 0
    repeated: int = 0
    duplicates: int = 0


@transaction.atomic
def documents_register(
    rows: Sequence[DocumentRow], *, received_file_id: UUID | None, actor_id: str = "batch"
) -> RegisterCounts:
    """Register papers of one file. Idempotent by file and line: a repeated line is passed over. Papers keyed by hand
    have no file; their line is the number of their entry.

    A correction replaces and a cancellation ends the live paper of the same business key; without one it is held until
    that paper comes (formats §1.1). The same report of the same payer again is a duplicate; one that says something
    else without being a correction is held for staff. Whatever does not count stays, with its state. F-PI-019.
    """
    counts = RegisterCounts()
    origin = _Origin(received_file_id, actor_id)
    known = set(
        SourceDocument.objects.filter(received_file=received_file_id, line_no__in=[row.line_no for row in rows])
        .values_list("line_no", flat=True)
    )  # fmt: skip
    fresh = [row for row in rows if row.line_no not in known]
    counts.repeated = len(rows) - len(fresh)
    plain = [row for row in fresh if row.filing_kind in {NEW, ADDITION}]
    _register_plain(plain, origin, counts)
    for row in fresh:
        if row.filing_kind == CORRECTION:
            _correct(row, origin, counts)
        elif row.filing_kind == CANCELLATION:
            _cancel(row, origin, counts)
    return counts


def _register_plain(rows: Sequence[DocumentRow], origin: _Origin, counts: RegisterCounts) -> None:
    """New papers; what repeats a live one is set aside, and a correction that came before its paper takes effect."""
    known = SourceDocument.objects.filter(
        business_key__in=[row.business_key for row in rows if row.kind in _ONCE],
        state__in=[*_LIVE, SourceState.HELD],
    ).order_by("pk")
    live: dict[Key, SourceDocument] = {}
    waiting: dict[Key, list[SourceDocument]] = {}
    for one in known:
        key = (one.kind, one.tax_year, one.business_key)
        if one.state != SourceState.HELD:
            live[key] = one
        elif one.supersedes_id is None:
            waiting.setdefault(key, []).append(one)
    created: list[SourceDocument] = []
    again: list[DocumentRow] = []
    for row in rows:
        if row.kind in _ONCE and _key(row) in live:
            again.append(row)
            continue
        created.append(_document(row, origin))
        if row.kind in _ONCE:
            live[_key(row)] = created[-1]
    SourceDocument.objects.bulk_create(created, batch_size=1000)
    _record_events([document for document in created if document.party_id], actor_id=origin.actor_id)
    counts.inserted = len(created)
    for row in again:
        _repeat(row, live[_key(row)], origin, counts)
    for key, papers in waiting.items():
        _catch_up(live[key], papers, counts)


Key = tuple[str, int, str]


def _key(row: DocumentRow) -> Key:
    return row.kind, row.tax_year, row.business_key


def _repeat(row: DocumentRow, original: SourceDocument, origin: _Origin, counts: RegisterCounts) -> None:
    """The payer's report of this person again: the same is a duplicate, another content is for staff to decide."""
    document = _document(row, origin, supersedes=original)
    is_same = (document.items, document.relatives) == (original.items, original.relatives)
    document.state = SourceState.DUPLICATE if is_same else SourceState.HELD
    document.save()
    counts.duplicates += is_same
    counts.held += not is_same


def _catch_up(original: SourceDocument, papers: Sequence[SourceDocument], counts: RegisterCounts) -> None:
    """Corrections and cancellations that were here before the paper they speak of, in the order of their arrival."""
    for paper in papers:
        state_move(original, SourceState.CANCELLED if paper.filing_kind == CANCELLATION else SourceState.SUPERSEDED)
        if paper.filing_kind == CANCELLATION:
            state_move(paper, SourceState.CANCELLED)
            counts.cancelled += 1
            return
        binding_inherit(paper, original)
        state_move(paper, SourceState.ACTIVE if paper.party_id else SourceState.UNMATCHED)
        counts.replaced += 1
        original = paper


def binding_inherit(paper: SourceDocument, original: SourceDocument) -> None:
    """A paper that replaces another speaks of the same person: it takes the binding over, with its evidence.

    Not where its number belongs to somebody whom it contradicts: then a clerk looks at both (N-010).
    """
    if paper.match_evidence.get(CONTRADICTING):
        return
    if paper.party_id is None and original.party_id is not None:
        paper.party_id, paper.match_method = original.party_id, original.match_method
        paper.match_evidence = {**original.match_evidence, "inherited_from": original.pk}
        paper.save(update_fields=["party", "match_method", "match_evidence"])


def state_move(
    document: SourceDocument, state: str, *, actor_id: str = "batch", reason: str = "", **evidence: str
) -> SourceDocument:
    """Give a paper another state, with the act on its record (within the caller's transaction)."""
    document.state = state
    document.save(update_fields=["state"])
    MatchEvent.objects.create(
        document=document,
        party_id=document.party_id,
        method=MatchMethod.NONE,
        evidence={"state": str(state), **evidence},
        actor_id=actor_id,
        reason=reason.strip(),
        recorded_at=clock.now(),
    )
    return document


def _document(row: DocumentRow, origin: _Origin, **changes: Any) -> SourceDocument:
    values: dict[str, Any] = {
        "kind": row.kind,
        "tax_year": row.tax_year,
        "received_file_id": origin.file_id,
        "line_no": row.line_no,
        "business_key": row.business_key,
        "filing_kind": row.filing_kind,
        "arrived_on": row.arrived_on,
        "withholder_id": row.withholder_id,
        "name": row.name,
        "name_kana": row.name_kana,
        "birth_on": row.birth_on,
        "address": row.address,
        "items": dict(row.content),
        "relatives": [dict(relative) for relative in row.relatives],
        "number_ref": row.number_ref,
        "party_id": row.party_id,
        "match_method": row.match_method,
        "match_evidence": dict(row.match_evidence),
        "state": SourceState.ACTIVE if row.party_id else SourceState.UNMATCHED,
    }
    return SourceDocument(**(values | changes))


def _live(row: DocumentRow) -> SourceDocument | None:
    return (
        SourceDocument.objects.select_for_update()
        .filter(
            kind=row.kind,
            tax_year=row.tax_year,
            business_key=row.business_key,
            state__in=_LIVE,
        )
        .order_by("-pk")
        .first()
    )


def _correct(row: DocumentRow, origin: _Origin, counts: RegisterCounts) -> None:
    original = _live(row)
    if original is None:
        _document(row, origin, state=SourceState.HELD).save()
        counts.held += 1
        return
    changes: dict[str, Any] = {"supersedes": original}
    is_contradicted = bool(row.match_evidence.get(CONTRADICTING))
    if row.party_id is None and original.party_id is not None and not is_contradicted:
        # The payer's correction speaks of the same employee: it inherits the binding with its evidence. Not where its
        # number belongs to a person it contradicts: then a clerk looks at both (N-010).
        changes |= {
            "party_id": original.party_id,
            "match_method": original.match_method,
            "match_evidence": {**original.match_evidence, "inherited_from": original.pk},
            "state": SourceState.ACTIVE,
        }
    document = _document(row, origin, **changes)
    original.state = SourceState.SUPERSEDED
    original.save(update_fields=["state"])
    document.save()
    if document.party_id:
        _record_events([document], actor_id=origin.actor_id)
    counts.replaced += 1


def _cancel(row: DocumentRow, origin: _Origin, counts: RegisterCounts) -> None:
    original = _live(row)
    state = SourceState.HELD if original is None else SourceState.CANCELLED
    _document(row, origin, supersedes=original, state=state).save()
    if original is None:
        counts.held += 1
        return
    original.state = SourceState.CANCELLED
    original.save(update_fields=["state"])
    counts.cancelled += 1


def _record_events(documents: Sequence[SourceDocument], *, actor_id: str = "batch", reason: str = "") -> None:
    now = clock.now()
    MatchEvent.objects.bulk_create(
        [
            MatchEvent(
                document=document,
                party_id=document.party_id,
                method=document.match_method,
                evidence=document.match_evidence,
                actor_id=actor_id,
                reason=reason,
                recorded_at=now,
            )
            for document in documents
        ],
        batch_size=2000,
    )


@transaction.atomic
def matches_store(matches: Sequence[tuple[int, UUID, str, Mapping[str, Any]]], *, actor_id: str = "batch") -> int:
    """Bind unmatched papers: (document, party, method, evidence). Papers bound meanwhile are left alone; answers how
    many were bound."""
    wanted = {document_id: (party_id, method, evidence) for document_id, party_id, method, evidence in matches}
    documents = list(
        SourceDocument.objects.select_for_update()
        .filter(pk__in=wanted, party__isnull=True, state=SourceState.UNMATCHED)
        .order_by("pk")
    )
    for document in documents:
        party_id, method, evidence = wanted[document.pk]
        document.party_id = party_id
        document.match_method = method
        document.match_evidence = dict(evidence)
        document.state = SourceState.ACTIVE
    SourceDocument.objects.bulk_update(documents, ["party", "match_method", "match_evidence", "state"], batch_size=1000)
    _record_events(documents, actor_id=actor_id)
    return len(documents)


@transaction.atomic
def matches_note_numbers(outcomes: Mapping[int, str]) -> None:
    """Note beside each binding what became of the paper's number (stored, same, different …): undoing a binding takes
    back only a number that this very binding had brought."""
    documents = list(SourceDocument.objects.select_for_update().filter(pk__in=outcomes).order_by("pk"))
    for document in documents:
        document.match_evidence = {**document.match_evidence, "number_bound": outcomes[document.pk]}
    SourceDocument.objects.bulk_update(documents, ["match_evidence"], batch_size=1000)


@transaction.atomic
def match_assign(
    document_id: int, party_id: UUID, *, actor_id: str, reason: str, evidence: Mapping[str, Any] | None = None
) -> SourceDocument:
    """職員による突合: bind one unmatched paper with the clerk's reason (and what agreed, as `evidence`).

    Raises DocumentNotFound, MatchRefused.
    """
    if not reason.strip():
        raise MatchRefused("突合の理由を入力してください。", field="reason")
    document = document_lock(document_id)
    if document.party_id is not None:
        raise MatchRefused("この資料は既に突合されています。先に突合を取り消してください。")
    if document.state != SourceState.UNMATCHED:
        raise MatchRefused(f"「{document.get_state_display()}」の資料は突合できません。")
    document.party_id = party_id
    document.match_method = MatchMethod.MANUAL
    document.match_evidence = {**(evidence or {}), "reason": reason.strip()}
    document.state = SourceState.ACTIVE
    document.save(update_fields=["party", "match_method", "match_evidence", "state"])
    _record_events([document], actor_id=actor_id, reason=reason.strip())
    return document


@transaction.atomic
def match_undo(document_id: int, *, actor_id: str, reason: str) -> SourceDocument:
    """突合の取消 (R-012): the paper returns to the work list; the binding and its undoing stay on record."""
    if not reason.strip():
        raise MatchRefused("取消の理由を入力してください。", field="reason")
    document = document_lock(document_id)
    if document.party_id is None:
        raise MatchRefused("この資料は突合されていません。")
    MatchEvent.objects.create(
        document=document,
        party_id=document.party_id,
        method=document.match_method,
        evidence=document.match_evidence,
        is_undo=True,
        actor_id=actor_id,
        reason=reason.strip(),
        recorded_at=clock.now(),
    )
    document.party_id = None
    document.match_method = MatchMethod.NONE
    document.match_evidence = {}
    if document.state == SourceState.ACTIVE:
        document.state = SourceState.UNMATCHED
    document.save(update_fields=["party", "match_method", "match_evidence", "state"])
    return document


def document_lock(document_id: int) -> SourceDocument:
    """One paper, locked until the transaction ends. Raises DocumentNotFound."""
    document = SourceDocument.objects.select_for_update().filter(pk=document_id).first()
    if document is None:
        raise DocumentNotFound("課税資料が見つかりません。")
    return document


@transaction.atomic
def population_freeze(*, tax_year: int) -> int:
    """賦課期日現在の対象者 (地方税法318条, R-016): freeze who lives here on 1 January of the year, as known now.

    Set-based and idempotent: persons frozen before keep their row, unless it was one of premises alone (家屋敷等).
    Somebody who died on or before 1 January, or left before it, is not in it. Answers how many are in the snapshot.
    """
    day = date(tax_year, 1, 1)
    with connection.cursor() as cursor:
        # Set-based: one statement over the bitemporal tables of the address book.
        cursor.execute(
            """
            INSERT INTO assessment_taxablepopulation
                (tax_year, party_id, basis, household_no, birth_on, is_on_livelihood_aid, town_code)
            SELECT %s, v.party_id, 'resident', COALESCE(h.household_no, ''), v.birth_on, false,
                COALESCE(a.town_code, '')
            FROM addressbook_partyversion v
            LEFT JOIN addressbook_householdmembership h ON h.party_id = v.party_id AND h.superseded_at IS NULL
                AND h.valid_from <= %s AND (h.valid_to IS NULL OR h.valid_to > %s)
            LEFT JOIN addressbook_address a ON a.party_id = v.party_id AND a.superseded_at IS NULL
                AND a.valid_from <= %s AND (a.valid_to IS NULL OR a.valid_to > %s)
            WHERE v.superseded_at IS NULL AND v.state = 'registered'
                AND v.valid_from <= %s AND (v.valid_to IS NULL OR v.valid_to > %s)
            ORDER BY v.party_id
            ON CONFLICT (tax_year, party_id) DO UPDATE
                SET basis = 'resident', household_no = excluded.household_no, birth_on = excluded.birth_on,
                    town_code = excluded.town_code
                WHERE assessment_taxablepopulation.basis IN ('premises', 'ended')
            """,
            [tax_year, *([day] * 6)],
        )
    return TaxablePopulation.objects.filter(tax_year=tax_year).count()


@transaction.atomic
def withholders_ensure(rows: Sequence[tuple[str, UUID, str, str, str]], *, valid_from: date) -> dict[str, int]:
    """特別徴収義務者 by 指定番号: (designation number, party, name, notice to payer, notice to taxpayer) → id.

    Idempotent; a known agent keeps its name, the way of receiving notices follows the newest summary.
    """
    known = {one.designation_no: one for one in Withholder.objects.filter(designation_no__in=[row[0] for row in rows])}
    fresh = {
        row[0]: Withholder(
            designation_no=row[0],
            party_id=row[1],
            name=row[2],
            notice_to_payer=row[3],
            notice_to_taxpayer=row[4],
            valid_from=valid_from,
        )
        for row in rows
        if row[0] not in known
    }
    Withholder.objects.bulk_create(fresh.values())
    changed = []
    for designation_no, _party, _name, to_payer, to_taxpayer in rows:
        one = known.get(designation_no)
        if one and (one.notice_to_payer, one.notice_to_taxpayer) != (to_payer, to_taxpayer):
            one.notice_to_payer, one.notice_to_taxpayer = to_payer, to_taxpayer
            changed.append(one)
    Withholder.objects.bulk_update(changed, ["notice_to_payer", "notice_to_taxpayer"])
    return {one.designation_no: one.pk for one in [*known.values(), *fresh.values()]}
