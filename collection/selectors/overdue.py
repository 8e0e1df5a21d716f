"""納期限を過ぎた未納の期別 (overdue charges), what speaks against reminding now, and the cut-off of receipts.

Nobody who has paid is reminded (the case of 66 reminders to people who had paid): a report not yet confirmed, a debit
request without its answer, a deferment, money that lies in suspense and a file that has not been posted each stand in
the way, and each says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Max

from collection.models import FORMAT_CHANNELS, Channel, ReceiptFile
from collection.paid_slips.models import BatchState, SlipBatch
from collection.params import silent_after_days
from taxsys.platform.files.models import ReceivedFile


@dataclass(frozen=True, slots=True)
class OverdueCharge:
    """督促の候補: an instalment past due with principal open as the books stand, and what speaks against reminding now.

    `has_report`: 速報 only, not confirmed. `has_running_debit`: a debit request without result. `deferred_until`: last
    day of a deferment in force on the day asked for. `held_yen`: money for it that lies in suspense.
    """

    charge_id: int
    party_id: UUID
    tax_kind: str
    levy_year: int
    tax_year: int
    method: str
    notice_no: str
    instalment_no: int
    due_on: date
    statutory_due_on: date
    open_yen: int
    has_report: bool
    has_running_debit: bool
    deferred_until: date | None
    held_yen: int

    @property
    def holds_ja(self) -> tuple[str, ...]:
        """Reasons not to remind yet, in office words."""
        found = (
            ("速報あり", self.has_report),
            ("口座振替の結果待ち", self.has_running_debit),
            ("猶予期間中", self.deferred_until is not None),
            ("仮受金あり", self.held_yen > 0),
        )
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
class ReceiptCutOff:
    """収納の締め on a day: receipts received = posted + suspense + overpaid, and the files nobody has posted yet."""

    received_yen: int
    allocated_yen: int
    suspense_yen: int
    overpaid_yen: int
    unposted_files: tuple[tuple[str, str], ...] = ()

    @property
    def difference_yen(self) -> int:
        """What was received and is nowhere; must be 0."""
        return self.received_yen - self.allocated_yen - self.suspense_yen - self.overpaid_yen

    @property
    def is_clean(self) -> bool:
        """Whether every file is posted and every yen found."""
        return self.difference_yen == 0 and not self.unposted_files


@dataclass(frozen=True, slots=True)
class OverdueList:
    """督促の候補 with the provisos: silent channels and the cut-off of receipts."""

    cut_off: ReceiptCutOff
    charges: list[OverdueCharge] = field(default_factory=list)
    silent_channels: list[SilentChannel] = field(default_factory=list)

    @property
    def remindable(self) -> list[OverdueCharge]:
        """Those with nothing against them."""
        return [charge for charge in self.charges if not charge.holds_ja]


# The charge a receipt names: by its slip, by its debit request, or by the charge's own key.
RECEIPT_CHARGES = """
    SELECT r.id AS receipt_id, l.charge_id
      FROM collection_receipt AS r JOIN collection_slip AS s ON s.case_no = r.match_key
      JOIN collection_slipline AS l ON l.slip_id = s.id
     WHERE r.key_kind = 'case' AND r.id IN (SELECT id FROM waiting)
    UNION
    SELECT r.id, d.charge_id
      FROM collection_receipt AS r JOIN collection_debitrequest AS d ON d.customer_number = r.match_key
     WHERE r.key_kind = 'customer' AND r.id IN (SELECT id FROM waiting)
    UNION
    SELECT r.id, c.id
      FROM (SELECT id, string_to_array(match_key, '|') AS k FROM collection_receipt
             WHERE key_kind = 'charge' AND id IN (SELECT id FROM waiting)) AS r
      JOIN collection_charge AS c ON c.notice_no = r.k[5] AND c.tax_kind_id = r.k[1] AND c.levy_year::text = r.k[2]
           AND c.tax_year::text = r.k[3] AND c.method = r.k[4] AND c.instalment_no::text = r.k[6]"""

_OVERDUE = f"""
    WITH waiting AS (
         SELECT id FROM collection_receipt WHERE state = 'preliminary'
         UNION SELECT receipt_id FROM collection_suspense WHERE remaining_yen > 0),
    named AS MATERIALIZED ({RECEIPT_CHARGES}),
    noted AS MATERIALIZED (
         SELECT n.charge_id, bool_or(r.state = 'preliminary') AS has_report,
                coalesce(sum(s.yen), 0)::bigint AS held_yen
           FROM named AS n JOIN collection_receipt AS r ON r.id = n.receipt_id
           LEFT JOIN (SELECT receipt_id, sum(remaining_yen) AS yen FROM collection_suspense GROUP BY receipt_id) AS s
                  ON s.receipt_id = r.id
          GROUP BY n.charge_id),
    running AS MATERIALIZED (SELECT DISTINCT charge_id FROM collection_debitrequest WHERE state = 'requested'),
    deferred AS MATERIALIZED (
         SELECT charge_id, max(relief_until) AS until FROM collection_interestrelief
          WHERE %(on)s BETWEEN relief_from AND relief_until GROUP BY charge_id)
    SELECT c.id, c.party_id, c.tax_kind_id, c.levy_year, c.tax_year, c.method, c.notice_no, c.instalment_no, c.due_on,
           c.statutory_due_on, b.debit_yen - b.credit_yen, coalesce(n.has_report, false), g.charge_id IS NOT NULL,
           f.until, coalesce(n.held_yen, 0)
      FROM collection_charge AS c
      JOIN collection_account AS a ON a.charge_id = c.id AND a.component = 'principal' AND a.kind = 'receivable'
      JOIN collection_balance AS b ON b.account_id = a.id
      LEFT JOIN noted AS n ON n.charge_id = c.id
      LEFT JOIN running AS g ON g.charge_id = c.id
      LEFT JOIN deferred AS f ON f.charge_id = c.id
     WHERE c.due_on < %(on)s AND c.state = 'active' AND b.debit_yen > b.credit_yen
       AND (%(kind)s::text IS NULL OR c.tax_kind_id = %(kind)s)
       AND (%(from)s::date IS NULL OR c.due_on >= %(from)s) AND (%(until)s::date IS NULL OR c.due_on <= %(until)s)
     ORDER BY c.party_id, c.due_on, c.id"""  # noqa: S608 - a constant of this module


def overdue_charges(
    on: date, *, tax_kind: str | None = None, due_from: date | None = None, due_until: date | None = None
) -> OverdueList:
    """納期限を過ぎた未納 on a day, of one tax kind or all, due between two days (both included) or ever.

    A charge is overdue from the day after its due date. Everything is read in one statement over all charges; ordered
    by party and due date. What is open is the ledger's balance now; a payment that is known but not posted (速報, 仮受,
    口座振替中) stands on the row, what is not known at all stands on the list (`cut_off`, `silent_channels`).
    地方税法329条・371条ほか, R-115.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OVERDUE, {"on": on, "kind": tax_kind, "from": due_from, "until": due_until})
        charges = [OverdueCharge(*row) for row in cursor.fetchall()]
    return OverdueList(receipt_cut_off(on), charges, silent_channels(on))


