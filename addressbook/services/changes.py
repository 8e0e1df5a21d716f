"""住登外者の異動, and the end of a delivery address or a relation: history stays, what no longer holds is closed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from django.db import transaction

from addressbook.address_text import address_key, name_key
from addressbook.codes import AddressKind, PartyKind
from addressbook.errors import PartyNotChangeable, PeriodInvalid
from addressbook.models import Address, DeliveryAddress, Party, PartyLink, PartyVersion
from addressbook.services.feed import TOPIC_CHANGED, search_keys
from addressbook.services.parties import NonresidentRow, make_room
from taxsys.platform import clock
from taxsys.platform.outbox.services import outbox_put

_COPIED = (
    "former_surname", "alias", "birth_text", "resident_kind", "resident_since", "left_on", "died_on",
    "previous_address_text", "next_address_text", "is_fallback_glyph",
)  # fmt: skip


@transaction.atomic
def nonresident_change(party_id: UUID, row: NonresidentRow, *, changed_on: date, source: str) -> Sequence[str]:
    """住登外者の氏名・生年月日・住所 from `changed_on` on; answers which facets changed (empty: nothing was written).

    Residents change by the feed of the resident register only, corporations by their own door. Raises
    PartyNotChangeable, PeriodInvalid for a day before the newest known row.
    """
    party = Party.objects.select_for_update().get(pk=party_id)
    if party.kind != PartyKind.NONRESIDENT_REGISTRANT or party.merged_into_id is not None:
        raise PartyNotChangeable
    changed = [*_version_change(party, row, changed_on, source), *_address_change(party, row, changed_on, source)]
    if changed:
        outbox_put(
            topic=TOPIC_CHANGED, subject_key=str(party_id), payload={"changed": changed},
            dedupe_key=f"nonresident:{party_id}:{clock.now().isoformat()}",
        )  # fmt: skip
    return changed


def _version_change(party: Party, row: NonresidentRow, changed_on: date, source: str) -> list[str]:
    known = PartyVersion.objects.known().filter(party=party)
    standing = known.order_by("-valid_from").first()
    values = (row.name, row.name_kana, row.birth_on, row.sex)
    if standing and (standing.name, standing.name_kana, standing.birth_on, standing.sex) == values:
        return []
    _in_order(standing.valid_from if standing else None, changed_on)
    kept = {name: getattr(standing, name) for name in _COPIED} if standing else {}
    fresh = PartyVersion(
        party=party, valid_from=changed_on, recorded_at=clock.now(), source=source, state=party.state, name=row.name,
        name_kana=row.name_kana, birth_on=row.birth_on, sex=row.sex, **kept,
    )  # fmt: skip
    make_room(known.select_for_update(), fresh)
    fresh.save(force_insert=True)
    party.name, party.name_kana, party.birth_on, party.sex = values
    party.name_key = name_key(row.name)
    party.strict_key, party.loose_key = search_keys(row.name_kana)
    party.save()
    return ["name"]


def _address_change(party: Party, row: NonresidentRow, changed_on: date, source: str) -> list[str]:
    known = Address.objects.known().filter(party=party, kind=AddressKind.RESIDENCE)
    standing = known.order_by("-valid_from").first()
    full_text = row.address_text + (f"　{row.building_text}" if row.building_text else "")
    if standing and (standing.full_text, standing.zip) == (full_text, row.zip):
        return []
    _in_order(standing.valid_from if standing else None, changed_on)
    fresh = Address(
        party=party, kind=AddressKind.RESIDENCE, valid_from=changed_on, recorded_at=clock.now(), source=source,
        municipality_code=row.municipality_code, building_text=row.building_text, zip=row.zip, full_text=full_text,
        address_key=address_key(row.address_text),
    )  # fmt: skip
    make_room(known.select_for_update(), fresh)
    fresh.save(force_insert=True)
    return ["address"]


def _in_order(standing_from: date | None, changed_on: date) -> None:
    if standing_from is not None and changed_on < standing_from:
        raise PeriodInvalid("異動日が、登録済みの履歴より前です。異動日を確かめてください。", field="changed_on")


@transaction.atomic
def delivery_end(delivery_id: int, *, party_id: UUID, ends_on: date) -> None:
    """送付先の終了: it holds until the day before `ends_on`. Raises PeriodInvalid."""
    _end(DeliveryAddress.objects.select_for_update().filter(pk=delivery_id, party_id=party_id).first(), ends_on)


@transaction.atomic
def link_end(link_id: int, *, party_id: UUID, ends_on: date) -> None:
    """関係の終了 (納税管理人の廃止 …): it holds until the day before `ends_on`. Raises PeriodInvalid."""
    _end(PartyLink.objects.select_for_update().filter(pk=link_id, party_id=party_id).first(), ends_on)


def _end(row: DeliveryAddress | PartyLink | None, ends_on: date) -> None:
    if row is None or row.superseded_at is not None:
        raise PeriodInvalid("終了する登録が見つかりません。画面を開き直してください。")
    if row.valid_to is not None and row.valid_to <= ends_on:
        raise PeriodInvalid("すでに終了しています。", field="ends_on")
    now = clock.now()
    type(row).objects.filter(pk=row.pk).update(superseded_at=now)
    if ends_on > row.valid_from:
        row.pk, row.valid_to, row.recorded_at = None, ends_on, now
        row.save(force_insert=True)


def row_from(party: Party, **changes: object) -> NonresidentRow:
    """The standing values of a party as a row to be changed."""
    address = Address.objects.known().filter(party=party).order_by("-valid_from").first()
    text = address.full_text if address else ""
    building = address.building_text if address else ""
    if building and text.endswith(building):
        text = text[: -len(building)].rstrip("　 ")
    standing = NonresidentRow(
        name=party.name, name_kana=party.name_kana, birth_on=party.birth_on, sex=party.sex, address_text=text,
        building_text=building, zip=address.zip if address else "",
        municipality_code=address.municipality_code if address else "",
    )  # fmt: skip
    return replace(standing, **changes)  # type: ignore[arg-type]
