"""住登外者・法人・団体の登録, 送付先・関係・口座, 名寄せと分離 (F-CM-002 to F-CM-013, R-132)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from addressbook.address_text import address_key, name_key
from addressbook.codes import AddressKind, PartyKind, PartyState
from addressbook.errors import CorporateNoInvalid, MergeRefused
from addressbook.models import Address, BankAccount, DeliveryAddress, MergeLink, Party, PartyLink, PartyVersion
from addressbook.services import numbers
from addressbook.services.feed import TOPIC_CHANGED, search_keys
from taxsys.kernel.checkdigits import corporate_no_valid
from taxsys.platform import clock
from taxsys.platform.outbox.services import outbox_put

SOURCE_STAFF = "staff"


@dataclass(frozen=True, kw_only=True, slots=True)
class CorporateRow:
    """法人・団体 as a document names it. `key` is the caller's own key for the answer (指定番号, say)."""

    key: str
    name: str
    name_kana: str = ""
    corporate_no: str = ""
    zip: str = ""
    address_text: str = ""
    building_text: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class NonresidentRow:
    """住登外者: who is taxed or paid here without being registered here."""

    name: str
    name_kana: str
    birth_on: date | None
    sex: str = "0"
    municipality_code: str = ""
    zip: str = ""
    address_text: str = ""
    building_text: str = ""


def person_nos_new(count: int, *, prefix: str) -> list[str]:
    """Fresh person numbers of our own: a letter and 14 digits, from a sequence, never derived from anything (N-003)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('addressbook_person_no_seq') FROM generate_series(1, %s)", [count])
        return [f"{prefix}{row[0]:014d}" for row in cursor.fetchall()]


@transaction.atomic
def corporate_parties_ensure(rows: Sequence[CorporateRow], *, source: str, valid_from: date) -> dict[str, UUID]:
    """Find or make the party of each corporation or body: by 法人番号, else by name and address; answers key → party.

    Idempotent. A wrong check digit raises CorporateNoInvalid before anything is written (R-208). A known corporation
    keeps its registered name: a differing one is for staff to decide.
    """
    for row in rows:
        if row.corporate_no and not corporate_no_valid(row.corporate_no):
            raise CorporateNoInvalid
    wanted = {row.corporate_no for row in rows if row.corporate_no}
    by_number = dict(Party.objects.filter(corporate_no__in=wanted).values_list("corporate_no", "id"))
    by_place: dict[tuple[str, str], UUID] = {}
    known = Address.objects.known().filter(
        kind=AddressKind.HEAD_OFFICE, address_key__in={address_key(row.address_text) for row in rows}
    )
    for known_id, known_name, known_place in known.values_list("party_id", "party__name_key", "address_key"):
        by_place[(known_name, known_place)] = known_id
    answer: dict[str, UUID] = {}
    fresh: list[tuple[CorporateRow, Party]] = []
    nos = iter(person_nos_new(len(rows), prefix="C"))
    for row in rows:
        place = (name_key(row.name), address_key(row.address_text))
        party_id = by_number.get(row.corporate_no) if row.corporate_no else by_place.get(place)
        if party_id is None:
            party = _corporate_party(row, next(nos))
            fresh.append((row, party))
            party_id = party.id
            if row.corporate_no:
                by_number[row.corporate_no] = party_id
            by_place[place] = party_id
        answer[row.key] = party_id
    _parties_store([party for _, party in fresh], source=source, valid_from=valid_from)
    _addresses_store(
        [(party.id, row, "") for row, party in fresh],
        kind=AddressKind.HEAD_OFFICE, source=source, valid_from=valid_from,
    )  # fmt: skip
    return answer


def corporate_party_ensure(row: CorporateRow, *, source: str, valid_from: date) -> UUID:
    """One corporation or body; see `corporate_parties_ensure`."""
    return corporate_parties_ensure([row], source=source, valid_from=valid_from)[row.key]


def _corporate_party(row: CorporateRow, person_no: str) -> Party:
    strict, loose = search_keys(row.name_kana)
    return Party(
        person_no=person_no,
        kind=PartyKind.CORPORATION if row.corporate_no else PartyKind.BODY,
        name=row.name,
        name_kana=row.name_kana,
        name_key=name_key(row.name),
        strict_key=strict,
        loose_key=loose,
        state=PartyState.ACTIVE,
        corporate_no=row.corporate_no or None,
        recorded_at=clock.now(),
    )


@transaction.atomic
def nonresidents_register(rows: Sequence[NonresidentRow], *, source: str, valid_from: date) -> list[UUID]:
    """Register 住登外者 and answer their parties in order. The caller has looked for candidates first (F-JT-007)."""
    nos = person_nos_new(len(rows), prefix="N") if rows else []
    parties = []
    for row, person_no in zip(rows, nos, strict=True):
        strict, loose = search_keys(row.name_kana)
        parties.append(
            Party(
                person_no=person_no,
                kind=PartyKind.NONRESIDENT_REGISTRANT,
                name=row.name,
                name_kana=row.name_kana,
                name_key=name_key(row.name),
                strict_key=strict,
                loose_key=loose,
                birth_on=row.birth_on,
                sex=row.sex,
                state=PartyState.ACTIVE,
                recorded_at=clock.now(),
            )
        )
    _parties_store(parties, source=source, valid_from=valid_from)
    _addresses_store(
        [(party.id, row, row.municipality_code) for party, row in zip(parties, rows, strict=True)],
        kind=AddressKind.RESIDENCE, source=source, valid_from=valid_from,
    )  # fmt: skip
    return [party.id for party in parties]


def nonresident_register(row: NonresidentRow, *, source: str, valid_from: date) -> UUID:
    """One 住登外者; see `nonresidents_register`."""
    return nonresidents_register([row], source=source, valid_from=valid_from)[0]


def _parties_store(parties: Sequence[Party], *, source: str, valid_from: date) -> None:
    Party.objects.bulk_create(parties)
    PartyVersion.objects.bulk_create(
        PartyVersion(
            party=party,
            valid_from=valid_from,
            recorded_at=party.recorded_at,
            source=source,
            name=party.name,
            name_kana=party.name_kana,
            birth_on=party.birth_on,
            sex=party.sex,
            state=party.state,
        )
        for party in parties
    )


def _addresses_store(
    rows: Iterable[tuple[UUID, Any, str]], *, kind: AddressKind, source: str, valid_from: date
) -> None:
    now = clock.now()
    Address.objects.bulk_create(
        Address(
            party_id=party_id,
            kind=kind,
            valid_from=valid_from,
            recorded_at=now,
            source=source,
            municipality_code=municipality_code,
            building_text=row.building_text,
            zip=row.zip,
            full_text=row.address_text + (f"　{row.building_text}" if row.building_text else ""),
            address_key=address_key(row.address_text),
        )
        for party_id, row, municipality_code in rows
        if row.address_text
    )


@transaction.atomic
def delivery_set(row: DeliveryAddress) -> DeliveryAddress:
    """送付先の登録 for a tax kind and period; one that stood for the same tax ends on its first day."""
    standing = DeliveryAddress.objects.select_for_update().filter(
        party_id=row.party_id, tax_kind=row.tax_kind, superseded_at__isnull=True
    )
    make_room(standing, row)
    row.recorded_at = clock.now()
    row.save(force_insert=True)
    return row


@transaction.atomic
def link_set(row: PartyLink) -> PartyLink:
    """納税管理人・相続人代表者等の登録; one of the same kind and tax that stood ends on its first day."""
    standing = PartyLink.objects.select_for_update().filter(
        party_id=row.party_id, kind=row.kind, tax_kind=row.tax_kind, superseded_at__isnull=True
    )
    make_room(standing, row)
    row.recorded_at = clock.now()
    row.save(force_insert=True)
    return row


@transaction.atomic
def bank_account_set(row: BankAccount) -> BankAccount:
    """口座の登録 for a purpose and tax; one that stood ends on its first day."""
    standing = BankAccount.objects.select_for_update().filter(
        party_id=row.party_id, purpose=row.purpose, tax_kind=row.tax_kind, superseded_at__isnull=True
    )
    make_room(standing, row)
    row.recorded_at = clock.now()
    row.save(force_insert=True)
    return row


def make_room(standing: Any, row: Any) -> None:
    """Close what stands over the new row's period: history stays, known rows never overlap (F-CM-023)."""
    now = clock.now()
    for other in standing:
        if other.valid_to is not None and other.valid_to <= row.valid_from:
            continue
        if row.valid_to is not None and other.valid_from >= row.valid_to:
            continue
        other.superseded_at = now
        other.save(update_fields=("superseded_at",))
        if other.valid_from < row.valid_from:
            other.pk, other.valid_to, other.recorded_at, other.superseded_at = None, row.valid_from, now, None
            other.save(force_insert=True)