def receipt_cut_off(on: date) -> ReceiptCutOff:
    """収納の締め: confirmed receipts up to a day against what was posted, and collection files still unposted."""
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH wanted AS (SELECT id, amount_yen FROM collection_receipt
                                WHERE state = 'confirmed' AND account_on <= %s)
               SELECT (SELECT coalesce(sum(amount_yen), 0)::bigint FROM wanted),
                      (SELECT coalesce(sum(yen), 0)::bigint FROM collection_allocation
                        WHERE receipt_id IN (SELECT id FROM wanted)),
                      (SELECT coalesce(sum(remaining_yen), 0)::bigint FROM collection_suspense
                        WHERE receipt_id IN (SELECT id FROM wanted)),
                      (SELECT coalesce(sum(yen), 0)::bigint FROM collection_overpayment
                        WHERE cause <> 'levy_reduced' AND receipt_id IN (SELECT id FROM wanted))""",
            [on],
        )
        received, allocated, held, overpaid = cursor.fetchone()
    waiting = ReceivedFile.objects.filter(
        format__in=FORMAT_CHANNELS, state__in=[ReceivedFile.State.RECEIVED, ReceivedFile.State.STAGED],
        received_on__lte=on,
    )  # fmt: skip
    batches = SlipBatch.objects.filter(state=BatchState.OPEN, account_on__lte=on).order_by("account_on", "batch_no")
    files = (
        *waiting.order_by("received_on", "name").values_list("format", "name"),
        *((f"paid_slips_{batch.kind}", str(batch)) for batch in batches),
    )
    return ReceiptCutOff(received, allocated, held, overpaid, files)


def silent_channels(on: date) -> list[SilentChannel]:
    """Channels without a file for longer than their interval (瀬戸の例). A channel never used yet counts as silent."""
    last = dict(
        ReceiptFile.objects.filter(received_on__lte=on).values_list("channel").annotate(last=Max("received_on"))
    )
    return [
        SilentChannel(channel, str(Channel(channel).label), last.get(channel))
        for channel, days in sorted(silent_after_days().items())
        if channel not in last or last[channel] < on - timedelta(days=days)
    ]
