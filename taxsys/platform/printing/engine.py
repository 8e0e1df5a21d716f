"""帳票エンジン (form engine): static parts once per file as form XObjects, variable parts per page.

Coordinates are millimetres from the upper left corner of the sheet, y of a text is its base line; font sizes are
points. Same calls, same bytes (no clock, no random). One Book is one PDF file.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from io import BytesIO
from typing import NamedTuple

from reportlab.pdfbase import pdfdoc
from reportlab.pdfgen.canvas import Canvas

from taxsys.platform.printing import codes
from taxsys.platform.printing.errors import MissingGlyph
from taxsys.platform.printing.fitting import MM, Fitted, fit, wrap
from taxsys.platform.printing.fonts import Face, FontSet, default_fonts
from taxsys.platform.printing.pdffont import PdfFont

A4 = (210.0, 297.0)
A4_LANDSCAPE = (297.0, 210.0)
A5_LANDSCAPE = (210.0, 148.5)


class Placed(NamedTuple):
    """置いた文字 (where a text was set, mm; kept only by a Book with trace=True)."""

    page: int
    text: str
    x0: float
    y0: float
    x1: float
    y1: float


class StaticPart(NamedTuple):
    """固定部分 (resource name, height in points, texts where traced)."""

    key: str
    height: float
    placed: tuple[Placed, ...]


class Book:
    """一つのPDF (one PDF file): pages, statics, fonts; `finish` gives the bytes."""

    def __init__(
        self, *, title: str, fonts: dict[str, FontSet] | None = None, trace: bool = False, mark: str = ""
    ) -> None:
        self.mark = mark  # a word across every page (見本, プレビュー); "" on what is sent
        self.fonts = fonts or default_fonts()
        self._buffer = BytesIO()
        self._canvas = Canvas(self._buffer, invariant=1, pageCompression=0)
        self._canvas.setTitle(title)
        self._canvas.setAuthor("taxsys")
        self.doc = self._canvas._doc
        self._statics: dict[str, StaticPart] = {}
        self._fonts: dict[int, PdfFont] = {}
        self._xobjects: dict[str, pdfdoc.PDFObjectReference] = {}
        self._resources = pdfdoc.PDFResourceDictionary()
        self._resources.basicFonts()
        self._resources.allProcs()
        self._resources_ref = self.doc.Reference(self._resources, "taxsysResources")
        self.page_count = 0
        self.is_traced = trace
        self.fitted: dict[tuple[str, float, float, float, float, float, bool], Fitted] = {}
        self.placed: list[Placed] = []
        self._owner = ""

    def pdf_font(self, face: Face) -> PdfFont:
        """この書体の埋め込み (the embedding of a face in this file)."""
        found = self._fonts.get(id(face))
        if found is None:
            found = PdfFont(face, f"T{len(self._fonts) + 1}")
            self._fonts[id(face)] = found
            self.doc.delayedFonts.append(found)
        return found

    def page(self, size: tuple[float, float] = A4) -> Sheet:
        """新しい頁 (a new page; closed by `Sheet.close`)."""
        sheet = Sheet(self, size)
        if self.mark:
            for share in (0.3, 0.65):
                sheet.watermark(size[0] * 0.22, size[1] * share, self.mark, size=54)
        return sheet

    def static(self, name: str, size: tuple[float, float], draw: Callable[[Sheet], None]) -> str:
        """固定部分 (draw a static part once per file); returns its name for `Sheet.use`."""
        if name not in self._statics:
            sheet = Sheet(self, size)
            draw(sheet)
            form = pdfdoc.PDFFormXObject(lowerx=0, lowery=0, upperx=sheet.width_pt, uppery=sheet.height_pt)
            form.Contents = _compressed(sheet.content())
            form.Contents.dictionary.dict.update(
                {
                    "Type": pdfdoc.PDFName("XObject"),
                    "Subtype": pdfdoc.PDFName("Form"),
                    "BBox": pdfdoc.PDFArray([0, 0, _num(sheet.width_pt), _num(sheet.height_pt)]),
                    "Resources": self._resources_ref,
                }
            )
            key = f"S{len(self._statics) + 1}"
            self._xobjects[key] = self.doc.Reference(form.Contents, f"static:{name}")
            self._resources.XObject = self._xobjects
            self._statics[name] = StaticPart(key, sheet.height_pt, tuple(sheet.placed))
        return name

    def static_part(self, name: str) -> StaticPart:
        """固定部分 (a static part by name)."""
        return self._statics[name]

    def owner(self, name: str) -> None:
        """これから描く人 (whose piece follows: named by MissingGlyph)."""
        self._owner = name

    def named_missing(self, error: MissingGlyph) -> MissingGlyph:
        """氏名を添えた異常 (the same error, naming the person of the piece)."""
        return error if error.owner else MissingGlyph(error.character, self._owner)

    def add_page(self, sheet: Sheet) -> None:
        """頁を綴じる (bind a finished sheet)."""
        page = pdfdoc.PDFPage()
        page.MediaBox = pdfdoc.PDFArray([0, 0, _num(sheet.width_pt), _num(sheet.height_pt)])
        page.Contents = _compressed(sheet.content())
        page.Resources = self._resources_ref
        page.Trans = None
        self.doc.addPage(page)
        self.placed += sheet.placed
        self.page_count += 1

    def finish(self) -> bytes:
        """PDFの内容 (the bytes of the file). A book has at least one page."""
        self._canvas._doc.SaveToFile(self._buffer, self._canvas)
        return self._buffer.getvalue()


def _num(value: float) -> float | int:
    rounded = round(value, 2)
    return int(rounded) if rounded == int(rounded) else rounded


def _compressed(content: bytes) -> pdfdoc.PDFStream:
    return pdfdoc.PDFStream(
        dictionary=pdfdoc.PDFDictionary({"Filter": pdfdoc.PDFName("FlateDecode")}),
        content=zlib.compress(content, 9),
    )


class Sheet:
    """一枚の紙 (one sheet or static part)."""

    def __init__(self, book: Book, size: tuple[float, float]) -> None:
        self.book = book
        self.size = size
        self.width_pt = size[0] * MM
        self.height_pt = size[1] * MM
        self._graphics: list[str] = []
        self._texts: list[str] = []
        self._font = ""
        self.placed: list[Placed] = []
        self._regular = book.fonts["regular"]
        self._bold = book.fonts["bold"]

    # --- text -------------------------------------------------------------------------------------------------
    def text(self, x: float, y: float, text: str, *, size: float = 9, align: str = "l", bold: bool = False) -> float:
        """一行 (one line at the base line y; align l, c or r about x); returns its width in mm."""
        if not text:
            return 0.0
        fonts = self._bold if bold else self._regular
        body = fonts.body
        try:
            units = sum(map(body.advance.__getitem__, text))
        except KeyError:
            return self._rare(x, y, text, size=size, align=align, fonts=fonts)
        width = units * size / 1000
        left = x * MM
        if align == "r":
            left -= width
        elif align == "c":
            left -= width / 2
        pdf_font = self.book.pdf_font(body)
        pdf_font.chars.update(text)
        self._emit(pdf_font, size, left, self.height_pt - y * MM, text.encode("utf-16-be").hex())
        if self.book.is_traced:
            self._record(text, left, y, width, size)
        return width / MM

    def _rare(self, x: float, y: float, text: str, *, size: float, align: str, fonts: FontSet) -> float:
        try:
            runs = fonts.runs(text)
        except MissingGlyph as error:
            raise self.book.named_missing(error) from None
        width = sum(run.width for run in runs) * size / 1000
        left = x * MM - (width if align == "r" else width / 2 if align == "c" else 0)
        at = left
        for run in runs:
            pdf_font = self.book.pdf_font(run.face)
            self._emit(pdf_font, size, at, self.height_pt - y * MM, pdf_font.codes(run.clusters))
            at += run.width * size / 1000
        if self.book.is_traced:
            self._record(text, left, y, width, size)
        return width / MM

    def _emit(self, pdf_font: PdfFont, size: float, x: float, y: float, codes_hex: str) -> None:
        font = f"/{pdf_font.name} {size:.4g} Tf "
        if font == self._font:
            font = ""
        else:
            self._font = font
        self._texts.append(f"{font}1 0 0 1 {x:.2f} {y:.2f} Tm<{codes_hex}>Tj")

    def _record(self, text: str, left: float, y: float, width: float, size: float) -> None:
        up, down = size * 0.88 / MM, size * 0.12 / MM
        self.placed.append(Placed(self.book.page_count, text, left / MM, y - up, (left + width) / MM, y + down))

    def _width_of(self, bold: bool) -> Callable[[str], float]:
        fonts = self._bold if bold else self._regular

        def width(text: str) -> float:
            try:
                return fonts.width(text)
            except MissingGlyph as error:
                raise self.book.named_missing(error) from None

        return width

    def cell(
        self,
        box: tuple[float, float, float, float],
        text: str,
        *,
        size: float = 9,
        align: str = "l",
        bold: bool = False,
        valign: str = "m",
        min_size: float = 4.0,
        pad: float = 1.0,
        leading: float = 1.2,
    ) -> None:
        """枠の中に収めて書く (set a text inside box = x, y, w, h; shrinks, then wraps). Raises TextDoesNotFit."""
        if not text:
            return
        x, y, w, h = box
        inner_w, inner_h = w - 2 * pad, h - 0.4
        fonts = self._bold if bold else self._regular
        fitted = self._fast_fit(fonts, text, inner_w, inner_h, size)
        if fitted is None:
            fitted = self._fitted((text, inner_w, inner_h, size, min_size, leading, bold))
        step = fitted.size * leading / MM
        block = fitted.size / MM + step * (len(fitted.lines) - 1)
        top = {"t": y + 0.2, "m": y + (h - block) / 2, "b": y + h - 0.2 - block}[valign]
        anchor = {"l": x + pad, "c": x + w / 2, "r": x + w - pad}[align]
        base = top + fitted.size * 0.88 / MM
        for line in fitted.lines:
            self.text(anchor, base, line, size=fitted.size, align=align, bold=bold)
            base += step

    def _fitted(self, wish: tuple[str, float, float, float, float, float, bool]) -> Fitted:
        """割付け (fit one text; standing texts such as the 教示 are fitted once per file)."""
        found = self.book.fitted.get(wish)
        if found is None:
            text, width, height, size, min_size, leading, bold = wish
            found = fit(
                text,
                width_of=self._width_of(bold),
                box_mm=(width, height),
                size=size,
                min_size=min_size,
                leading=leading,
            )
            if len(self.book.fitted) < 2048:
                self.book.fitted[wish] = found
        return found

    @staticmethod
    def _fast_fit(fonts: FontSet, text: str, w: float, h: float, size: float) -> Fitted | None:
        """一行でそのまま入る (the common case: one line of body characters at the wished size)."""
        try:
            units = sum(map(fonts.body.advance.__getitem__, text))
        except KeyError:
            return None
        if units * size <= w * MM * 1000 and size <= h * MM:
            return Fitted(size, (text,))
        return None

    def paragraph(
        self, x: float, y: float, width: float, text: str, *, size: float = 8.5, leading: float = 1.5
    ) -> float:
        """文章 (running text from top y; 禁則処理); returns the y below it."""
        lines = wrap(text, self._width_of(bold=False), width * MM / size * 1000)
        base = y + size * 0.88 / MM
        for line in lines:
            self.text(x, base, line, size=size)
            base += size * leading / MM
        return y + len(lines) * size * leading / MM

    # --- lines and fills ----------------------------------------------------------------------------------------
    def rect(self, box: tuple[float, float, float, float], *, line: float = 0.4, gray: float | None = None) -> None:
        """枠 (rectangle x, y, w, h; line width in points, 0 = none; gray 0..1 fill)."""
        x, y, w, h = box
        path = f"{x * MM:.2f} {self.height_pt - (y + h) * MM:.2f} {w * MM:.2f} {h * MM:.2f} re"
        if gray is not None:
            self._graphics.append(f"{gray:g} g {path} f 0 g")
        if line:
            self._graphics.append(f"{line:g} w {path} S")

    def line(
        self, x0: float, y0: float, x1: float, y1: float, *, width: float = 0.4, dash: tuple[float, float] | None = None
    ) -> None:
        """線 (straight line; dash in points)."""
        stroke = (
            f"{width:g} w {x0 * MM:.2f} {self.height_pt - y0 * MM:.2f} m "
            f"{x1 * MM:.2f} {self.height_pt - y1 * MM:.2f} l S"
        )
        if dash:
            stroke = f"[{dash[0]:g} {dash[1]:g}] 0 d {stroke} [] 0 d"
        self._graphics.append(stroke)

    def grid(self, x: float, y: float, columns: list[float], rows: list[float]) -> None:
        """罫線表 (ruled table of these column widths and row heights)."""
        w, h = sum(columns), sum(rows)
        self.rect((x, y, w, h), line=0.8)
        at = x
        for column in columns[:-1]:
            at += column
            self.line(at, y, at, y + h)
        at = y
        for row in rows[:-1]:
            at += row
            self.line(x, at, x + w, at)

    # --- parts --------------------------------------------------------------------------------------------------
    def use(self, name: str, dx: float = 0.0, dy: float = 0.0) -> None:
        """固定部分を置く (place a static part, moved right dx and down dy mm)."""
        key, height, placed = self.book.static_part(name)
        self.placed += [
            Placed(self.book.page_count, p.text, p.x0 + dx, p.y0 + dy, p.x1 + dx, p.y1 + dy) for p in placed
        ]
        up = self.height_pt - height - dy * MM
        if dx or abs(up) > 0.005:
            self._graphics.append(f"q 1 0 0 1 {dx * MM:.2f} {up:.2f} cm /{key} Do Q")
        else:
            self._graphics.append(f"/{key} Do")

    def gs1_128(self, x: float, y: float, digits: str, *, height: float = 10.0) -> float:
        """GS1-128 (x = first bar, snapped to a 300 dpi dot); returns the width in mm without quiet zones."""
        path, modules = codes.gs1_128_bars(digits)
        module = codes.DOT_300 * codes.MODULE_DOTS
        left = round(x * MM / codes.DOT_300) * codes.DOT_300
        self._graphics.append(
            f"q {module:g} 0 0 {height * MM:.2f} {left:.2f} {self.height_pt - (y + height) * MM:.2f} cm\n{path}\nf Q"
        )
        return modules * module / MM

    def qr(self, x: float, y: float, text: str, *, dots: int = 4, level: str = "M") -> float:
        """QRコード (upper left of the first module; module = `dots` dots of 300 dpi); returns the side in mm."""
        rows, modules = codes.qr_matrix(text, level)
        side = modules * dots * codes.DOT_300
        left = round(x * MM / codes.DOT_300) * codes.DOT_300
        bottom = self.height_pt - y * MM - side
        self._graphics.append(
            f"q {side:.2f} 0 0 {side:.2f} {left:.2f} {bottom:.2f} cm\n"
            f"BI /W {modules} /H {modules} /BPC 1 /IM true /F /AHx ID {rows}> EI Q"
        )
        return side / MM

    def customer_barcode(self, x: float, y: float, symbols: str, *, points: float = 10.0) -> float:
        """カスタマバーコード (67 bars, `points` 8–11.5 as the post office allows); returns the width in mm."""
        scale = points / 10 * MM
        parts = []
        for number, kind in enumerate(codes.customer_bars(symbols)):
            low, tall = {1: (0.0, 3.6), 2: (1.2, 2.4), 3: (0.0, 2.4), 4: (1.2, 1.2)}[kind]
            parts.append(f"{number * 1.2:.1f} {low:g} 0.6 {tall:g} re")
        joined = "\n".join(parts)
        bottom = self.height_pt - y * MM - 3.6 * scale
        self._graphics.append(f"q {scale:.4g} 0 0 {scale:.4g} {x * MM:.2f} {bottom:.2f} cm\n{joined}\nf Q")
        return 67 * 1.2 * points / 10

    def watermark(self, x: float, y: float, text: str, *, size: float = 20) -> None:
        """透かし文字 (grey text under everything drawn later)."""
        body = self._bold.body
        pdf_font = self.book.pdf_font(body)
        pdf_font.chars.update(text)
        self._graphics.append(
            f"BT 0.65 g /{pdf_font.name} {size:g} Tf 1 0 0 1 {x * MM:.2f} {self.height_pt - y * MM:.2f} Tm"
            f"<{text.encode('utf-16-be').hex()}>Tj ET 0 g"
        )

    def content(self) -> bytes:
        """描画命令 (the content stream)."""
        texts = "BT " + "\n".join(self._texts) + " ET" if self._texts else ""
        return ("\n".join(self._graphics) + "\n" + texts + "\n").encode("ascii")

    def close(self) -> None:
        """頁を終える (bind this page into its book)."""
        self.book.add_page(self)
