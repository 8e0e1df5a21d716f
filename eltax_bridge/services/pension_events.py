"""年金特別徴収の通知 (decoded lines): whom payers withhold from (00), what they withheld (22), answers to stops (42).

What was withheld is a receipt of the month's claim; what is too much, or for a month that fell away, is the person's
overpayment. A month that
a payer could not withhold with its reason (不能) stops the withholding, and the next run of changes bills the rest.
formats §3; F-PL-007, F-CL-010; R-017, R-110.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from addressbook.models import Party
from assessment.pensions.errors import PensionStopRefused
from assessment.pensions.models import (
    PensionResult,
    PensionStop,
    PensionTarget,
    RequestState,
    StopReason,
    StopState,
)
from assessment.pensions.selectors import PLACES, TAX_KIND, pension_charges, pension_notice_no, place_of_month
from assessment.pensions.services import StopDraft, pension_stop_record
from collection.bulk.receipts import ReceiptRecord
from collection.models import Channel
from collection.services.receipts import receipts_post
from taxsys.kernel import kana
from taxsys.platform import clock
from taxsys.platform.files.errors import E_RELATION, L_NOT_MATCHED, LineProblem
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.files.parsing import file_parsed
from taxsys.platform.files.services import line_errors_record

TARGET, RESULT, STOP_ANSWER = "00", "22", "42"
# 各種区分 of a result (formats §3): why nothing more is withheld.
_REASONS = {
    "01": StopReason.LOST_RIGHT, "02": StopReason.SUSPENDED, "03": StopReason.TOO_SMALL, "05": StopReason.CARE_STOPPED,
}  # fmt: skip
_ACCEPTED = "00"


@dataclass(slots=True)
class EventCounts:
    """What became of the lines of a range; yen withheld."""

    targets: int = 0
    results: int = 0
    collected_yen: int = 0
    stops: int = 0
    answers: int = 0
    repeated: int = 0
    set_aside: int = 0


class _SetAside(Exception):
    """A line that fits nobody or nothing; code and words."""

    def __init__(self, code: str, message_ja: str) -> None:
        super().__init__(message_ja)
        self.code, self.message_ja = code, message_ja


@transaction.atomic
def pension_events_import(received: ReceivedFile, start: int, stop: int) -> EventCounts:
    """Lines [start, stop) of a file. Idempotent by file and line."""
    counts, problems = EventCounts(), []
    receipts: list[ReceiptRecord] = []
    for record in file_parsed(received).records[start:stop]:
        try:
            if receipt := _line(received, record.line_no, record.values, counts):
                receipts.append(receipt)
        except _SetAside as error:
            problems.append(LineProblem(record.line_no, error.code, error.message_ja))
    if receipts:
        receipts_post(receipts, actor="job:B-PI-17", as_of=clock.today())
    counts.set_aside = len(problems)
    if problems:
        line_errors_record(received, problems)
        ReceivedFile.objects.filter(pk=received.pk).update(error_count=F("error_count") + len(problems))
    return counts


def _line(
    received: ReceivedFile, line_no: int, values: Mapping[str, Any], counts: EventCounts
) -> ReceiptRecord | None:  # fmt: skip
    notice = str(values["notice"])
    if notice == TARGET:
        _target(received, line_no, values, counts)
        return None
    if notice == STOP_ANSWER:
        _answer(values, counts)
        return None
    if notice != RESULT:
        raise _SetAside(E_RELATION, f"通知種別{notice}は取り込みません。送付元に確かめてください。")
    return _result(received, line_no, values, counts)


def _target(received: ReceivedFile, line_no: int, values: Mapping[str, Any], counts: EventCounts) -> None:
    _, made = PensionTarget.objects.get_or_create(
        tax_year=int(values["tax_year"]), collector=str(values["collector"]),
        basic_pension_no=str(values["basic_pension_no"]), pension_code=str(values["pension_code"]),
        defaults={"party_id": _person(values), "received_file": received, "line_no": line_no},
    )  # fmt: skip
    counts.targets += made
    counts.repeated += not made


def _person(values: Mapping[str, Any]) -> UUID:
    """The one person a line names, by 宛名番号, else by birth, sex and kana. Raises _SetAside for nobody or several."""
    own_no = str(values.get("person_no") or "")
    people = Party.objects.filter(birth_on=values["birth"], merged_into__isnull=True)
    if own_no:
        found = [one.pk for one in people.filter(person_no=own_no)]
    else:
        written = kana.strict_key(kana.to_full(str(values.get("kana") or "")))
        found = [
            one.pk for one in people.filter(sex=str(values["sex"])) if kana.strict_key(one.name_kana) == written
        ]  # fmt: skip
    if len(found) != 1:
        word = "複数います" if found else "いません"
        raise _SetAside(L_NOT_MATCHED, f"宛名番号、または生年月日・性別・カナの合う人が{word}。")
    return found[0]


def _named(values: Mapping[str, Any]) -> UUID:
    """The person by how the payer names him, else as a target line would."""
    target = PensionTarget.objects.filter(
        tax_year=int(values["tax_year"]), collector=str(values["collector"]),
        basic_pension_no=str(values["basic_pension_no"]), pension_code=str(values["pension_code"]),
    ).first()  # fmt: skip
    return target.party_id if target else _person(values)


def _answer(values: Mapping[str, Any], counts: EventCounts) -> None:
    party, tax_year = _named(values), int(values["tax_year"])
    is_accepted = str(values.get("result") or "") == _ACCEPTED
    sent = PensionStop.objects.filter(
        party_id=party, tax_year=tax_year, state=StopState.ACTIVE,
        request_state__in=[RequestState.SENT, RequestState.ACCEPTED, RequestState.REFUSED],
    )  # fmt: skip
    if not sent.update(request_state=RequestState.ACCEPTED if is_accepted else RequestState.REFUSED):
        raise _SetAside(E_RELATION, "この人の中止を年金保険者に通知していません。送付元に確かめてください。")
    counts.answers += 1


def _result(
    received: ReceivedFile, line_no: int, values: Mapping[str, Any], counts: EventCounts
) -> ReceiptRecord | None:
    """A month's result: what was asked beside what came; the receipt of what came."""
    if PensionResult.objects.filter(received_file=received, line_no=line_no).exists():
        counts.repeated += 1
        return None
    party, tax_year = _named(values), int(values["tax_year"])
    month = str(values.get("month") or "")
    place = place_of_month(int(month[4:6])) if len(month) == len("YYYYMM") else None
    if place is None:
        raise _SetAside(E_RELATION, "対象月が年金から徴収する月(偶数月)ではありません。送付元に確かめてください。")
    asked = {one.instalment_no: one.amount_yen for one in pension_charges(party, tax_year=tax_year)}.get(place, 0)
    collected, reason = int(values.get("collected") or 0), str(values.get("stop_reason") or "")
    is_short = collected < asked
    is_stopped = reason in _REASONS and _stop(
        received, line_no, values, party, place if is_short else place + 1, collected if is_short else 0
    )
    counts.stops += is_stopped
    PensionResult.objects.create(
        party_id=party, tax_year=tax_year, place=place, asked_yen=asked, collected_yen=collected, reason_code=reason,
        is_open=collected != asked and not (is_stopped and is_short), received_file=received, line_no=line_no,
    )  # fmt: skip
    counts.results += 1
    counts.collected_yen += collected
    return _receipt(received, line_no, (party, tax_year, place), collected) if collected else None


