"""納付書・領収証書の作成 (papers of one case at the desk): what the books say, drawn by the forms of this shelf."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.conf import settings

from addressbook.disclosure import address_for, names_for
from addressbook.models import Party
from collection.models import Component, Receipt, Slip, SlipLine
from collection.papers.payment_slip import CounterReceiptDrawer, PaymentSlipDrawer
from collection.papers.payment_slip_data import CounterReceipt, PaymentSlip
from collection.papers.slip_rows import QR_VERSION, Counter, Payer, slip_of
from collection.search import instalment_text
from collection.selectors.desk import ReceiptPart
from taxsys.platform.files.payloads.el_number import TEST_ONLY
from taxsys.platform.printing.engine import Book
from taxsys.platform.printing.issuers import office, payee_name

SLIP_OUTPUT, RECEIPT_OUTPUT = "collection.slip", "collection.receipt"


def slip_papers(slips: Sequence[Slip], party: Party) -> list[PaymentSlip]:
    """The strips of slips of one person. The address of a protected person is left out (N-088).

    The test builder's QR is not printed in production; the eL number below it works everywhere.
    """
    desk = office("collection")
    address = address_for(party.id, output=SLIP_OUTPUT)
    payer = Payer(
        names_for([party.id], output=SLIP_OUTPUT)[party.id],
        "" if address.is_protected or address.is_masked else address.text,
    )
    counter = Counter(desk.municipality_name, payee_name(), f"{desk.section}　電話 {desk.phone}")
    hides_qr = settings.TAXSYS_PROFILE == "production" and QR_VERSION in TEST_ONLY
    lines = SlipLine.objects.filter(slip__in=slips).select_related("slip", "charge", "charge__tax_kind").order_by(
        "charge__due_on", "charge__instalment_no", "pk"
    )  # fmt: skip
    by_slip: dict[int, list[SlipLine]] = {slip.pk: [] for slip in slips}
    for line in lines:
        by_slip[line.slip_id].append(line)
    papers = [slip_of(group, payer, counter, is_production=False) for group in by_slip.values()]
    return [replace(one, qr_payload="") for one in papers] if hides_qr else papers


def slips_pdf(slips: Sequence[Slip], party: Party) -> bytes:
    """PDF of slips of one person, three on a page."""
    drawer = PaymentSlipDrawer()
    book = Book(title=drawer.title_ja)
    drawer.draw(book, slip_papers(slips, party))
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
