"""PDFへの書体埋め込み (embedding of a face in one PDF file as a composite font with true Unicode)."""

from __future__ import annotations

from array import array
from collections.abc import Iterable

from reportlab.pdfbase import pdfdoc

from taxsys.platform.printing.fonts import Face

_FIRST_SPECIAL = 0xD800
_LAST_SPECIAL = 0xDFFF


class PdfFont:
    """一つのPDFで使う一書体 (one face in one file): collects what is used, is written when the file is saved."""

    def __init__(self, face: Face, name: str) -> None:
        self.face = face
        self.name = name
        self.chars: set[str] = set()
        self._special: dict[str, int] = {}

    def codes(self, parts: Iterable[str]) -> str:
        """文字コード列 (hex of the 2-byte codes of these clusters)."""
        found = []
        for part in parts:
            if len(part) == 1 and ord(part) <= 0xFFFF:
                self.chars.add(part)
                found.append(f"{ord(part):04x}")
            else:
                found.append(f"{self._code_of(part):04x}")
        return "".join(found)

    def _code_of(self, cluster: str) -> int:
        code = self._special.get(cluster)
        if code is None:
            code = _FIRST_SPECIAL + len(self._special)
            if code > _LAST_SPECIAL:
                raise OverflowError("more than 2,048 rare characters in one PDF file: write smaller parts")
            self._special[cluster] = code
        return code

    def _used(self) -> list[tuple[int, str, int]]:
        rows = [(ord(char), char, self.face.glyph(char)) for char in self.chars]
        rows += [(code, cluster, self.face.glyph(cluster)) for cluster, code in self._special.items()]
        return sorted(rows)

    def addObjects(self, doc: pdfdoc.PDFDocument) -> None:  # noqa: N802  (called by reportlab when the file is saved)
        """書き出し (write the font objects of the used characters)."""
        used = self._used()
        glyphs = sorted({glyph for _, _, glyph in used})
        renumbered = {glyph: number for number, glyph in enumerate(glyphs, start=1)}
        for glyph in glyphs:
            self.face.ttf.charToGlyph[0x200000 + glyph] = glyph
        subset = self.face.ttf.makeSubset([0x200000 + glyph for glyph in glyphs])
        for glyph in glyphs:
            del self.face.ttf.charToGlyph[0x200000 + glyph]
        tag = "".join(chr(65 + (len(used) // 26**k) % 26) for k in range(6))
        base = f"{tag}+TaxsysPrint{self.face.label}"
        file_ref = doc.Reference(_stream(subset, {"Length1": len(subset)}), f"fontFile:{self.name}")
        ttf = self.face.ttf
        descriptor = pdfdoc.PDFDictionary(
            {
                "Type": pdfdoc.PDFName("FontDescriptor"),
                "FontName": pdfdoc.PDFName(base),
                "Ascent": ttf.ascent,
                "Descent": ttf.descent,
                "CapHeight": ttf.capHeight,
                "Flags": 4,
                "FontBBox": pdfdoc.PDFArray(ttf.bbox),
                "ItalicAngle": ttf.italicAngle,
                "StemV": ttf.stemV,
                "FontFile2": file_ref,
            }
        )
        places = array("H", bytes(131072))
        for code, _, glyph in used:
            places[code] = renumbered[glyph]
        places.byteswap()
        descendant = pdfdoc.PDFDictionary(
            {
                "Type": pdfdoc.PDFName("Font"),
                "Subtype": pdfdoc.PDFName("CIDFontType2"),
                "BaseFont": pdfdoc.PDFName(base),
                "CIDSystemInfo": pdfdoc.PDFDictionary(
                    {
                        "Registry": pdfdoc.PDFString("Adobe"),
                        "Ordering": pdfdoc.PDFString("Identity"),
                        "Supplement": 0,
                    }
                ),
                "FontDescriptor": doc.Reference(descriptor, f"fontDescriptor:{self.name}"),
                "DW": 1000,
                "W": pdfdoc.PDFArray(_widths((code, self.face.glyph_width(glyph)) for code, _, glyph in used)),
                "CIDToGIDMap": doc.Reference(_stream(places.tobytes(), {}), f"cidToGid:{self.name}"),
            }
        )
        font = pdfdoc.PDFDictionary(
            {
                "Type": pdfdoc.PDFName("Font"),
                "Subtype": pdfdoc.PDFName("Type0"),
                "BaseFont": pdfdoc.PDFName(base),
                "Encoding": pdfdoc.PDFName("Identity-H"),
                "DescendantFonts": pdfdoc.PDFArray([doc.Reference(descendant, f"cidFont:{self.name}")]),
                "ToUnicode": doc.Reference(_stream(_to_unicode(used), {}), f"toUnicode:{self.name}"),
            }
        )
        doc.idToObject["BasicFonts"].dict[self.name] = doc.Reference(font, f"font:{self.name}")


def _stream(content: bytes, entries: dict[str, int]) -> pdfdoc.PDFStream:
    return pdfdoc.PDFStream(
        dictionary=pdfdoc.PDFDictionary(dict(entries)), content=content, filters=[pdfdoc.PDFZCompress]
    )


def _widths(rows: Iterable[tuple[int, float]]) -> list[object]:
    """幅の表 (the /W array: runs of neighbouring codes; full-width ones are the default)."""
    out: list[object] = []
    run: list[float] = []
    start = -2
    for code, width in rows:
        if width == 1000:
            continue
        if code == start + len(run) and run:
            run.append(width)
            continue
        if run:
            out += [start, pdfdoc.PDFArray(run)]
        start, run = code, [width]
    if run:
        out += [start, pdfdoc.PDFArray(run)]
    return out


def _to_unicode(used: list[tuple[int, str, int]]) -> bytes:
    """文字コード対応表 (ToUnicode map; UTF-16 with surrogates, sequences as base + selector)."""
    lines = [
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def",
        "1 begincodespacerange <0000> <FFFF> endcodespacerange",
    ]
    for at in range(0, len(used), 100):
        block = used[at : at + 100]
        lines.append(f"{len(block)} beginbfchar")
        lines += [f"<{code:04X}> <{text.encode('utf-16-be').hex().upper()}>" for code, text, _ in block]
        lines.append("endbfchar")
    lines.append("endcmap CMapName currentdict /CMap defineresource pop end end")
    return "\n".join(lines).encode("ascii")