def _stop(
    received: ReceivedFile, line_no: int, values: Mapping[str, Any], party: UUID, first_place: int, partial_yen: int
) -> bool:
    """The payer's own stop; False where there is nothing left to stop, or it is known. A month withheld in part keeps
    that part, the rest of it is billed with the months after it."""
    if first_place > PLACES:
        return False
    draft = StopDraft(
        party_id=party, tax_year=int(values["tax_year"]), reason=_REASONS[str(values["stop_reason"])],
        event_on=received.received_on, first_place=first_place, partial_yen=partial_yen,
        received_file_id=received.pk, line_no=line_no,
    )  # fmt: skip
    try:
        pension_stop_record(draft, actor_id="eltax")
    except PensionStopRefused:
        return False
    return True


def _receipt(
    received: ReceivedFile, line_no: int, claim: tuple[UUID, int, int], collected_yen: int
) -> ReceiptRecord:  # fmt: skip
    party, tax_year, place = claim
    notice_no = pension_notice_no(party, tax_year=tax_year) or "-"
    return ReceiptRecord(
        channel=Channel.PENSION, external_key=f"{received.sender}:{received.name}:{line_no}"[-120:], kind="confirmed",
        key_kind="charge", match_key=f"{TAX_KIND}|{tax_year}|{tax_year}|pension|{notice_no}|{place}",
        amount_yen=collected_yen, paid_on=received.received_on, account_on=received.received_on, line_no=line_no,
    )  # fmt: skip
