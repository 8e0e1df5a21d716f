"""日計・督促対象・集計 (day's receipts by channel, unpaid charges past due, totals)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Max

from collection.models import Channel, ReceiptFile
from collection.params import silent_after_days


@dataclass(frozen=True, slots=True)
class ChannelDay:
    """日計 of one channel: what came in and where it went, in yen. `difference_yen` must be 0."""

    channel: str
    channel_ja: str
    count: int
    received_yen: int
    allocated_yen: int
    suspense_yen: int
    overpaid_yen: int

    @property
    def difference_yen(self) -> int:
        """Received less posted and suspense."""
        return self.received_yen - self.allocated_yen - self.suspense_yen - self.overpaid_yen


def day_receipts(account_on: date) -> list[ChannelDay]:
    """日計: confirmed receipts of an account day by channel."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT r.channel, count(*), sum(r.amount_yen)::bigint, coalesce(sum(a.yen), 0)::bigint,
                      coalesce(sum(s.yen), 0)::bigint, coalesce(sum(o.yen), 0)::bigint
                 FROM collection_receipt AS r
                 LEFT JOIN LATERAL (SELECT sum(yen) AS yen FROM collection_allocation WHERE receipt_id = r.id) AS a
                        ON true
                 LEFT JOIN LATERAL (SELECT sum(remaining_yen) AS yen FROM collection_suspense
                                     WHERE receipt_id = r.id) AS s ON true
                 LEFT JOIN LATERAL (SELECT sum(yen) AS yen FROM collection_overpayment
                                     WHERE receipt_id = r.id AND cause <> 'levy_reduced') AS o ON true
                WHERE r.state = 'confirmed' AND r.account_on = %s
                GROUP BY r.channel ORDER BY r.channel""",
            [account_on],
        )
        return [ChannelDay(row[0], str(Channel(row[0]).label), *row[1:]) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class UnpaidCharge:
    """督促の候補: an instalment past due with principal open, and what speaks against reminding now."""

    charge_id: int
    party_id: UUID
    tax_kind: str
    levy_year: int
    tax_year: int
    method: str
    notice_no: str
    instalment_no: int
    due_on: date
    open_yen: int
    has_report: bool
    has_running_debit: bool

    @property
    def holds_ja(self) -> tuple[str, ...]:
        """Reasons not to remind yet: paid by report, debit result outstanding."""
        found = (("速報あり", self.has_report), ("口座振替の結果待ち", self.has_running_debit))
        return tuple(word for word, is_so in found if is_so)


@dataclass(frozen=True, slots=True)
class SilentChannel:
    """A channel whose files have stopped coming: its payers may have paid unseen."""

    channel: str
    channel_ja: str
    last_file_on: date | None

    @property
    def warning_ja(self) -> str:
        """Sentence for the gate of the reminder run."""
        last = f"最後の受領は{self.last_file_on}" if self.last_file_on else "受領なし"
        return f"{self.channel_ja}の収納データが届いていません({last})。納付済みの人に督促するおそれがあります。"


@dataclass(frozen=True, slots=True)
class UnpaidList:
    """督促の候補 with the proviso of channels that are silent."""

    charges: list[UnpaidCharge] = field(default_factory=list)
    silent_channels: list[SilentChannel] = field(default_factory=list)

    @property
    def remindable(self) -> list[UnpaidCharge]:
        """Those with nothing against them."""
        return [charge for charge in self.charges if not charge.holds_ja]


def silent_channels(as_of: date) -> list[SilentChannel]:
    """Channels without a file for longer than their interval (瀬戸の例). A channel never used yet counts as silent."""
    last = dict(
        ReceiptFile.objects.filter(received_on__lte=as_of).values_list("channel").annotate(last=Max("received_on"))
    )
    return [
        SilentChannel(channel, str(Channel(channel).label), last.get(channel))
        for channel, days in sorted(silent_after_days().items())
        if channel not in last or last[channel] < as_of - timedelta(days=days)
    ]


def unpaid_past_due(*, tax_kind: str, due_from: date, due_until: date, as_of: date) -> UnpaidList:
    """Instalments due between two days (both included) with principal open; I7: nobody who paid is reminded.

    Each says whether a preliminary report or an unanswered debit request stands against a reminder; the list says
    which channels are silent. Ordered by party and due date.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT c.id, c.party_id, c.tax_kind_id, c.levy_year, c.tax_year, c.method, c.notice_no, c.instalment_no,
                      c.due_on, b.debit_yen - b.credit_yen,
                      EXISTS (SELECT FROM collection_slipline AS l JOIN collection_slip AS s ON s.id = l.slip_id
                                JOIN collection_receipt AS r ON r.key_kind = 'case' AND r.match_key = s.case_no
                               WHERE l.charge_id = c.id AND r.state = 'preliminary')
                      OR EXISTS (SELECT FROM collection_receipt AS r
                                  WHERE r.state = 'preliminary' AND r.key_kind = 'charge'
                                    AND r.match_key = concat_ws('|', c.tax_kind_id, c.levy_year, c.tax_year, c.method,
                                                                c.notice_no, c.instalment_no)),
                      EXISTS (SELECT FROM collection_debitrequest AS d
                               WHERE d.charge_id = c.id AND d.state = 'requested')
                 FROM collection_charge AS c
                 JOIN collection_account AS a
                   ON a.charge_id = c.id AND a.component = 'principal' AND a.kind = 'receivable'
                 JOIN collection_balance AS b ON b.account_id = a.id
                WHERE c.tax_kind_id = %s AND c.due_on BETWEEN %s AND %s AND c.due_on < %s AND c.state = 'active'
                  AND b.debit_yen > b.credit_yen
                ORDER BY c.party_id, c.due_on, c.id""",
            [tax_kind, due_from, due_until, as_of],
        )
        charges = [UnpaidCharge(*row) for row in cursor.fetchall()]
    return UnpaidList(charges, silent_channels(as_of))


@dataclass(frozen=True, slots=True)
class CollectionTotals:
    """収納の集計 in yen and counts, for the summary table and the dashboard."""

    charges: int
    levied_yen: int
    receipts: int
    received_yen: int
    allocated_yen: int
    suspense_yen: int
    overpaid_yen: int
    open_yen: int


def collection_totals(*, tax_kind: str | None = None, tax_year: int | None = None) -> CollectionTotals:
    """Totals over everything, or over one tax kind and year (then receipts are those allocated to it)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH wanted AS (SELECT id, amount_yen FROM collection_charge
                     WHERE (%(kind)s::text IS NULL OR tax_kind_id = %(kind)s)
                       AND (%(year)s::int IS NULL OR tax_year = %(year)s))
               SELECT (SELECT count(*) FROM wanted WHERE amount_yen > 0),
                      (SELECT coalesce(sum(amount_yen), 0)::bigint FROM wanted),
                      (SELECT count(*) FROM collection_receipt AS r WHERE r.state = 'confirmed' AND (%(all)s OR EXISTS (
                              SELECT FROM collection_allocation AS x
                                WHERE x.receipt_id = r.id AND x.charge_id IN (SELECT id FROM wanted)))),
                      (SELECT coalesce(sum(amount_yen), 0)::bigint FROM collection_receipt AS r
                        WHERE r.state = 'confirmed' AND (%(all)s OR EXISTS (
                              SELECT FROM collection_allocation AS x
                                WHERE x.receipt_id = r.id AND x.charge_id IN (SELECT id FROM wanted)))),
                      (SELECT coalesce(sum(yen), 0)::bigint FROM collection_allocation
                        WHERE charge_id IN (SELECT id FROM wanted)),
                      (SELECT coalesce(sum(remaining_yen), 0)::bigint FROM collection_suspense),
                      (SELECT coalesce(sum(remaining_yen), 0)::bigint FROM collection_overpayment
                        WHERE charge_id IN (SELECT id FROM wanted)),
                      (SELECT coalesce(sum(b.debit_yen - b.credit_yen), 0)::bigint FROM collection_balance AS b
                         JOIN collection_account AS a ON a.id = b.account_id
                        WHERE b.kind = 'receivable' AND a.charge_id IN (SELECT id FROM wanted))""",
            {"kind": tax_kind, "year": tax_year, "all": tax_kind is None and tax_year is None},
        )
        return CollectionTotals(*cursor.fetchone())
