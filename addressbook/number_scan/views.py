"""Bytes seen in every way a reader may undo them: escapes, widths, hexadecimal, base64, archives, streams, PDF text.

A view is again bytes, and is looked at in turn, so that a number in a compressed, signed session or in a sheet inside
an archive is still found. What a view costs is bounded: depth, bytes of one unpacked stream, bytes of all views.
"""

import bz2
import io
import lzma
import re
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray

DEPTH = 4
MOST_UNPACKED = 64 << 20
MOST_MEMBERS = 20_000
# Runs of code characters shorter than these hold neither a number nor eight bytes of a hash.
_HEX_PAIRS, _BASE64_GROUPS = 8, 3

_ESCAPES = re.compile(
    rb"\\{1,4}u(?P<u>[0-9A-Fa-f]{4})|\\{1,4}x(?P<x>[0-9A-Fa-f]{2})|%(?:25)?(?P<url>[0-9A-Fa-f]{2})"
    rb"|&(?:amp;)?#x(?P<hx>[0-9A-Fa-f]{1,4});|&(?:amp;)?#(?P<dec>[0-9]{1,5});|=(?P<qp>[0-9A-F]{2})"
    rb"|\\{1,4}(?P<oct>0[0-7]{2})"
)
_TAGS = re.compile(rb"<[^<>]{0,2000}>")
# Digits of other shapes (full width, circled, kanji …) and the dashes and spaces written between them.
_OTHER_DIGIT = re.compile(r"(?![0-9])\d|[〇一二三四五六七八九⓪①-⑨⁰¹²³⁴-⁹₀-₉]")
_DASHES = re.compile(r"[\u2010-\u2015\u2212\u30fc\uff70\uff0d\u3000\u00a0\u2000-\u200f\u2060\ufeff\u00ad／．，：・]")
_SJIS = re.compile(rb"\x82([\x4f-\x58])")
_EUC = re.compile(rb"\xa3([\xb0-\xb9])")
_UTF16_WIDE = re.compile(rb"([\x10-\x19])\xff|\xff([\x10-\x19])")
_STREAMS = re.compile(rb"\x1f\x8b\x08|x[\x01\x5e\x9c\xda]|BZh[1-9]1AY&SY|\xfd7zXZ\x00|PK\x03\x04")


@dataclass(frozen=True, slots=True)
class View:
    """Bytes and how they were come by (("base64", "stream"); empty for the bytes themselves)."""

    way: tuple[str, ...]
    data: bytes

    @property
    def is_plain_text(self) -> bool:
        """Whether the last undoing left a text: nothing binary is to be looked for in it."""
        return bool(self.way) and self.way[-1] in _TEXTUAL


def views(data: bytes, way: tuple[str, ...] = ()) -> Iterator[View]:
    """The bytes themselves and, up to DEPTH undoings, everything they can be turned into.

    Undoings that leave a text a text happen in one order (escapes, tags, width), so that a page is not seen in every
    permutation of them.
    """
    yield View(way, data)
    if len(way) >= DEPTH or not data:
        return
    last = way[-1] if way else ""
    for name, step in _STEPS:
        if last in _TEXTUAL and name not in _AFTER[last]:
            continue
        for part in step(data):
            if part and part != data:
                yield from views(part, (*way, name))


def _escapes(data: bytes) -> Iterator[bytes]:
    """URL, JSON, HTML, quoted-printable, C and octal escapes, undone in one pass."""

    def plain(match: "re.Match[bytes]") -> bytes:
        kind, text = match.lastgroup or "", match.group(match.lastgroup or 0)
        value = int(text, 10 if kind == "dec" else 8 if kind == "oct" else 16)
        return bytes([value]) if value < 256 else chr(value).encode("utf-8", "replace")

    if _ESCAPES.search(data):
        yield _ESCAPES.sub(plain, data)


