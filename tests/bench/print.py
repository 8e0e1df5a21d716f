"""Pages per second of the print engine against a naive reportlab drawing of the same pages, in the same run.

    DJANGO_SETTINGS_MODULE=taxsys.settings.embedded python -m tests.bench.print [pieces [naive pieces]]

The naive drawing takes the very texts, lines and codes that the engine placed, and sets each by drawString, rect,
line, reportlab's own QR widget and its own Code 128 on every page: no form XObjects, no caches. Fonts are loaded
before the clock starts in both. Every code of a sample of the pages is decoded at 300 dpi.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import django
from django.conf import settings
from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.code128 import Code128
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from collection.papers.payment_slip import PaymentSlipDrawer
from taxsys.platform.printing import engine, fonts
from taxsys.platform.printing.fitting import MM
from tests.printing import samples

FONTS: dict[str, fonts.FontSet] = {}


class _Tape(engine.Sheet):
    """Remembers what is drawn on a sheet so that the naive drawing can repeat it."""

    calls: list[tuple[str, tuple[object, ...]]]

    def text(self, x, y, text, *, size=9, align="l", bold=False):  # type: ignore[no-untyped-def]
        if text:
            _tape(self).append(("text", (x, y, text, size, align, bold)))
        return super().text(x, y, text, size=size, align=align, bold=bold)

    def rect(self, box, *, line=0.4, gray=None):  # type: ignore[no-untyped-def]
        _tape(self).append(("rect", (*box, line)))
        super().rect(box, line=line, gray=gray)

    def line(self, x0, y0, x1, y1, *, width=0.4, dash=None):  # type: ignore[no-untyped-def]
        _tape(self).append(("line", (x0, y0, x1, y1, width)))
        super().line(x0, y0, x1, y1, width=width, dash=dash)

    def gs1_128(self, x, y, digits, *, height=10.0):  # type: ignore[no-untyped-def]
        _tape(self).append(("bars", (x, y, digits, height)))
        return super().gs1_128(x, y, digits, height=height)

    def qr(self, x, y, text, *, dots=4, level="M"):  # type: ignore[no-untyped-def]
        _tape(self).append(("qr", (x, y, text)))
        return super().qr(x, y, text, dots=dots, level=level)

    def use(self, name, dx=0.0, dy=0.0):  # type: ignore[no-untyped-def]
        _tape(self).append(("use", (name, dx, dy)))
        super().use(name, dx, dy)


def _tape(sheet: engine.Sheet) -> list:
    if not hasattr(sheet, "calls"):
        sheet.calls = []
    return sheet.calls


class _TapeBook(engine.Book):
    """A book whose sheets are taped."""

    def __init__(self) -> None:
        super().__init__(title="tape", fonts=FONTS)
        self.statics: dict[str, list] = {}
        self.pages: list[list] = []

    def page(self, size=engine.A4):  # type: ignore[no-untyped-def]
        sheet = _Tape(self, size)
        self.pages.append(_tape(sheet))
        return sheet

    def static(self, name, size, draw):  # type: ignore[no-untyped-def]
        if name not in self.statics:
            sheet = _Tape(self, size)
            draw(sheet)
            self.statics[name] = _tape(sheet)
        return super().static(name, size, draw)


def _flatten(calls: list, statics: dict[str, list]) -> list:
    out = []
    for kind, args in calls:
        if kind != "use":
            out.append((kind, args))
            continue
        name, dx, dy = args
        for inner, values in statics[name]:
            moved = list(values)
            moved[0] += dx
            moved[1] += dy
            if inner == "line":
                moved[2] += dx
                moved[3] += dy
            out.append((inner, tuple(moved)))
    return out


def _naive_page(canvas: Canvas, calls: list, height: float) -> None:
    for kind, args in calls:
        if kind == "text":
            x, y, text, size, align, bold = args
            canvas.setFont("NaiveBold" if bold else "Naive", size)
            draw = {"l": canvas.drawString, "r": canvas.drawRightString, "c": canvas.drawCentredString}[align]
            draw(x * MM, height - y * MM, text)
        elif kind == "rect":
            x, y, w, h, line = args
            canvas.setLineWidth(line)
            canvas.rect(x * MM, height - (y + h) * MM, w * MM, h * MM)
        elif kind == "line":
            x0, y0, x1, y1, width = args
            canvas.setLineWidth(width)
            canvas.line(x0 * MM, height - y0 * MM, x1 * MM, height - y1 * MM)
        elif kind == "bars":
            x, y, digits, tall = args
            code = Code128("\xf1" + digits, barHeight=tall * MM, barWidth=0.48, quiet=0)
            code.drawOn(canvas, x * MM, height - (y + tall) * MM)
        elif kind == "qr":
            x, y, text = args
            widget = QrCodeWidget(text, barLevel="M", barWidth=40, barHeight=40, barBorder=0)
            drawing = Drawing(40, 40)
            drawing.add(widget)
            renderPDF.draw(drawing, canvas, x * MM, height - y * MM - 40)
    canvas.showPage()


def _pieces(count: int) -> list:
    """One slip with bar code and QR on each page."""
    return [[replace(samples.slip(1 + n % 4), slip_no=f"S{n:09d}", notice_no=f"R8-10-{n:07d}")] for n in range(count)]


def _engine(papers: list) -> bytes:
    book = engine.Book(title="bench", fonts=FONTS)
    drawer = PaymentSlipDrawer()
    for paper in papers:
        drawer.draw(book, paper)
    return book.finish()


def _naive(pages: list) -> bytes:
    buffer = BytesIO()
    canvas = Canvas(buffer, invariant=1, pageCompression=1)
    for calls in pages:
        _naive_page(canvas, calls, engine.A4[1] * MM)
    canvas.save()
    return buffer.getvalue()


def _seconds(run: Callable[[], bytes]) -> tuple[float, bytes]:
    gc.collect()
    started = time.perf_counter()
    content = run()
    return time.perf_counter() - started, content


def _decoded(content: bytes, papers: list, every: int) -> tuple[int, int]:
    import pypdfium2 as pdfium
    import zxingcpp

    document = pdfium.PdfDocument(content)
    right = total = 0
    for number in range(0, len(papers), every):
        image = document[number].render(scale=300 / 72, grayscale=True).to_pil()
        texts = {code.text for code in zxingcpp.read_barcodes(image)}
        slip = papers[number][0]
        total += 2
        right += (f"(91){slip.cvs44[2:]}" in texts) + (slip.qr_payload in texts)
    return right, total


def main() -> None:
    """Measure and print one line each."""
    django.setup()
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    FONTS.update(fonts.load(Path(settings.BASE_DIR) / "var" / "fonts"))
    for name, weight in (("Naive", "regular"), ("NaiveBold", "bold")):
        pdfmetrics.registerFont(TTFont(name, str(FONTS[weight].body.path)))
    papers = _pieces(count)
    fast_s, content = _seconds(lambda: _engine(papers))
    tape = _TapeBook()
    drawer = PaymentSlipDrawer()
    naive_count = int(sys.argv[2]) if len(sys.argv) > 2 else count
    for paper in papers[:naive_count]:
        drawer.draw(tape, paper)
    pages = [_flatten(calls, tape.statics) for calls in tape.pages]
    naive_s, naive = _seconds(lambda: _naive(pages))
    fast_rate, naive_rate = count / fast_s, naive_count / naive_s
    right, total = _decoded(content, papers, max(1, count // 50))
    print(f"print: engine       {fast_rate:8.0f} pages/s  {len(content) / count:7.0f} bytes/page  ({count} pages)")
    print(f"print: naive        {naive_rate:8.0f} pages/s  {len(naive) / naive_count:7.0f} bytes/page  ({naive_count})")
    print(f"print: ratio        {fast_rate / naive_rate:8.1f} x naive   (target 20)")
    print(f"print: codes read at 300 dpi {right}/{total}")


if __name__ == "__main__":
    main()
