"""Reading papers of the platform back: the text of a PDF, and the codes printed on its pages."""

import pypdfium2 as pdfium
import zxingcpp


def pdf_text(content: bytes) -> str:
    """The text of all pages, line ends kept."""
    return "\n".join(page.get_textpage().get_text_bounded() for page in pdfium.PdfDocument(content))


def pdf_codes(content: bytes) -> list[str]:
    """What a reader sees in the bar codes of all pages."""
    images = (page.render(scale=3).to_pil() for page in pdfium.PdfDocument(content))
    return [code.text for image in images for code in zxingcpp.read_barcodes(image)]
