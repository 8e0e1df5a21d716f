"""一通の切り出し (the pages of one piece out of the stored file of its part: the very pages that are printed)."""

from __future__ import annotations

from io import BytesIO

import pypdfium2 as pdfium

from taxsys.platform.printing import store
from taxsys.platform.printing.models import PrintItem


def piece_pdf(item: PrintItem) -> bytes:
    """一通のPDF. Raises PackageRefused when the stored file is gone or was changed."""
    part = item.package.parts.get(part_no=item.part_no)
    source = pdfium.PdfDocument(store.read_checked(part.pdf_path, part.pdf_sha256))
    cut = pdfium.PdfDocument.new()
    try:
        cut.import_pages(source, list(range(item.first_page - 1, item.first_page - 1 + item.pages)))
        buffer = BytesIO()
        cut.save(buffer)
        return buffer.getvalue()
    finally:
        cut.close()
        source.close()