@transaction.atomic
def party_merge(*, merged_id: UUID, survivor_id: UUID, reason: str, evidence: dict[str, Any]) -> MergeLink:
    """名寄せ: `merged` is the same person as `survivor`; its number, if any, is sealed anew for the survivor.

    Can be taken back by `party_split`. Raises MergeRefused, NumberConflict (two numbers are two persons).
    """
    if merged_id == survivor_id:
        raise MergeRefused("同じ宛名どうしは統合できません。")
    rows = {party.id: party for party in Party.objects.select_for_update().filter(
        id__in=[merged_id, survivor_id]).order_by("id")}  # fmt: skip
    if len(rows) != 2 or any(party.merged_into_id for party in rows.values()):
        raise MergeRefused("統合済みか、存在しない宛名です。")
    moved = False
    if merged_id in numbers.parties_with_number([merged_id]):
        moved = numbers.number_move(merged_id, survivor_id) == "stored"
    Party.objects.filter(pk=merged_id).update(merged_into_id=survivor_id)
    link = MergeLink.objects.create(
        merged_id=merged_id,
        survivor_id=survivor_id,
        reason=reason,
        evidence=evidence,
        merged_at=clock.now(),
        moved_number=moved,
    )
    outbox_put(
        topic=TOPIC_CHANGED, subject_key=str(merged_id),
        payload={"changed": ["merged"], "survivor": str(survivor_id)}, dedupe_key=f"merge:{link.pk}",
    )  # fmt: skip
    return link


@transaction.atomic
def party_split(link_id: int) -> MergeLink:
    """分離: take a merge back; a number that had moved goes back. Raises MergeRefused when it was split before."""
    link = MergeLink.objects.select_for_update().get(pk=link_id)
    if link.split_at is not None:
        raise MergeRefused("この統合はすでに分離されています。")
    if link.moved_number:
        numbers.number_move(link.survivor_id, link.merged_id)
    Party.objects.filter(pk=link.merged_id).update(merged_into=None)
    link.split_at = clock.now()
    link.save(update_fields=["split_at"])
    outbox_put(
        topic=TOPIC_CHANGED, subject_key=str(link.merged_id),
        payload={"changed": ["split"], "survivor": str(link.survivor_id)}, dedupe_key=f"split:{link.pk}",
    )  # fmt: skip
    return link
