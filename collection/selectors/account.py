"""収納状況の照会 (what a party owes and has paid, as of a date; the story of one instalment)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from django.db import connection

from collection.models import Component, EntryReason, InterestRelief, Method
from collection.params import interest_law
from collection.rules.interest_rates import RateMissingError
from collection.rules.late_interest import InterestClaim, InterestResult, Payment, Relief, late_interest


@dataclass(frozen=True, slots=True)
class ChargeStanding:
    """期別の収納状況 on a day, in yen. `interest_yen` None = the rate of a needed year is not announced."""

    charge_id: int
    party_id: UUID
    tax_kind: str
    tax_title: str
    levy_year: int
    tax_year: int
    method: str
    notice_no: str
    instalment_no: int
    due_on: date
    state: str
    levied_yen: int
    paid_yen: int
    open_yen: int
    other_open_yen: int
    fee_open_yen: int
    interest_levied_yen: int
    is_reported: bool
    interest_yen: int | None = None
    interest_note_ja: str = ""

    @property
    def interest_left_yen(self) -> int:
        """Late interest of the day that has not been levied yet; what has been levied stands in `other_open_yen`."""
        return max(0, (self.interest_yen or 0) - self.interest_levied_yen)

    @property
    def is_paid_by_agent(self) -> bool:
        """年金特別徴収: the pension payer remits it, the pensioner is never asked to pay it himself."""
        return self.method == Method.PENSION

    @property
    def is_paid(self) -> bool:
        """Whether nothing of the tax is open although something was levied."""
        return self.levied_yen > 0 and self.open_yen == 0


# Value dates decide: a payment counts from the day it was made, whenever it was posted. The OFFSET fences keep the
# reading by key on fresh tables too, before they have statistics: one party has few transfers, the city millions.
_STANDING = """
    SELECT c.id, c.party_id, c.tax_kind_id, k.title, c.levy_year, c.tax_year, c.method, c.notice_no, c.instalment_no,
           c.due_on, c.state,
           coalesce(sum(t.levied) FILTER (WHERE t.component = 'principal'), 0)::bigint,
           coalesce(sum(t.levied - t.net) FILTER (WHERE t.component = 'principal'), 0)::bigint,
           coalesce(sum(t.net) FILTER (WHERE t.component = 'principal'), 0)::bigint,
           coalesce(sum(t.net) FILTER (WHERE t.component <> 'principal'), 0)::bigint,
           coalesce(sum(t.net) FILTER (WHERE t.component = 'reminder_fee'), 0)::bigint,
           coalesce(sum(t.levied) FILTER (WHERE t.component = 'late_interest'), 0)::bigint,
           EXISTS (SELECT FROM collection_slipline AS l JOIN collection_slip AS s ON s.id = l.slip_id
                     JOIN collection_receipt AS r ON r.key_kind = 'case' AND r.match_key = s.case_no
                    WHERE l.charge_id = c.id AND r.state = 'preliminary')
      FROM collection_charge AS c JOIN collection_taxkind AS k ON k.code = c.tax_kind_id
      LEFT JOIN LATERAL (
           SELECT a.component, x.yen AS net,
                  CASE WHEN o.kind IN ('revenue_city', 'revenue_prefecture', 'revenue_forest', 'interest',
                                       'reminder_fee') THEN x.yen ELSE 0 END AS levied
             FROM collection_account AS a
             CROSS JOIN LATERAL (
                  SELECT d.yen, d.credit_id AS other_id, d.entry_id FROM collection_transfer AS d
                   WHERE d.debit_id = a.id
                  UNION ALL
                  SELECT -d.yen, d.debit_id, d.entry_id FROM collection_transfer AS d WHERE d.credit_id = a.id) AS x
             CROSS JOIN LATERAL (SELECT kind FROM collection_account WHERE id = x.other_id OFFSET 0) AS o
             CROSS JOIN LATERAL (
                  SELECT FROM collection_journalentry WHERE id = x.entry_id AND value_date <= %(as_of)s OFFSET 0) AS e
            WHERE a.charge_id = c.id AND a.kind = 'receivable') AS t ON true
     WHERE {where}
     GROUP BY c.id, k.title
     ORDER BY c.tax_year DESC, c.tax_kind_id, c.method, c.notice_no, c.instalment_no"""


def party_account(party_id: UUID, *, as_of: date, with_interest: bool = True) -> list[ChargeStanding]:
    """収納状況 of a party over all taxes and years as of a day, newest year first."""
    return _standings("c.party_id = %(key)s", party_id, as_of, with_interest)


def charge_standing(charge_id: int, *, as_of: date) -> ChargeStanding:
    """収納状況 of one instalment. Raises LookupError when there is none."""
    found = _standings("c.id = %(key)s", charge_id, as_of, True)
    if not found:
        raise LookupError("期別債権がありません。")
    return found[0]


def _standings(where: str, key: int | UUID, as_of: date, with_interest: bool) -> list[ChargeStanding]:
    with connection.cursor() as cursor:
        cursor.execute(_STANDING.format(where=where), {"key": key, "as_of": as_of})
        standings = [ChargeStanding(*row) for row in cursor.fetchall()]
    if not with_interest:
        return standings
    late = [s.charge_id for s in standings if s.due_on < as_of and s.levied_yen > 0]
    payments = _payments(late, as_of)
    reliefs = _reliefs(late)
    return [
        _with_interest(s, payments.get(s.charge_id, ()), reliefs.get(s.charge_id, ()), as_of)
        if s.charge_id in payments
        else s
        for s in standings
    ]


def _with_interest(
    standing: ChargeStanding, payments: Sequence[Payment], reliefs: Sequence[Relief], as_of: date
) -> ChargeStanding:
    try:
        result = interest_of(standing, payments, reliefs, as_of)
    except RateMissingError as error:
        return replace(standing, interest_note_ja=str(error))
    return replace(standing, interest_yen=result.interest_yen)


def interest_of(
    standing: ChargeStanding, payments: Sequence[Payment], reliefs: Sequence[Relief], as_of: date
) -> InterestResult:
    """延滞金 of an instalment on a day, with its segments. Raises RateMissingError."""
    claim = InterestClaim(principal_yen=standing.levied_yen, due_on=standing.due_on, payments=payments, reliefs=reliefs)
    return late_interest(claim, interest_law(), as_of=as_of)


def charge_interest(charge_id: int, *, as_of: date) -> InterestResult:
    """延滞金 of one instalment as of a day, for the slip and for the screen. Raises RateMissingError, LookupError."""
    return interest_with(charge_standing(charge_id, as_of=as_of), (), as_of=as_of)


def interest_with(standing: ChargeStanding, more: Sequence[Payment], *, as_of: date) -> InterestResult:
    """延滞金 of an instalment on a day if `more` had been paid besides what the books know. Raises RateMissingError."""
    if standing.due_on >= as_of or standing.levied_yen == 0:
        return InterestResult(balance_yen=standing.open_yen)
    known = _payments([standing.charge_id], as_of)[standing.charge_id]
    payments = sorted((*known, *more), key=lambda payment: payment.paid_on)
    return interest_of(standing, payments, _reliefs([standing.charge_id]).get(standing.charge_id, ()), as_of)


def _payments(charge_ids: Sequence[int], as_of: date) -> dict[int, list[Payment]]:
    """Net payments of principal by charge and day (reversed ones cancel out); every asked charge has a list."""
    out: dict[int, list[Payment]] = {charge_id: [] for charge_id in charge_ids}
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT charge_id, paid_on, sum(yen)::bigint FROM collection_allocation
                WHERE charge_id = ANY (%s) AND component = %s AND paid_on <= %s
                GROUP BY 1, 2 HAVING sum(yen) > 0 ORDER BY 1, 2""",
            [list(charge_ids), Component.PRINCIPAL, as_of],
        )
        for charge_id, paid_on, yen in cursor.fetchall():
            out[charge_id].append(Payment(paid_on, yen))
    return out


