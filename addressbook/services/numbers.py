"""個人番号の登録・突合・読取り: what other duties may ask of the vault (番号法9条1項・別表24, F-CM-016).

Every function needs an access context with function, purpose and legal base (`addressbook.access.number_use`), and
leaves its event. Digits come in as text from a form or file and never go out but as `MyNumber`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from django.db import transaction

from addressbook.codes import NumberTaskKind
from addressbook.errors import NumberConflict, NumberInvalid
from addressbook.models import NumberTask
from addressbook.number_text import FIRST_ACQUISITION_ON, my_number_digits
from addressbook.services.number_file_intake import number_file_take
from addressbook.vault.manager import Origin, PutResult, Spell, vault
from addressbook.vault.value import MyNumber
from taxsys.platform import clock
from taxsys.platform.files.models import ReceivedFile

VERIFIED_RESIDENT_RECORD = "resident-record"
# The sender was bound to confirm it (給与支払者・国税庁・年金保険者, 番号法16条の外; N-022).
VERIFIED_UPSTREAM = "upstream"
VERIFIED_COUNTER = "counter"
_TASK_OF = {"collision": NumberTaskKind.COLLISION, "different": NumberTaskKind.DIFFERENT_NUMBER}


@dataclass(frozen=True, slots=True)
class HeldNumber:
    """One number of a file: outcome held | bad_check_digit | empty; `ref` only where held."""

    ref: UUID | None
    outcome: str


def _origin(
    source: str, verified_by: str, acquired_on: date | None = None, *, file: ReceivedFile | None = None
) -> Origin:
    on = acquired_on or clock.today()
    return Origin(source=source, verified_by=verified_by, acquired_on=on, file=file.pk if file else None)


@transaction.atomic
def number_hold_many(
    rows: Sequence[tuple[str, str]], *, source: str, file: ReceivedFile | None = None
) -> list[HeldNumber]:
    """Take in the numbers of a file before its rows are matched: (label of the row, digits) → references.

    A wrong check digit is not stored: the row stays usable and a work item is opened (N-009). `source` names the file
    and `label` the row (file and line, say), neither holds personal data. Numbers of a received `file` wait for its
    approval (R-207) while they are in use; a refused file's are not taken (NumberFileClosed). In order of the rows.
    """
    answers: list[HeldNumber] = []
    refs: list[UUID] = []
    numbers: list[bytes] = []
    tasks: list[NumberTask] = []
    now = clock.now()
    for label, text in rows:
        digits = my_number_digits(text) if text else ""
        if digits:
            ref = uuid4()
            refs.append(ref)
            numbers.append(digits.encode())
            answers.append(HeldNumber(ref, "held"))
        elif text:
            kind = NumberTaskKind.BAD_CHECK_DIGIT
            tasks.append(NumberTask(kind=kind, source=source, source_label=label, opened_at=now))
            answers.append(HeldNumber(None, "bad_check_digit"))
        else:
            answers.append(HeldNumber(None, "empty"))
    if file is not None:
        number_file_take(file, len(numbers))
    vault.hold(refs, numbers, source=source, file=file.pk if file else None)
    NumberTask.objects.bulk_create(tasks)
    return answers


def hold_number(source_label: str, number: str, *, source: str) -> UUID | None:
    """One number of a file; None where it was empty or its check digit is wrong (then a work item stands)."""
    return number_hold_many([(source_label, number)], source=source)[0].ref


def parties_by_held(refs: Sequence[UUID]) -> dict[UUID, UUID]:
    """Held reference → party that has the same number; compared inside the database, digits are not opened."""
    return vault.parties_by_held(refs)


def parties_by_numbers(numbers: Sequence[str]) -> list[UUID | None]:
    """For each number (text) the party that holds or last held it, in one call; None for unknown or invalid ones."""
    digits = [my_number_digits(text) for text in numbers]
    found = iter(vault.parties_by_numbers([text.encode() for text in digits if text]))
    return [next(found) if text else None for text in digits]


def holders_by_numbers(numbers: Sequence[str]) -> list[UUID | None]:
    """As `parties_by_numbers`, but only who holds the number now: for comparing registers."""
    digits = [my_number_digits(text) for text in numbers]
    found = iter(vault.holders_by_numbers([text.encode() for text in digits if text]))
    return [next(found) if text else None for text in digits]


@transaction.atomic
def number_assign(
    party_id: UUID, number: str, *, source: str, verified_by: str, acquired_on: date | None = None
) -> str:
    """Register one number; answers stored | same. `acquired_on` defaults to the business date.

    Raises NumberInvalid (check digit), NumberTooEarly (R-015), NumberConflict when another party holds the number or
    this party holds another one: that is for two people to settle (N-010, N-011).
    """
    result = vault.put(
        [party_id], [MyNumber(number).expose().encode()], origin=_origin(source, verified_by, acquired_on)
    )[0]
    if result.outcome not in {"stored", "same"}:
        raise NumberConflict
    return result.outcome


@transaction.atomic
def number_change(party_id: UUID, number: str, *, source: str, verified_by: str) -> str:
    """番号の変更 (N-012): the old number ends today, stays searchable, the new one counts. Raises as number_assign."""
    if not my_number_digits(number):
        raise NumberInvalid
    digits = [my_number_digits(number).encode()]
    result = vault.put([party_id], digits, origin=_origin(source, verified_by), replace=True)[0]
    if result.outcome not in {"stored", "same"}:
        raise NumberConflict
    return result.outcome


def number_bind_held(ref: UUID, party_id: UUID) -> str:
    """Bind a held number to the party its row was matched to: stored | same | different | collision | unknown.

    On different and collision nothing is bound, the held number stays and a work item is opened.
    """
    return number_bind_held_many([(ref, party_id)])[ref]


@transaction.atomic
def number_bind_held_many(pairs: Sequence[tuple[UUID, UUID]]) -> dict[UUID, str]:
    """Bind many (ref, party); answers the outcome per ref as `number_bind_held` does."""
    if not pairs:
        return {}
    results = vault.bind_held(pairs, origin=_origin("matching", VERIFIED_UPSTREAM))
    _tasks_open(
        [
            (party, results[ref], ref, str(ref))
            for ref, party in pairs
            if ref in results and results[ref].outcome in _TASK_OF
        ],
        source="matching",
    )
    return {ref: results[ref].outcome if ref in results else "unknown" for ref, _ in pairs}


@transaction.atomic
def number_unbind(party_id: UUID, ref: UUID) -> bool:
    """Undo a binding that had stored the number: the party's number ends and is held again under `ref`."""
    return vault.hold_again(party_id, ref, on=clock.today())


