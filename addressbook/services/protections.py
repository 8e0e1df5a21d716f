"""支援措置の登録: daily list of the resident record system, and the bare flag of the resident feed (N-086).

Nothing here opens an address by the mere passing of time: a protection ends by a record that says so.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from addressbook.address_text import address_key, addresses_agree, name_key
from addressbook.codes import ProtectionKind, ProtectionState
from addressbook.errors import FeedRecordInvalid
from addressbook.models import Address, Party, Protection, ProtectionMember
from taxsys.platform import clock
from taxsys.platform.outbox.services import outbox_put

SOURCE_FLAG = "resident-feed-flag"
TOPIC_PROTECTION = "protection.changed"


def _day(record: Mapping[str, Any], name: str) -> date | None:
    value = record.get(name)
    if value is None or value == "":
        return None
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _moment(record: Mapping[str, Any], name: str) -> datetime | None:
    value = record.get(name)
    if not value:
        return None
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))


def _text(record: Mapping[str, Any], name: str) -> str:
    return str(record.get(name) or "").strip()


def protections_flag(party_days: Mapping[UUID, date]) -> int:
    """The feed's flag without details: protect at once, kind 内容未着, where no protection stands. Answers how many."""
    if not party_days:
        return 0
    standing = set(
        Protection.objects.filter(party_id__in=list(party_days), state=ProtectionState.ACTIVE).values_list(
            "party_id", flat=True
        )
    )
    now = clock.now()
    rows = [
        Protection(
            party_id=party_id,
            kind=ProtectionKind.DETAILS_PENDING,
            accepted_on=day,
            valid_from=day,
            source=SOURCE_FLAG,
            recorded_at=now,
        )
        for party_id, day in party_days.items()
        if party_id not in standing
    ]
    return len(Protection.objects.bulk_create(rows, ignore_conflicts=True))


@transaction.atomic
def protections_apply(records: Sequence[Mapping[str, Any]], *, source: str) -> int:
    """Apply rows of layout `local_shien_sochi` (by `name_en`); idempotent by (party, kind, 申出受付日).

    An older `updated_at` than the stored one changes nothing. Raises FeedRecordInvalid for an unknown person. Answers
    how many protections were written.
    """
    written = 0
    for record in records:
        party = Party.objects.filter(person_no=_text(record, "person_no")).first()
        if party is None:
            raise FeedRecordInvalid(
                "支援措置の対象者が宛名にいません。住民記録異動を先に取り込んでください。", field="person_no"
            )
        written += _apply_one(party, record, source=source)
    return written


def _apply_one(party: Party, record: Mapping[str, Any], *, source: str) -> int:
    accepted_on, valid_from = _day(record, "accepted_on"), _day(record, "from")
    if accepted_on is None or valid_from is None:
        raise FeedRecordInvalid("必須の項目がありません。", field="accepted_on")
    kind, updated_at = _text(record, "kind"), _moment(record, "updated_at")
    standing = Protection.objects.select_for_update().filter(party=party, kind=kind, accepted_on=accepted_on).first()
    if standing and standing.source_updated_at and updated_at and updated_at <= standing.source_updated_at:
        return 0
    state = _text(record, "state")
    row = standing or Protection(party=party, kind=kind, accepted_on=accepted_on)
    row.valid_from, row.valid_to = valid_from, _day(record, "to")
    row.targets, row.opponent_name = _text(record, "targets"), _text(record, "abuser_name")
    row.opponent_address, row.contact = _text(record, "abuser_address"), _text(record, "contact")
    row.mail_to, row.forwarded_to = _text(record, "mail_to"), _text(record, "forwarded_to")
    row.state, row.source, row.source_updated_at, row.recorded_at = state, source, updated_at, clock.now()
    row.ended_on = None if state == ProtectionState.ACTIVE else clock.today()
    row.opponent_party = opponent_party(row.opponent_name, row.opponent_address)
    row.save()
    members = [text for text in _text(record, "with_persons").split(";") if text]
    row.members.exclude(party__person_no__in=members).delete()
    ProtectionMember.objects.bulk_create(
        [ProtectionMember(protection=row, party=member) for member in Party.objects.filter(person_no__in=members)],
        ignore_conflicts=True,
    )
    # The details have arrived: the flag's placeholder has done its work.
    Protection.objects.filter(party=party, kind=ProtectionKind.DETAILS_PENDING, state=ProtectionState.ACTIVE).update(
        state=ProtectionState.ENDED, ended_on=clock.today()
    )
    outbox_put(
        topic=TOPIC_PROTECTION,
        subject_key=str(party.id),
        payload={"state": state},
        dedupe_key=f"{source}:{party.id}:{kind}:{accepted_on}:{updated_at or row.recorded_at}",
    )
    return 1


def opponent_party(name: str, address: str) -> Party | None:
    """The opponent's own party, where name and a known address point to exactly one."""
    if not name or not address:
        return None
    written = address_key(address)
    found = {
        place.party_id: place.party
        for place in Address.objects.known().filter(party__name_key=name_key(name)).select_related("party")
        if addresses_agree(place.address_key, written)
    }
    return next(iter(found.values())) if len(found) == 1 else None
