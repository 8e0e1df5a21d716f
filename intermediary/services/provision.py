"""所得・課税情報の提供 (answers to neighbouring systems): only by a register row, only its items, every read on record.

Order of the doors: rate → row → items → reference → people. A refusal gives nothing at all (R-159, R-161, R-165).
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from addressbook.models import Party
from addressbook.selectors.protections import hidden_parties
from intermediary.models import ProvisionCall, ProvisionRecord, ProvisionRequest, RegisterRow
from intermediary.selectors.copies import holds_open
from intermediary.selectors.register import rows_open_to
from intermediary.selectors.standing import Standing, standing_of, unsettled_parties
from taxsys.platform import clock
from taxsys.platform.audit import context
from taxsys.platform.audit.services import access_record
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.models import ApiClient

Outcome = ProvisionRecord.Outcome


@dataclass(frozen=True, slots=True)
class Asked:
    """照会: what a neighbour asks. Empty `items` mean all items of the row."""

    row_no: str
    reference: str
    tax_year: int
    known_on: date
    person_nos: tuple[str, ...]
    items: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the question without its reference; the same reference must ask the same."""
        content = {**asdict(self), "known_on": self.known_on.isoformat(), "reference": ""}
        return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Answer:
    """One person's answer: the outcome, and where it is `answered` the decision and exactly the items of the row."""

    person_no: str
    outcome: str
    is_nondisclosed: bool = False
    version: int | None = None
    decided_on: date | None = None
    items: Mapping[str, int | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Provided:
    """The whole answer, in the order of the question."""

    row_no: str
    items: tuple[str, ...]
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class PeopleAsked:
    """What the answers are made of."""

    standing: Mapping[UUID, Standing]
    unsettled: set[UUID]
    sensitive: set[UUID]


def call_count(client: ApiClient) -> None:
    """Note a call and refuse it (R429-RATE) when the client has used up its minute. A transaction of its own."""
    now = clock.now()
    calls = ProvisionCall.objects.filter(client_system=client.system)
    recent = calls.filter(called_at__gt=now - timedelta(minutes=1)).count()
    if recent >= settings.TAXSYS_API_CALLS_PER_MINUTE:
        raise Refused("R429-RATE", reason="rate")
    calls.filter(called_at__lte=now - timedelta(minutes=10)).delete()
    ProvisionCall.objects.create(client_system=client.system, called_at=now)


@transaction.atomic
def income_provide(client: ApiClient, asked: Asked) -> Provided:
    """Answer a question about people of one tax year. Raises Refused R403-REGISTER, R403-ITEM, R409-REFERENCE.

    Writes the request, one record a person and one access event; without them nothing is answered.
    """
    row = _row(client, asked)
    items = _items(row, asked)
    request = _request(client, asked, row=row, items=items)
    parties = {
        party.person_no: party
        for party in Party.objects.filter(person_no__in=asked.person_nos).only("id", "person_no", "merged_into_id")
    }
    ids = {number: party.merged_into_id or party.pk for number, party in parties.items()}
    people = people_asked(sorted(set(ids.values())), asked.tax_year, known_on=asked.known_on)
    answers = tuple(answer_of(number, ids.get(number), people, row=row, items=items) for number in asked.person_nos)
    answers_record(request, answers, ids=ids, people=people)
    return Provided(row.row_no, items, answers)


def _row(client: ApiClient, asked: Asked) -> RegisterRow:
    """One answer for a row that is unknown, another client's, only a candidate or out of its period."""
    row = rows_open_to(client.system, on=clock.today()).filter(row_no=asked.row_no).first()
    if row is None:
        raise Refused("R403-REGISTER", reason="no_register_row")
    return row


def _items(row: RegisterRow, asked: Asked) -> tuple[str, ...]:
    if outside := sorted(set(asked.items) - set(row.items)):
        raise Refused("R403-ITEM", f"登録簿で認められていない項目です: {'・'.join(outside)}", reason="item_not_listed")
    return tuple(asked.items or row.items)


def _request(client: ApiClient, asked: Asked, *, row: RegisterRow, items: Sequence[str]) -> ProvisionRequest:
    request, _is_new = ProvisionRequest.objects.get_or_create(
        client_system=client.system,
        reference=asked.reference,
        defaults={
            "row": row,
            "fingerprint": asked.fingerprint,
            "tax_year": asked.tax_year,
            "known_on": asked.known_on,
            "items": list(items),
            "person_count": len(asked.person_nos),
            "request_id": context.current().request_id,
            "received_at": clock.now(),
        },
    )
    if request.fingerprint != asked.fingerprint:
        raise Refused("R409-REFERENCE", reason="reference_reused")
    return request


def people_asked(party_ids: Sequence[UUID], tax_year: int, *, known_on: date) -> PeopleAsked:
    """Decisions as known at the end of a day, who is in the middle of one, and who is protected or held."""
    hidden = hidden_parties(on=clock.today()) & set(party_ids)
    return PeopleAsked(
        standing_of(party_ids, tax_year, known_on=known_on),
        unsettled_parties(party_ids, tax_year),
        hidden | set(holds_open(party_ids)),
    )


def answer_of(
    number: str, party_id: UUID | None, people: PeopleAsked, *, row: RegisterRow, items: Sequence[str]
) -> Answer:
    """What may be told of one person under the row: exactly these items, or why nothing (R-161, R-260)."""
    if party_id is None:
        return Answer(number, Outcome.UNKNOWN)
    is_sensitive = party_id in people.sensitive
    if is_sensitive and row.protected_rule == RegisterRow.ProtectedRule.HELD:
        return Answer(number, Outcome.HELD, is_nondisclosed=True)
    if party_id in people.unsettled:
        return Answer(number, Outcome.UNSETTLED, is_nondisclosed=is_sensitive)
    stands = people.standing.get(party_id)
    if stands is None or stands.is_cancellation:
        return Answer(number, Outcome.NO_DECISION, is_nondisclosed=is_sensitive)
    return Answer(
        number,
        Outcome.ANSWERED,
        is_nondisclosed=is_sensitive,
        version=stands.decision.version,
        decided_on=stands.decision.decided_on,
        items={name: stands.items[name] for name in items},
    )


def answers_record(
    request: ProvisionRequest, answers: Sequence[Answer], *, ids: Mapping[str, UUID], people: PeopleAsked
) -> None:
    """Records of provision and the access event: client, row's base and affair, subjects, items by the request."""
    now = clock.now()
    ProvisionRecord.objects.bulk_create(
        ProvisionRecord(
            request=request,
            party_id=ids.get(answer.person_no),
            decision=people.standing[ids[answer.person_no]].decision if answer.outcome == Outcome.ANSWERED else None,
            outcome=answer.outcome,
            is_nondisclosed=answer.is_nondisclosed,
            provided_at=now,
        )
        for answer in answers
    )
    row = request.row
    base = f"{row.legal_base} {row.ordinance}".strip()
    with context.using(replace(context.current(), legal_base=base[:200], purpose=row.affair[:100])):
        access_record(
            action="provide",
            subjects=sorted({str(ids[answer.person_no]) for answer in answers if answer.person_no in ids}),
            record_type="provision_request",
            record_id=f"{row.row_no}:{request.pk}",
            tax_year=request.tax_year,
            count=len(answers),
        )
