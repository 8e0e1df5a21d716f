"""指定番号の付番 (writes): a new agent gets the next number, or one chosen; none is given twice (F-PL-003)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction

from addressbook.models import Party
from assessment.models import Withholder
from assessment.withholders.errors import DesignationRefused
from assessment.withholders.selectors import withholder_by_number
from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.staff.models import Staff

DIGITS = 7


@dataclass(frozen=True, slots=True)
class Designation:
    """指定の内容. `number` "": the next one."""

    person_no: str
    name: str
    valid_from: date
    number: str = ""


@transaction.atomic
def withholder_issue(wanted: Designation, *, actor: Staff) -> Withholder:
    """指定番号を付ける. Raises DesignationRefused, with the field, for an unknown party or a number given before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('withholders.number'))")
    party = Party.objects.filter(person_no=wanted.person_no.strip(), merged_into__isnull=True).first()
    if party is None:
        raise DesignationRefused("この宛名番号の宛名がありません。番号を確かめてください。", field="person_no")
    standing = Withholder.objects.filter(party=party, valid_to__isnull=True).first()
    if standing is not None:
        raise DesignationRefused(
            f"この宛名には指定番号{standing.designation_no}があります。番号を変えるときは承継で行ってください。",
            field="person_no",
        )
    number = wanted.number.strip().upper() or next_number()
    if withholder_by_number(number) is not None:
        raise DesignationRefused(f"指定番号{number}は使われています(過去の番号を含む)。", field="number")
    made = Withholder.objects.create(
        designation_no=number, party=party, name=wanted.name.strip() or party.name, valid_from=wanted.valid_from
    )
    access_record(
        action="create", subjects=[str(party.pk)], record_type="assessment.withholder", record_id=str(made.pk),
        reason=f"{clock.today():%Y%m%d}",
    )  # fmt: skip
    return made


def next_number() -> str:
    """The number after the greatest of the usual shape (seven digits)."""
    numbers = Withholder.objects.filter(designation_no__regex=rf"^[0-9]{{{DIGITS}}}$").order_by("-designation_no")
    last = numbers.values_list("designation_no", flat=True).first()
    return f"{(int(last) if last else 0) + 1:0{DIGITS}d}"
