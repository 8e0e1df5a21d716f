"""納付書・領収証書の作成 (papers of one case at the desk): what the books say, drawn by the forms of this shelf."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings

from addressbook.disclosure import address_for, names_for
from addressbook.models import Party
from collection.models import Component, Receipt, Slip
from collection.papers.payment_slip import CounterReceiptDrawer, PaymentSlipDrawer
from collection.papers.payment_slip_data import CounterReceipt, PaymentSlip
from collection.search import instalment_text
from collection.selectors.desk import ReceiptPart
from taxsys.platform.files.payloads.el_number import TEST_ONLY, ElNumber, qr_payload
from taxsys.platform.printing.engine import Book
from taxsys.platform.printing.issuers import office, payee_name

QR_VERSION = "local-v1"
SLIP_OUTPUT, RECEIPT_OUTPUT = "collection.slip", "collection.receipt"


def slip_paper(slip: Slip, party: Party) -> PaymentSlip:
    """One strip of a slip. The address of a protected person is left out (N-088)."""
    desk = office("collection")
    number = ElNumber(slip.el_municipality_code, slip.el_item_code, slip.el_case_key, slip.el_confirm_no)
    line = slip.lines.select_related("charge__tax_kind").order_by("pk")[0]
    charge = line.charge
    address = address_for(party.id, output=SLIP_OUTPUT)
    # The test builder's code is not printed in production; the eL number below it works everywhere.
    hides_qr = settings.TAXSYS_PROFILE == "production" and QR_VERSION in TEST_ONLY
    return PaymentSlip(
        municipality_name=desk.municipality_name,
        payee_name=payee_name(),
        tax_name=charge.tax_kind.title,
        tax_year=charge.tax_year,
        instalment_label=instalment_text(charge),
        notice_no=slip.notice_no,
        slip_no=slip.case_no,
        payer_name=names_for([party.id], output=SLIP_OUTPUT)[party.id],
        due_on=charge.due_on,
        pay_until=slip.valid_until,
        tax_yen=line.principal_yen,
        late_interest_yen=line.late_interest_yen,
        fee_yen=line.reminder_fee_yen,
        payer_address="" if address.is_protected or address.is_masked else address.text,
        cvs44=slip.cvs_barcode,
        el_number=(slip.el_municipality_code, slip.el_item_code, slip.el_case_key, slip.el_confirm_no),
        qr_payload="" if hides_qr else qr_payload(number, amount_yen=slip.amount_yen),
        qr_is_test=QR_VERSION in TEST_ONLY,
        contact=f"{desk.section}　電話 {desk.phone}",
    )


def slip_pdf(slip: Slip, party: Party) -> bytes:
    """PDF of one slip."""
    drawer = PaymentSlipDrawer()
    book = Book(title=drawer.title_ja)
    drawer.draw(book, [slip_paper(slip, party)])
    return bytes(book.finish())


def counter_receipt_pdf(receipt: Receipt, parts: Sequence[ReceiptPart], party: Party) -> bytes:
    """PDF of the receipt given at the counter; what was taken beyond the claim is part of its total and is told."""
    desk = office("collection")
    charge = parts[0].charge
    by_part = dict.fromkeys(Component, 0)
    for part in parts:
        by_part[next(c for c in Component if str(c.label) == part.component_ja)] += part.yen
    excess = receipt.amount_yen - sum(by_part.values())
    paper = CounterReceipt(
        municipality_name=desk.municipality_name,
        payee_name=payee_name(),
        tax_name=charge.tax_kind.title,
        tax_year=charge.tax_year,
        instalment_label=instalment_text(charge),
        notice_no=charge.notice_no,
        receipt_no=f"{receipt.pk:09d}",
        payer_name=names_for([party.id], output=RECEIPT_OUTPUT)[party.id],
        received_on=receipt.paid_on,
        tax_yen=by_part[Component.PRINCIPAL] + excess,
        late_interest_yen=by_part[Component.LATE_INTEREST] + by_part[Component.PENALTY],
        fee_yen=by_part[Component.REMINDER_FEE],
        till_name=desk.section,
        note=f"うち{excess:,}円は納め過ぎです。後日還付します。" if excess else "",
    )
    drawer = CounterReceiptDrawer()
    book = Book(title=drawer.title_ja)
    drawer.draw(book, paper)
    return bytes(book.finish())