def _tags(data: bytes) -> Iterator[bytes]:
    """Text of a page or a sheet without its tags: a number may be cut by markup."""
    if b"<" in data and b">" in data:
        yield _TAGS.sub(b"", data)


def _widths(data: bytes) -> Iterator[bytes]:
    """Digits of other shapes as ASCII: any Unicode digit in UTF-8, full width in Shift_JIS, EUC-JP and UTF-16."""
    text = data.decode("utf-8", "ignore")
    if _OTHER_DIGIT.search(text) or _DASHES.search(text):
        yield _OTHER_DIGIT.sub(_ascii_digit, _DASHES.sub("-", text)).encode("utf-8", "replace")
    for pattern, first in ((_SJIS, 0x4F), (_EUC, 0xB0), (_UTF16_WIDE, 0x10)):
        if pattern.search(data):
            yield pattern.sub(_narrowed(first), data)


def _ascii_digit(match: "re.Match[str]") -> str:
    kanji = "〇一二三四五六七八九".find(match.group())
    return str(kanji if kanji >= 0 else unicodedata.digit(match.group()))


def _narrowed(first: int) -> Callable[["re.Match[bytes]"], bytes]:
    return lambda match: bytes([0x30 + ((match.group(1) or match.group(match.lastindex or 1))[0] - first)])


def _code_table(*alphabets: bytes) -> NDArray[np.uint8]:
    table = np.full(256, 255, dtype=np.uint8)
    for alphabet in alphabets:
        table[np.frombuffer(alphabet, dtype=np.uint8)] = np.arange(len(alphabet), dtype=np.uint8)
    return table


_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_BASE64 = _code_table(_LETTERS + b"+/", _LETTERS + b"-_")
_HEX = _code_table(b"0123456789abcdef", b"0123456789ABCDEF")
_BLANKS = bytes.maketrans(b"", b"")


def _hexadecimal(data: bytes) -> Iterator[bytes]:
    """Every run of hexadecimal digits, at both alignments; blanks and line ends inside are passed over."""
    codes = _HEX[np.frombuffer(data.translate(_BLANKS, b" \r\n\t:"), dtype=np.uint8)]
    for phase in range(2):
        pairs = _groups(codes[phase:], 2)
        good = _long_runs((pairs[:, 0] | pairs[:, 1]) < 16, _HEX_PAIRS)
        if good.any():
            yield _kept(((pairs[:, :1] << 4) | pairs[:, 1:]).astype(np.uint8), good)


def _base64(data: bytes) -> Iterator[bytes]:
    """Every run of base64 characters (either alphabet), at all four alignments."""
    codes = _BASE64[np.frombuffer(data.translate(_BLANKS, b" \r\n\t"), dtype=np.uint8)]
    codes = np.concatenate((codes, np.full(4, 255, dtype=np.uint8)))
    for phase in range(4):
        fours = _groups(codes[phase:], 4)
        good = _long_runs((fours[:, 0] | fours[:, 1] | fours[:, 2] | fours[:, 3]) < 64, _BASE64_GROUPS)
        if not good.any():
            continue
        # The group behind a run may carry its last one or two bytes (padding).
        tail = np.concatenate(([False], good[:-1])) & ~good & ((fours[:, 0] | fours[:, 1]) < 64)
        whole = np.where(fours < 64, fours, 0)
        a, b, c, d = (whole[:, n] for n in range(4))
        octets = np.stack(((a << 2) | (b >> 4), ((b & 15) << 4) | (c >> 2), ((c & 3) << 6) | d), axis=1)
        yield _kept(octets, good | tail)


