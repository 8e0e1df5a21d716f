"""Draws the rendered example of every form into docs/forms (fictional data).

python -m tests.printing.examples
"""

from __future__ import annotations

from pathlib import Path

import django
import pypdfium2 as pdfium
from django.conf import settings

from assessment.amendments.papers.relief_notice import ReliefNoticeDrawer
from assessment.resident.papers.filing_request import FilingRequestDrawer
from assessment.resident.papers.tax_notice import TaxNoticeDrawer
from assessment.resident.papers.withholding import WithheldTaxpayerNoticeDrawer, WithholderNoticeDrawer
from assessment.withholders.papers.privilege_notice import PrivilegeNoticeDrawer
from certificates.papers.tax_certificate import TaxCertificateDrawer
from collection.papers.debit_letter import DebitLetterDrawer
from collection.papers.difference_letter import DifferenceLetterDrawer
from collection.papers.payment_slip import CounterReceiptDrawer, PaymentSlipDrawer
from collection.papers.prefecture_paper import FeePaperDrawer, PrefecturePaperDrawer
from collection.papers.refund_letter import RemittanceNoticeDrawer
from collection.papers.refund_notice import RefundNoticeDrawer
from delinquency.papers.reminder import ReminderDrawer
from taxsys.platform.printing.engine import Book
from tests.printing import samples

EXAMPLES = {
    "tax_notice": (TaxNoticeDrawer(), samples.pensioner_notice(slips=())),
    "payment_slip": (PaymentSlipDrawer(), [samples.slip(n) for n in (1, 2, 3)]),
    "counter_receipt": (CounterReceiptDrawer(), samples.RECEIPT),
    "withholder_notice": (WithholderNoticeDrawer(), samples.withholder_notice(8)),
    "withheld_taxpayer_notice": (WithheldTaxpayerNoticeDrawer(), samples.taxpayer_notice()),
    "privilege_notice": (PrivilegeNoticeDrawer(), samples.privilege_notice()),
    "relief_notice": (ReliefNoticeDrawer(), samples.relief_notice()),
    "difference_letter": (DifferenceLetterDrawer(), samples.difference_letter()),
    "remittance_statement": (PrefecturePaperDrawer(), samples.prefecture_paper()),
    "fee_claim": (FeePaperDrawer(), samples.fee_paper()),
    "filing_request": (FilingRequestDrawer(), samples.filing_request()),
    "reminder": (ReminderDrawer(), samples.reminder()),
    "refund_notice": (RefundNoticeDrawer(), samples.refund_notice()),
    "remittance_notice": (RemittanceNoticeDrawer(), samples.remittance_notice()),
    "debit_letter": (DebitLetterDrawer(), samples.debit_letter()),
    "tax_certificate": (TaxCertificateDrawer(), samples.certificate()),
}
LIMIT_BYTES = 150_000


def main() -> None:
    """Write one picture for each page of each example."""
    django.setup()
    folder = Path(settings.BASE_DIR) / "docs" / "forms"
    folder.mkdir(parents=True, exist_ok=True)
    for name, (drawer, paper) in EXAMPLES.items():
        book = Book(title=drawer.title_ja)
        drawer.draw(book, paper)
        document = pdfium.PdfDocument(book.finish())
        for page in range(len(document)):
            suffix = f"_{page + 1}" if len(document) > 1 else ""
            path = folder / f"{name}{suffix}.png"
            image = document[page].render(scale=1.6, grayscale=True).to_pil().quantize(16)
            image.save(path, optimize=True)
            if path.stat().st_size > LIMIT_BYTES:
                raise SystemExit(f"{path} is larger than {LIMIT_BYTES} bytes")


if __name__ == "__main__":
    main()
