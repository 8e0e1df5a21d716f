"""異動届 (eLTAX): lines of a received file → notified changes, matched to the employer's own employees.

The employee is found among those whose tax this employer withholds, by employee number, else by birth date and kana;
the personal number of a line is not needed and stays in the sealed file. A line that fits nobody, or that the form's
own rules refuse, is set aside with its reason; sums unlike the books are held for an officer. formats §2.1; R-003,
R-156.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import F

from addressbook.models import Party
from assessment.models import ChangeState, CollectionShare, EmploymentChange, RunState, Withholder
from assessment.resident.moves.services import ChangeDraft, ChangeRefused, change_record
from assessment.resident.moves.timeline import place_of_month
from assessment.withholders.selectors import withholder_by_number
from taxsys.kernel import kana
from taxsys.platform.files.errors import E_RELATION, L_NOT_MATCHED, LineProblem
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.files.parsing import file_parsed
from taxsys.platform.files.services import line_errors_record


@dataclass(slots=True)
class ChangeCounts:
    """What became of the lines of a range."""

    recorded: int = 0
    held: int = 0
    repeated: int = 0
    set_aside: int = 0


class _Unmatched(Exception):
    """A line names an employer or an employee that is not known; the message says which."""


def change_lines_import(received: ReceivedFile, start: int, stop: int) -> ChangeCounts:
    """異動届 lines [start, stop) → changes. Idempotent by file and line."""
    counts, problems = ChangeCounts(), []
    records = file_parsed(received).records[start:stop]
    known = set(
        EmploymentChange.objects.filter(
            received_file=received, line_no__in=[record.line_no for record in records]
        ).values_list("line_no", flat=True)
    )
    for record in records:
        if record.line_no in known:
            counts.repeated += 1
            continue
        try:
            change = change_record(_draft(received, record.line_no, record.values), actor_id="eltax", may_hold=True)
        except _Unmatched as error:
            problems.append(LineProblem(record.line_no, L_NOT_MATCHED, str(error)))
        except ChangeRefused as error:
            problems.append(LineProblem(record.line_no, E_RELATION, error.message_ja))
        else:
            is_held = change.state == ChangeState.HELD
            counts.held += is_held
            counts.recorded += not is_held
    counts.set_aside = len(problems)
    if problems:
        line_errors_record(received, problems)
        ReceivedFile.objects.filter(pk=received.pk).update(error_count=F("error_count") + len(problems))
    return counts


def _draft(received: ReceivedFile, line_no: int, values: Mapping[str, Any]) -> ChangeDraft:
    tax_year = int(values["tax_year"])
    withholder = _payer(str(values["designation_no"]), values["event_on"])
    new_number = str(values.get("new_designation_no") or "")
    last = int(values.get("collected_to") or 0)
    return ChangeDraft(
        tax_year=tax_year,
        party_id=_employee(withholder, tax_year, values),
        reason=str(values["reason"]),
        event_on=values["event_on"],
        after=str(values["after"]),
        received_on=received.received_on,
        withholder_id=withholder.pk,
        last_place=place_of_month(last) if last else 0,
        new_withholder_id=_payer(new_number, values["event_on"]).pk if new_number else None,
        new_employee_no=str(values.get("new_employee_no") or ""),
        first_place=_place(values.get("new_from")),
        lump_reason=str(values.get("lump_reason") or ""),
        lump_place=_place(values.get("lump_month")),
        no_lump_reason=str(values.get("no_lump_reason") or ""),
        annual_yen=int(values["annual_tax"]),
        collected_yen=int(values["collected"]),
        uncollected_yen=int(values["uncollected"]),
        channel="eltax",
        received_file_id=received.pk,
        line_no=line_no,
    )


def _place(month: Any) -> int | None:
    return place_of_month(int(month)) if month else None


def _payer(designation_no: str, event_on: date) -> Withholder:
    found = withholder_by_number(designation_no, on=event_on)
    if found is None:
        raise _Unmatched(f"指定番号{designation_no}の特別徴収義務者がいません。指定番号を支払者に確かめてください。")
    return found


def _employee(withholder: Withholder, tax_year: int, values: Mapping[str, Any]) -> UUID:
    """The one employee of the employer whom the line names. Raises _Unmatched for nobody and for several."""
    shares = CollectionShare.objects.filter(
        withholder=withholder, run__tax_year=tax_year, run__state=RunState.RELEASED
    ).values_list("party_id", "employee_no")
    numbers = {(party, number) for party, number in shares}
    birth_on: date = values["birth"]
    people = Party.objects.filter(pk__in={party for party, _ in numbers}, birth_on=birth_on)
    own_number = str(values.get("employee_no") or "")
    by_number = [one.pk for one in people if own_number and (one.pk, own_number) in numbers]
    found: Sequence[UUID] = by_number or [one.pk for one in people if _is_named(one, values)]
    if len(found) != 1:
        word = "複数います" if found else "いません"
        raise _Unmatched(
            f"この支払者が特別徴収している人の中に、受給者番号・生年月日・氏名の合う人が{word}。"
            "紙の異動届と同じように、住民税タブから入力してください。"
        )
    return found[0]


def _is_named(party: Party, values: Mapping[str, Any]) -> bool:
    written = str(values.get("kana") or "")
    if written and party.name_kana:
        return kana.strict_key(kana.to_full(written)) == kana.strict_key(party.name_kana)
    return _plain(str(values["name"])) == _plain(party.name)


def _plain(name: str) -> str:
    return name.replace(" ", "").replace("　", "")
