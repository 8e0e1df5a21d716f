"""督促状の一通 (pieces of the reminder card): reminder, ledger and slip in one, loaded set-based. L-CL-02, N-098."""

from collections.abc import Sequence
from datetime import date

from addressbook.mailing import Mailing, mailings_for
from collection.papers.payment_slip_data import PaymentSlip
from collection.papers.slip_rows import Payer, instalment_label, slips_of_charges
from delinquency.errors import ReminderRefused
from delinquency.models import Reminder, ReminderState
from delinquency.papers.reminder_data import ReminderCard
from delinquency.params import reminder_laws
from delinquency.selectors.claims import open_now
from delinquency.services.reminders import reminder_withdraw
from taxsys.platform.printing import issuers
from taxsys.platform.printing.models import PrintPackage
from taxsys.platform.printing.pieces import PrintPiece, Subject
from taxsys.platform.printing.services import item_pull

KIND = "reminder"
SETTLED = "発送前に納付・減額があった"
DESK = "delinquency"


def reminder_keys(issued_on: date) -> list[str]:
    """督促番号 of every reminder issued on the day whose claim is still open to that amount, in order (I7)."""
    return [no for no, is_open in _issued_on(issued_on) if is_open]


def reminders_settled(issued_on: date) -> list[str]:
    """督促番号 of those issued on the day whose claim has been paid or reduced since: they are not sent."""
    return [no for no, is_open in _issued_on(issued_on) if not is_open]


def _issued_on(issued_on: date) -> list[tuple[str, bool]]:
    rows = list(
        Reminder.objects.filter(issued_on=issued_on, state=ReminderState.ISSUED)
        .order_by("reminder_no")
        .values_list("reminder_no", "charge_id", "unpaid_yen")
    )
    standing = open_now([charge_id for _no, charge_id, _yen in rows])
    return [(no, standing.get(charge_id) == yen) for no, charge_id, yen in rows]


def cards_leave(package: PrintPackage | None, issued_on: date, *, actor: str) -> int:
    """The package is let go: a card whose claim was settled after it was made is pulled, and its reminder withdrawn
    because it never left the house. Returns how many.
    """
    settled = reminders_settled(issued_on)
    made = set(package.items.filter(item_key__in=settled).values_list("item_key", flat=True)) if package else set()
    for no in settled:
        if package and no in made:
            item_pull(package.pk, no, actor=actor, reason=SETTLED)
        reminder_withdraw(Reminder.objects.get(reminder_no=no).pk, reason_ja=SETTLED)
    return len(settled)


def reminder_pieces(keys: Sequence[str]) -> list[PrintPiece]:
    """督促状の通 for these numbers, in order. Raises ReminderRefused for one that is not in force any more."""
    rows = {
        row.reminder_no: row
        for row in Reminder.objects.filter(reminder_no__in=keys, state=ReminderState.ISSUED).select_related(
            "charge", "charge__tax_kind", "run"
        )
    }
    missing = [key for key in keys if key not in rows]
    if missing:
        raise ReminderRefused(f"督促 {missing[0]} は取り消されています。対象を抽出し直してください。")
    wanted = [rows[key] for key in keys]
    mailings = _mailings(wanted)
    slips = slips_of_charges(
        [row.charge_id for row in wanted],
        {row.charge_id: Payer(mailings[row.pk].taxpayer_name) for row in wanted},
    )
    return [_piece(row, mailings[row.pk], slips.get(row.charge_id, ())) for row in wanted]


def _mailings(rows: Sequence[Reminder]) -> dict[int, Mailing]:
    by_group: dict[tuple[str, date], list[Reminder]] = {}
    for row in rows:
        by_group.setdefault((row.charge.tax_kind_id, row.run.issued_on), []).append(row)
    found: dict[int, Mailing] = {}
    for (tax_kind, on), group in by_group.items():
        mailings = mailings_for(sorted({row.party_id for row in group}), tax_kind=tax_kind, on=on)
        found |= {row.pk: mailings[row.party_id] for row in group}
    return found


def _piece(row: Reminder, mailing: Mailing, slips: Sequence[PaymentSlip]) -> PrintPiece:
    paper = reminder_card(row, mailing, slips)
    slip = paper.slip
    return PrintPiece(
        item_key=row.reminder_no,
        addressee=mailing.addressee,
        notice_no=row.charge.notice_no,
        tax_year=row.charge.tax_year,
        paper=paper,
        ocr_lines=slip.ocr_lines if slip else (),
        cvs44=slip.cvs44 if slip else "",
        el_number="-".join(slip.el_number) if slip and slip.el_number else "",
        qr_payload=slip.qr_payload if slip else "",
        amount_yen=row.total_yen,
        subjects=(Subject(str(row.party_id), row.reminder_no),),
    )


def reminder_card(row: Reminder, mailing: Mailing, slips: Sequence[PaymentSlip]) -> ReminderCard:
    """督促状のデータ of one reminder. Raises ReminderRefused where its slip is missing or asks for another amount."""
    if len(slips) != 1 or (slips[0].tax_yen, slips[0].fee_yen) != (row.unpaid_yen, row.fee_yen):
        raise ReminderRefused(
            f"督促 {row.reminder_no} の納付書がないか、金額が督促額と一致しません。納付書を確かめてください。"
        )
    if row.issued_on is None:
        raise ReminderRefused(f"督促 {row.reminder_no} は発付されていません。")
    charge, slip = row.charge, slips[0]
    return ReminderCard(
        addressee=mailing.addressee,
        office=issuers.office(DESK),
        appeal=issuers.appeal(),
        reminder_no=row.reminder_no,
        notice_no=charge.notice_no,
        tax_name=charge.tax_kind.title,
        tax_year=charge.tax_year,
        instalment_label=instalment_label(charge.method, charge.instalment_no),
        due_on=row.due_on,
        issued_on=row.issued_on,
        pay_until=slip.pay_until,
        unpaid_yen=row.unpaid_yen,
        fee_yen=row.fee_yen,
        seizure_law=reminder_laws()[charge.tax_kind_id].seizure,
        slip=slip,
    )
