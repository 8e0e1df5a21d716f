"""特別徴収義務者: what an employer owes month by month and for whom, and succession when it is merged or closed.

F-PL-003, F-PL-004, F-CL-035, L-PI-28; R-017.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from addressbook.models import Party
from assessment.models import AfterChange, ChangeReason, EmploymentChange, Withholder
from assessment.resident.moves.selectors import TAX_KIND
from assessment.resident.moves.services import ChangeDraft, ChangeRefused, change_record
from collection.models import Method, WithheldShare
from collection.selectors.account import ChargeStanding, party_account
from collection.withheld.errors import AgentPaymentError
from collection.withheld.models import NumberChange
from collection.withheld.selectors import number_now
from collection.withheld.services import number_change

PLACES = 12


@dataclass(frozen=True, slots=True)
class EmployeeMonths:
    """One employee of an employer: 受給者番号 by the newest decision, months from June in yen."""

    party: Party
    months: tuple[int, ...]

    @property
    def total_yen(self) -> int:
        """特別徴収税額 of the year at this employer, yen."""
        return sum(self.months)


def employer_months(employer: Withholder, *, tax_year: int, as_of: date) -> list[ChargeStanding]:
    """月別の納入状況 of a year, June first: levied, paid and open on the day."""
    rows = party_account(employer.party_id, as_of=as_of)
    own = [
        one
        for one in rows
        if (one.method, one.notice_no, one.tax_year) == (Method.WAGE, employer.designation_no, tax_year)
    ]
    return sorted(own, key=lambda one: one.instalment_no)


def employer_employees(employer: Withholder, *, tax_year: int) -> list[EmployeeMonths]:
    """受給者 of a year with what the books have for each month, by 宛名番号; two queries."""
    shares = WithheldShare.objects.filter(
        charge__notice_no=employer.designation_no, charge__method=Method.WAGE, charge__tax_year=tax_year,
        charge__tax_kind_id=TAX_KIND, amount_yen__gt=0,
    ).values_list("employee_id", "charge__instalment_no", "amount_yen")  # fmt: skip
    found: dict[UUID, list[int]] = {}
    for party, place, yen in shares:
        if place <= PLACES:
            found.setdefault(party, [0] * PLACES)[place - 1] = yen
    parties = Party.objects.filter(pk__in=found).order_by("person_no")
    return [EmployeeMonths(party, tuple(found[party.pk])) for party in parties]


def employer_changes(employer: Withholder, *, tax_year: int) -> list[EmploymentChange]:
    """異動届 to and from the employer, newest first."""
    rows = EmploymentChange.objects.filter(
        Q(withholder=employer) | Q(new_withholder=employer), tax_year=tax_year
    ).select_related("party", "withholder", "new_withholder", "run")
    return list(rows.order_by("-received_on", "-pk"))


@dataclass(frozen=True, slots=True)
class Succession:
    """What a succession recorded: changes, and (person, why not) of those left for an officer."""

    recorded: int
    left: tuple[tuple[str, str], ...]


@transaction.atomic
def employer_succeed(
    employer: Withholder,
    successor: Withholder,
    *,
    tax_year: int,
    event_on: date,
    last_place: int,
    actor_id: str,
    change: str = NumberChange.MERGED,
) -> Succession:
    """承継: everybody with a month after `last_place` (1 = June) goes to the successor, and the number with them.

    `change`: merger or closing, a new number after a move, or two registrations of one agent made one. One change a
    person, taken up by the next run under four eyes; who has such a change already is passed over. The employer's
    designation ends with the day of the event, its number stands for the successor's from the next day on. Raises
    ChangeRefused where nothing is left to do.
    """
    succession_check(employer, successor, last_place=last_place)
    people = [one for one in employer_employees(employer, tax_year=tax_year) if any(one.months[last_place:])]
    if not people and number_now(employer.designation_no) == successor.designation_no:
        raise ChangeRefused("承継する受給者がいません。年度と最後の月を確かめてください。", field="last_place")
    recorded, left = 0, []
    for one in people:
        draft = ChangeDraft(
            tax_year=tax_year, party_id=one.party.pk, reason=ChangeReason.MERGED, event_on=event_on,
            after=AfterChange.CONTINUED, received_on=event_on, withholder_id=employer.pk, last_place=last_place,
            new_withholder_id=successor.pk, first_place=last_place + 1, channel="act",
        )  # fmt: skip
        try:
            change_record(draft, actor_id=actor_id)
        except ChangeRefused as refused:
            left.append((one.party.person_no, refused.message_ja))
        else:
            recorded += 1
    if recorded or not people:
        ends_on = event_on + timedelta(days=1)
        Withholder.objects.filter(pk=employer.pk).update(valid_to=ends_on)
        try:
            number_change(
                employer.designation_no, successor.designation_no, change=change, effective_on=ends_on,
                reason=str(NumberChange(change).label), actor_id=actor_id,
            )  # fmt: skip
        except AgentPaymentError as error:
            raise ChangeRefused(error.message_ja, field="successor") from error
    return Succession(recorded, tuple(left))


def succession_check(employer: Withholder, successor: Withholder, *, last_place: int) -> None:
    """Refuse (ChangeRefused, with the field) what no succession can be."""
    if successor.pk == employer.pk:
        raise ChangeRefused("承継する義務者が同じです。指定番号を確かめてください。", field="successor")
    if number_now(successor.designation_no) != successor.designation_no:
        raise ChangeRefused("承継する義務者の指定番号は、もう使われていません。", field="successor")
    if not 0 <= last_place < PLACES:
        raise ChangeRefused("5月分まで徴収した義務者には、この年度に承継する月がありません。", field="last_place")