def number_move(from_party_id: UUID, to_party_id: UUID) -> str | None:
    """Merge or split: the number goes over to the other party, sealed anew; None where there is none.

    Raises NumberConflict when the other party has a different number: two persons, not one.
    """
    with transaction.atomic():
        result = vault.move(from_party_id, to_party_id, source="merge", on=clock.today())
        if result is not None and result.outcome not in {"stored", "same"}:
            raise NumberConflict
    return result.outcome if result else None


def number_reveal(party_id: UUID) -> MyNumber | None:
    """個人番号の表示 (reveal_number): the number of one party, or None; screens ask `number_use.number_show`."""
    return vault.read([party_id], action="reveal_number").get(party_id)


def numbers_read(party_ids: Sequence[UUID], *, action: str = "read_number") -> dict[UUID, MyNumber]:
    """Numbers of many parties for a statutory output (`action` read_number | provide); missing ones are left out."""
    return vault.read(party_ids, action=action)


def parties_with_number(party_ids: Sequence[UUID]) -> set[UUID]:
    """Which parties have a number; the number itself is not touched."""
    return vault.parties_with_number(party_ids)


def number_spells(party_id: UUID) -> list[Spell]:
    """番号の登録の履歴: periods, how confirmed, where from; the numbers themselves are not touched."""
    return vault.spells(party_id)


def number_file_counts(file_ids: Sequence[UUID]) -> dict[UUID, tuple[int, int, int]]:
    """Numbers of received files: (of parties now, not yet matched, put out of use); none is touched."""
    return vault.file_counts(file_ids)


def feed_numbers_assign(rows: Sequence[tuple[UUID, str, int]], *, source: str, file: ReceivedFile | None = None) -> int:
    """Numbers of the resident feed (party, text, sequence): the resident record is the authority, a change replaces.
    `file` as in `number_hold_many`.

    Wrong check digits, numbers held by another person and acquisition before 2015-10-05 become work items; answers
    how many.
    """
    wanted: dict[UUID, tuple[str, int]] = {}
    refused: list[NumberTask] = []
    now, today = clock.now(), clock.today()
    for party_id, text, seq in rows:
        if not text:
            continue
        digits = my_number_digits(text)
        if digits and today >= FIRST_ACQUISITION_ON:
            wanted[party_id] = (digits, seq)
            continue
        kind = NumberTaskKind.BEFORE_ACQUISITION if digits else NumberTaskKind.BAD_CHECK_DIGIT
        refused.append(NumberTask(kind=kind, party_id=party_id, source=source, source_label=str(seq), opened_at=now))
    NumberTask.objects.bulk_create(refused)
    if not wanted:
        return len(refused)
    parties = list(wanted)
    if file is not None:
        number_file_take(file, len(parties))
    results = vault.put(
        parties,
        [wanted[party][0].encode() for party in parties],
        origin=_origin(source, VERIFIED_RESIDENT_RECORD, file=file),
        replace=True,
    )
    conflicts = [
        (party, result, None, str(wanted[party][1]))
        for party, result in zip(parties, results, strict=True)
        if result.outcome in _TASK_OF
    ]
    _tasks_open(conflicts, source=source)
    return len(refused) + len(conflicts)


def _tasks_open(rows: Sequence[tuple[UUID, PutResult, UUID | None, str]], *, source: str) -> None:
    now = clock.now()
    NumberTask.objects.bulk_create(
        NumberTask(
            kind=_TASK_OF[result.outcome],
            party_id=party_id,
            other_party_id=result.holder,
            held_ref=ref,
            source=source,
            source_label=label,
            opened_at=now,
        )
        for party_id, result, ref, label in rows
    )
