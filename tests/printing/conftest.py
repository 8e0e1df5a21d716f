"""Fonts and rendering shared by the printing tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
import pytest
import zxingcpp
from django.conf import settings
from PIL import Image

from taxsys.platform.printing import fonts as font_module
from taxsys.platform.printing.engine import Book
from taxsys.platform.printing.fonts import FontSet
from taxsys.platform.printing.pieces import Drawer

FONT_CACHE = Path(settings.BASE_DIR) / "var" / "fonts"


@pytest.fixture(scope="session")
def fonts() -> dict[str, FontSet]:
    return font_module.load(FONT_CACHE)


@pytest.fixture
def draw(fonts: dict[str, FontSet]) -> Callable[..., bytes]:
    def drawn(drawer: Drawer, *papers: object) -> bytes:
        book = Book(title="試験", fonts=fonts)
        for paper in papers:
            drawer.draw(book, paper)
        return book.finish()

    return drawn


def page_texts(pdf: bytes) -> list[str]:
    document = pdfium.PdfDocument(pdf)
    return [document[n].get_textpage().get_text_range() for n in range(len(document))]


def flat(text: str) -> str:
    """Text without line breaks and spaces, as a wrapped cell is still the same data."""
    return "".join(text.split())


def render(pdf: bytes, page: int = 0, *, dpi: int = 300, one_bit: bool = False) -> Image.Image:
    image = pdfium.PdfDocument(pdf)[page].render(scale=dpi / 72, grayscale=True).to_pil()
    if one_bit:
        bits = np.where(np.asarray(image) < 128, 0, 255).astype(np.uint8)
        image = Image.fromarray(bits)
    return image


def decoded(image: Image.Image) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for code in zxingcpp.read_barcodes(image):
        found.setdefault(code.symbology_identifier, []).append(code.text)
    return found


def decoded_strips(image: Image.Image) -> dict[str, list[str]]:
    """Codes of the three strips of an A4 page, each strip seen alone as it lies under a till's reader."""
    found: dict[str, list[str]] = {}
    height = image.size[1] // 3
    for strip in range(3):
        part = image.crop((0, strip * height, image.size[0], (strip + 1) * height))
        for kind, texts in decoded(part).items():
            found.setdefault(kind, []).extend(texts)
    return found
