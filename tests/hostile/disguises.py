"""A number as it may leak: every way of writing it that the scanner must see through. It is a listed fixture."""

import base64
import bz2
import gzip
import hashlib
import io
import json
import lzma
import tarfile
import zipfile
import zlib
from urllib.parse import quote

from reportlab.pdfgen.canvas import Canvas

NUMBER = "123456789018"
_BYTES = NUMBER.encode()
_WIDE = "".join(chr(0xFF10 + int(digit)) for digit in NUMBER)


def zipped(content: bytes, *, name: str = "part.xml") -> bytes:
    """An archive (an xlsx is one too) with this one member."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def tarred(content: bytes) -> bytes:
    """A compressed tar with this one member."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        entry = tarfile.TarInfo("part.csv")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def printed(text: str) -> bytes:
    """A one-page PDF with this text on it, its streams compressed."""
    out = io.BytesIO()
    canvas = Canvas(out, pageCompression=1)
    canvas.drawString(72, 700, text)
    canvas.save()
    return out.getvalue()


def session(values: dict[str, str]) -> bytes:
    """A signed, compressed session as the web keeps it."""
    packed = zlib.compress(json.dumps(values).encode())
    return b"." + base64.urlsafe_b64encode(packed).rstrip(b"=") + b":1abcDE:signature"


DISGUISES: dict[str, bytes] = {
    "ascii": _BYTES,
    "within a word": b"x" + _BYTES + b"y",
    "between other fields of a fixed-length line": b"0001" + _BYTES + b"777",
    "hyphens": b"1234-5678-9018",
    "spaces": b"1 2 3 4 5 6 7 8 9 0 1 8",
    "one digit a line": b"\n".join(bytes([digit]) for digit in _BYTES),
    "markup between the parts": b"<b>1234</b><i>5678</i><u>9018</u>",
    "full width, utf-8": _WIDE.encode(),
    "full width with dashes": f"{_WIDE[:4]}－{_WIDE[4:8]}ー{_WIDE[8:]}".encode(),
    "full width, Shift_JIS": _WIDE.encode("cp932"),
    "full width, EUC-JP": _WIDE.encode("euc_jp"),
    "full width, UTF-16LE": ("あ" + _WIDE).encode("utf-16-le"),
    "full width, UTF-16BE": _WIDE.encode("utf-16-be"),
    "kanji": "一二三四五六七八九〇一八".encode(),
    "circled and superscript": "①②③④⑤⑥⑦⑧⑨⁰¹⁸".encode(),
    "zero-width spaces between": "\u200b".join(NUMBER).encode(),
    "UTF-16LE": NUMBER.encode("utf-16-le"),
    "UTF-16BE": NUMBER.encode("utf-16-be"),
    "UTF-32": NUMBER.encode("utf-32"),
    "EBCDIC": NUMBER.encode("cp037"),
    "packed decimal": bytes.fromhex(NUMBER),
    "packed decimal with sign": bytes.fromhex("0" + NUMBER + "C"),
    "64-bit integer, little endian": int(NUMBER).to_bytes(8, "little"),
    "64-bit integer, big endian": b"zz" + int(NUMBER).to_bytes(8, "big"),
    "hexadecimal": b"z" + _BYTES.hex().encode(),
    "hexadecimal, upper case": _BYTES.hex().upper().encode(),
    "bytea as COPY writes it": b"1\t\\\\x" + (b"zz" + _BYTES).hex().encode() + b"\t2",
    "base64": b"x " + base64.b64encode(_BYTES) + b" y",
    "base64 at another alignment": base64.b64encode(b"a" + _BYTES + b"zzz"),
    "base64 behind letters": b"Q" + base64.b64encode(b"ab" + _BYTES + b"zzz"),
    "base64, url alphabet": base64.urlsafe_b64encode(b"\xff\xfe" + _BYTES),
    "base64 in wrapped lines": base64.encodebytes(b"x" * 50 + _BYTES),
    "url": "".join(f"%{byte:02x}" for byte in _BYTES).encode(),
    "url, full width": quote(_WIDE).encode(),
    "JSON escapes": "".join(f"\\u{byte:04x}" for byte in _BYTES).encode(),
    "JSON escapes, full width": json.dumps(_WIDE).encode(),
    "HTML references": "".join(f"&#{byte};" for byte in _BYTES).encode(),
    "quoted printable": "".join(f"={byte:02X}" for byte in _BYTES).encode(),
    "octal escapes": "".join(f"\\{byte:03o}" for byte in _BYTES).encode(),
    "gzip": gzip.compress(_BYTES),
    "bzip2": bz2.compress(_BYTES),
    "xz": lzma.compress(_BYTES),
    "zlib inside other bytes": b"junk" + zlib.compress(b"abc" + _BYTES),
    "session": session({"a": NUMBER, "b": "x" * 40}),
    "xlsx": zipped(f"<c><v>{NUMBER}</v></c>".encode()),
    "name of a member": zipped(b"-", name=f"{NUMBER}.xml"),
    "archive in an archive": zipped(zipped(_BYTES), name="inner.zip"),
    "tar.gz": tarred(_BYTES),
    "PDF": printed(f"No. {NUMBER[:4]} {NUMBER[4:8]} {NUMBER[8:]}"),
    "base64 of gzip": base64.b64encode(gzip.compress(_BYTES + b"hello" * 10)),
}


def made_of(number: str, *, salt: bytes) -> dict[str, bytes]:
    """Hashes that somebody may keep instead of the number, in the ways they are kept."""
    text = number.encode()
    return {
        "sha256, hex": hashlib.sha256(text).hexdigest().encode(),
        "sha256, base64": base64.b64encode(hashlib.sha256(text).digest()),
        "md5, bytes": b"--" + hashlib.md5(text).digest() + b"--",
        "sha1 cut to ten bytes, hex": hashlib.sha1(text).digest()[:10].hex().encode(),
        "sha512 with line end": hashlib.sha512(text + b"\n").hexdigest().encode(),
        "sha256 with a known salt": hashlib.sha256(salt + text).hexdigest().encode(),
        "sha256 of hyphens, zipped": zipped(
            hashlib.sha256(f"{number[:4]}-{number[4:8]}-{number[8:]}".encode()).digest()
        ),
    }
