"""滞納の状況 (arrears of parties): totals for the badge, and the instalments with their reminders for the tab."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection

from collection.papers.slip_rows import instalment_label
from collection.rules.limitation import limitation_last_day
from delinquency.models import Contact, Reminder, ReminderState

_TOTALS = """
    SELECT c.party_id, count(*), sum(b.debit_yen - b.credit_yen)::bigint, min(c.due_on)
      FROM collection_charge AS c
      JOIN collection_account AS a ON a.charge_id = c.id AND a.component = 'principal' AND a.kind = 'receivable'
      JOIN collection_balance AS b ON b.account_id = a.id
     WHERE c.party_id = ANY (%s) AND c.due_on < %s AND c.state = 'active' AND b.debit_yen > b.credit_yen
       AND c.method <> 'pension'
     GROUP BY c.party_id"""
_CLAIMS = """
    SELECT c.id, k.title, c.tax_year, c.method, c.instalment_no, c.notice_no, c.due_on, c.statutory_due_on,
           (b.debit_yen - b.credit_yen)::bigint
      FROM collection_charge AS c
      JOIN collection_taxkind AS k ON k.code = c.tax_kind_id
      JOIN collection_account AS a ON a.charge_id = c.id AND a.component = 'principal' AND a.kind = 'receivable'
      JOIN collection_balance AS b ON b.account_id = a.id
     WHERE c.party_id = %s AND c.due_on < %s AND c.state = 'active' AND b.debit_yen > b.credit_yen
       AND c.method <> 'pension'
     ORDER BY c.due_on, c.id"""


@dataclass(frozen=True, slots=True)
class Arrears:
    """滞納 of one party: instalments past due and open, their sum in yen, the oldest due date."""

    instalments: int
    open_yen: int
    oldest_due_on: date


@dataclass(frozen=True, slots=True)
class Claim:
    """One instalment past due, with the reminder in force (None: not reminded yet)."""

    charge_id: int
    tax_title: str
    tax_year: int
    instalment_ja: str
    notice_no: str
    due_on: date
    statutory_due_on: date
    open_yen: int
    reminder: Reminder | None

    @property
    def limitation_on(self) -> date:
        """Day on which the claim is extinct without a renewal (地方税法18条1項)."""
        return limitation_last_day(self.statutory_due_on)


def arrears_of(party_ids: Sequence[UUID], *, on: date) -> Mapping[UUID, Arrears]:
    """滞納 of many parties on a day in one query; those without are left out."""
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS, [list(party_ids), on])
        return {row[0]: Arrears(row[1], row[2], row[3]) for row in cursor.fetchall()}


def claims_of(party_id: UUID, *, on: date) -> list[Claim]:
    """Instalments of a party past due on the day, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIMS, [party_id, on])
        rows = cursor.fetchall()
    issued = Reminder.objects.filter(charge_id__in=[row[0] for row in rows], state=ReminderState.ISSUED)
    reminders = {one.charge_id: one for one in issued}
    return [
        Claim(
            charge_id=row[0],
            tax_title=row[1],
            tax_year=row[2],
            instalment_ja=instalment_label(row[3], row[4]),
            notice_no=row[5],
            due_on=row[6],
            statutory_due_on=row[7],
            open_yen=row[8],
            reminder=reminders.get(row[0]),
        )
        for row in rows
    ]


def reminders_of(party_id: UUID) -> Sequence[Reminder]:
    """督促 of a party that were issued (also those withdrawn), newest first."""
    rows = Reminder.objects.filter(party_id=party_id, state__in=(ReminderState.ISSUED, ReminderState.WITHDRAWN))
    return list(rows.select_related("charge", "charge__tax_kind").order_by("-issued_on", "-pk"))


def contacts_of(party_id: UUID) -> Sequence[Contact]:
    """折衝記録 of a party, newest first."""
    return list(Contact.objects.filter(party_id=party_id))
