"""What a reader finds in whatever the house puts out: pages, PDFs, tables, archives, JSON — as one flat text."""

import html
import io
import re
import unicodedata
import zipfile

import pypdfium2 as pdfium

_TAGS = re.compile(r"<[^>]*>")
_ENCODINGS = ("utf-8", "cp932", "utf-16")


def flat(text: str) -> str:
    """Width, spaces and line breaks folded: a wrapped or half-width address is still the address."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def pdf_pages(content: bytes) -> list[str]:
    """The text of each page."""
    document = pdfium.PdfDocument(content)
    return [flat(document[n].get_textpage().get_text_range()) for n in range(len(document))]


def read(content: bytes) -> str:
    """Everything a person or a program could read in these bytes, attributes and scripts of a page included."""
    if content.startswith(b"%PDF"):
        return "".join(pdf_pages(content))
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "".join(read(archive.read(name)) for name in archive.namelist())
    for encoding in _ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        plain = html.unescape(text.encode().decode("unicode_escape", "ignore") if "\\u" in text else text)
        return flat(text) + flat(html.unescape(text)) + flat(_TAGS.sub("", plain))
    return flat(content.decode("latin-1"))


def found_in(text: str, wanted: tuple[str, ...]) -> list[str]:
    """Which of the wanted strings stand in the text."""
    return [one for one in wanted if flat(one) in text]