def _groups(codes: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    return codes[: len(codes) // size * size].reshape(-1, size)


def _long_runs(good: NDArray[np.bool_], least: int) -> NDArray[np.bool_]:
    """`good` without its runs shorter than `least`."""
    if not good.any():
        return good
    edges = np.flatnonzero(np.diff(np.concatenate(([0], good.view(np.int8), [0]))))
    starts, ends = edges[0::2], edges[1::2]
    short = ends - starts < least
    kept = good.copy()
    if short.any():
        marks = np.zeros(len(good) + 1, dtype=np.int32)
        np.add.at(marks, starts[short], 1)
        np.add.at(marks, ends[short], -1)
        kept &= np.cumsum(marks[:-1]) == 0
    return kept


def _kept(octets: NDArray[np.uint8], good: NDArray[np.bool_]) -> bytes:
    """The octets of the good groups, with a byte that is no digit between runs."""
    first = np.flatnonzero(good & ~np.concatenate(([False], good[:-1])))
    ends = np.searchsorted(np.flatnonzero(good), first) * octets.shape[1]
    return bytes(np.insert(octets[good].ravel(), ends, 0xFF))


def _streams(data: bytes) -> Iterator[bytes]:
    """Compressed streams and archives wherever they begin: gzip, zlib, bzip2, xz, ZIP (so xlsx too), tar."""
    for match in islice(_STREAMS.finditer(data), MOST_MEMBERS):
        start = match.start()
        if match.group() == b"PK\x03\x04":
            if start == 0 or b"PK\x03\x04" not in data[:start]:
                yield from _zip_members(data[start:])
        elif unpacked := _unpacked(data, start, match.group()):
            yield unpacked
    if data[257:262] == b"ustar":
        yield from _tar_members(data)


def _unpacked(data: bytes, start: int, magic: bytes) -> bytes:
    """One compressed stream as far as it opens; empty where it is none."""
    reader: zlib._Decompress | bz2.BZ2Decompressor | lzma.LZMADecompressor
    if magic.startswith(b"BZh"):
        reader = bz2.BZ2Decompressor()
    elif magic.startswith(b"\xfd"):
        reader = lzma.LZMADecompressor()
    else:
        reader = zlib.decompressobj(47)
    parts: list[bytes] = []
    left = MOST_UNPACKED
    for place in range(start, len(data), 1 << 14):
        try:
            parts.append(reader.decompress(data[place : place + (1 << 14)], left))
        except (zlib.error, OSError, lzma.LZMAError, EOFError, ValueError):
            break
        left -= len(parts[-1])
        if left <= 0 or reader.eof:
            break
    return b"".join(parts)


def _zip_members(data: bytes) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.infolist()[:MOST_MEMBERS]:
                yield member.filename.encode("utf-8", "replace") + b"\n" + member.comment
                with archive.open(member) as file:
                    yield file.read(MOST_UNPACKED)
            yield archive.comment
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, zlib.error, EOFError, ValueError):
        return


def _tar_members(data: bytes) -> Iterator[bytes]:
    try:
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            for member in archive:
                file = archive.extractfile(member)
                yield member.name.encode("utf-8", "replace") + b"\n" + (file.read(MOST_UNPACKED) if file else b"")
    except (tarfile.TarError, OSError):
        return


def _pdf(data: bytes) -> Iterator[bytes]:
    """Text of each page as a reader sees it, whatever the fonts call their glyphs, and the document's own words."""
    start = data.find(b"%PDF-")
    if start < 0:
        return
    try:
        document = pdfium.PdfDocument(data[start:])
        yield "\n".join(document.get_metadata_dict().values()).encode("utf-8", "replace")
        for number in range(len(document)):
            yield document[number].get_textpage().get_text_range().encode("utf-8", "replace")
    except pdfium.PdfiumError:
        return


# Steps that leave a text, and what may follow each of them.
_TEXTUAL = frozenset({"escapes", "tags", "width"})
_AFTER = {"escapes": {"tags", "width", "base64", "hex"}, "tags": {"width", "base64", "hex"}, "width": set()}
_STEPS: tuple[tuple[str, Callable[[bytes], Iterator[bytes]]], ...] = (
    ("pdf", _pdf),
    ("stream", _streams),
    ("escapes", _escapes),
    ("tags", _tags),
    ("width", _widths),
    ("base64", _base64),
    ("hex", _hexadecimal),
)
