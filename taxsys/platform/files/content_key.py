"""内容キー: a hash that the same content keeps when only its encoding, line ends or filler change."""

import hashlib

from taxsys.platform.files import layouts

_ENCODINGS = ("utf-8-sig", "cp932")


def content_key(format_name: str, content: bytes) -> str:
    """SHA-256 of the content made plain: text decoded, line ends one, trailing blanks and the old end mark off."""
    fixed = next((one for one in _known(format_name) if one.form == "fixed"), None)
    length = int(fixed.options.get("record_length", 0)) if fixed else 0
    plain = _plain_records(content, length) if length else _plain_text(content)
    return hashlib.sha256(format_name.encode() + b"\0" + plain).hexdigest()


def _known(format_name: str) -> list[layouts.Layout]:
    return layouts.editions(format_name) if format_name in layouts.names() else []


def _plain_records(content: bytes, length: int) -> bytes:
    body = content.rstrip(b"\x1a\r\n")
    if b"\n" in body:
        return b"\n".join(line.rstrip(b" \r") for line in body.split(b"\n"))
    first = len(body) % length if len(body) > length and len(body) % length == 96 else 0
    starts = [0, *range(first, len(body), length)] if first else list(range(0, len(body), length))
    ends = [*starts[1:], len(body)]
    return b"\n".join(body[start:end].rstrip(b" ") for start, end in zip(starts, ends, strict=True))


def _plain_text(content: bytes) -> bytes:
    for encoding in _ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return text.rstrip("\x1a").replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").encode("utf-8")
    return content