def _reliefs(charge_ids: Sequence[int]) -> dict[int, list[Relief]]:
    out: dict[int, list[Relief]] = {}
    for row in InterestRelief.objects.filter(charge_id__in=charge_ids).order_by("relief_from"):
        effect = "zero" if row.effect == "zero" else "half"
        out.setdefault(row.charge_id, []).append(Relief(row.relief_from, row.relief_until, effect))  # type: ignore[arg-type]
    return out


@dataclass(frozen=True, slots=True)
class StoryLine:
    """One line of the story of an instalment; `balance_yen` = open after it (all components)."""

    occurred_on: date
    value_date: date
    reason_ja: str
    component_ja: str
    yen: int
    balance_yen: int
    actor: str
    source_document: str
    entry_id: int


def charge_story(charge_id: int) -> list[StoryLine]:
    """期別の経過: every transfer on the instalment in the order of recording, with the running balance."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT e.occurred_on, e.value_date, e.reason, a.component, x.yen,
                      sum(x.yen) OVER (ORDER BY x.id)::bigint,
                      e.actor, e.source_document, e.id
                 FROM collection_account AS a
                 CROSS JOIN LATERAL (
                      SELECT d.id, d.yen, d.entry_id FROM collection_transfer AS d WHERE d.debit_id = a.id
                      UNION ALL
                      SELECT d.id, -d.yen, d.entry_id FROM collection_transfer AS d WHERE d.credit_id = a.id) AS x
                 JOIN collection_journalentry AS e ON e.id = x.entry_id
                WHERE a.charge_id = %s AND a.kind = 'receivable' ORDER BY x.id""",
            [charge_id],
        )
        return [
            StoryLine(
                row[0], row[1], str(EntryReason(row[2]).label), str(Component(row[3]).label), row[4], row[5],
                row[6], row[7], row[8],
            )
            for row in cursor.fetchall()
        ]  # fmt: skip


def interest_many(claims: Mapping[int, tuple[int, date]], *, as_of: date) -> dict[int, int | None]:
    """延滞金 of many instalments as of a day: (levied yen, due date) by charge id → yen, None where a rate is missing.

    Two questions however many there are.
    """
    late = {charge_id: claim for charge_id, claim in claims.items() if claim[1] < as_of and claim[0] > 0}
    payments, reliefs = _payments(list(late), as_of), _reliefs(list(late))
    found: dict[int, int | None] = dict.fromkeys(claims, 0)
    for charge_id, (levied_yen, due_on) in late.items():
        claim = InterestClaim(
            principal_yen=levied_yen, due_on=due_on, payments=payments[charge_id], reliefs=reliefs.get(charge_id, ())
        )
        try:
            found[charge_id] = late_interest(claim, interest_law(), as_of=as_of).interest_yen
        except RateMissingError:
            found[charge_id] = None
    return found
