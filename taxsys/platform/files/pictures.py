"""画像 (scanned pages): what a file is by its first bytes, and its pages as plain pixels, within limits.

Nothing is believed that the file says of itself: kind by magic bytes, decoding by that one decoder alone, the number of
pixels and pages checked before anything is unpacked. What comes out is pixels only: no metadata, no text layer, no
thumbnail and no script of the file survives.
"""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import pypdfium2 as pdfium
from PIL import Image, ImageDraw

from taxsys.platform.files.errors import L_PICTURE

MAX_BYTES = 20 << 20
MAX_PAGES = 30
MAX_PIXELS = 50_000_000  # an A3 sheet at 400 dpi has 31 million; offices scan at 200 to 300 dpi
LONG_EDGE = 2_000  # pixels of the stored page: A4 at about 170 dpi
PER_MILLE = 1_000
PictureKind = Literal["pdf", "png", "jpeg", "tiff"]
MEDIA_TYPES: dict[str, str] = {
    "pdf": "application/pdf", "png": "image/png", "jpeg": "image/jpeg", "tiff": "image/tiff",
}  # fmt: skip
_MAGIC: tuple[tuple[bytes, PictureKind], ...] = (
    (b"%PDF-", "pdf"), (b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpeg"),
    (b"II*\x00", "tiff"), (b"MM\x00*", "tiff"),
)  # fmt: skip
# What decoders raise on broken or hostile bytes.
_FAULTS = (
    OSError, ValueError, SyntaxError, EOFError, KeyError, IndexError, TypeError, struct.error, OverflowError,
    pdfium.PdfiumError,
)  # fmt: skip
_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)
_QUALITY = 80


class PictureRefused(Exception):
    """The file is no picture that can be taken; `message_ja` says what is wrong and what to do."""

    code = L_PICTURE

    def __init__(self, message_ja: str) -> None:
        super().__init__(f"{self.code}: {message_ja}")
        self.message_ja = message_ja


@dataclass(frozen=True, slots=True)
class Mask:
    """遮蔽する範囲: a rectangle in thousandths of the page's width and height, from the upper left corner."""

    left: int
    top: int
    right: int
    bottom: int

    def __post_init__(self) -> None:
        across, down = (self.left, self.right), (self.top, self.bottom)
        if any(not 0 <= low < high <= PER_MILLE for low, high in (across, down)):
            raise PictureRefused("遮蔽の範囲は、左 < 右、上 < 下 の0から1000までの整数で指定してください。")


def picture_kind(content: bytes) -> PictureKind:
    """PDF, PNG, JPEG or TIFF by its first bytes and its size. Raises PictureRefused."""
    if not content:
        raise PictureRefused("ファイルが空です。読み取り直してください。")
    if len(content) > MAX_BYTES:
        raise PictureRefused(f"{MAX_BYTES >> 20}MBを超えています。解像度を下げるか、分けて読み取ってください。")
    for magic, kind in _MAGIC:
        if content.startswith(magic):
            return kind
    raise PictureRefused("PDF・PNG・JPEG・TIFF のどれでもありません。読み取りの形式を確かめてください。")


def size_check(content: bytes, kind: PictureKind) -> None:
    """Refuse a picture whose header announces more pixels or pages than a paper has; nothing is decoded."""
    if kind == "pdf":
        return
    with _opened(content, kind) as image:
        _pixels_check(image.size)


def picture_pages(content: bytes) -> Iterator[Image.Image]:
    """Every page as an RGB image of at most LONG_EDGE pixels, in order. Raises PictureRefused at the first bad one."""
    kind = picture_kind(content)
    return _pdf_pages(content) if kind == "pdf" else _frames(content, kind)


def page_count(content: bytes) -> int:
    """How many pages the file has. Raises PictureRefused for none or more than MAX_PAGES."""
    kind = picture_kind(content)
    if kind == "pdf":
        document = _pdf(content)
        try:
            return _count_check(len(document))
        finally:
            document.close()
    with _opened(content, kind) as image:
        return _count_check(getattr(image, "n_frames", 1))


def page_texts(content: bytes) -> list[str]:
    """The text layer of each page of a PDF; empty texts for a picture, which has none. Raises PictureRefused."""
    if picture_kind(content) != "pdf":
        return [""] * page_count(content)
    document = _pdf(content)
    try:
        return [document[number].get_textpage().get_text_range() for number in range(_count_check(len(document)))]
    except _FAULTS as error:
        raise _broken() from error
    finally:
        document.close()


def masked(image: Image.Image, masks: list[Mask]) -> Image.Image:
    """A copy with each mask filled black; the pixels below are gone, not covered."""
    covered = image.copy()
    draw = ImageDraw.Draw(covered)
    width, height = covered.size
    for mask in masks:
        # Outwards to whole pixels, so that no edge of a digit is left.
        box = (
            mask.left * width // PER_MILLE - 1, mask.top * height // PER_MILLE - 1,
            -(-mask.right * width // PER_MILLE) + 1, -(-mask.bottom * height // PER_MILLE) + 1,
        )  # fmt: skip
        draw.rectangle(box, fill="black")
    return covered


def jpeg_of(image: Image.Image) -> bytes:
    """The page as JPEG, with nothing but its pixels."""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return out.getvalue()


def _broken() -> PictureRefused:
    return PictureRefused("画像として読めません。壊れているか、保護されています。読み取り直してください。")


def _too_large() -> PictureRefused:
    return PictureRefused("画像の画素数が大きすぎます（5,000万画素まで）。解像度を下げて読み取り直してください。")


def _count_check(count: int) -> int:
    if not 1 <= count <= MAX_PAGES:
        raise PictureRefused(f"頁数が1から{MAX_PAGES}までではありません。分けて登録してください。")
    return count


def _pixels_check(size: tuple[int, int]) -> None:
    if size[0] < 1 or size[1] < 1 or size[0] * size[1] > MAX_PIXELS:
        raise _too_large()


def _opened(content: bytes, kind: PictureKind) -> Image.Image:
    try:
        return Image.open(io.BytesIO(content), formats=(kind.upper(),))
    except _BOMBS as error:
        raise _too_large() from error
    except _FAULTS as error:
        raise _broken() from error


def _frames(content: bytes, kind: PictureKind) -> Iterator[Image.Image]:
    with _opened(content, kind) as image:
        try:
            count = _count_check(getattr(image, "n_frames", 1))
            for number in range(count):
                image.seek(number)
                _pixels_check(image.size)
                yield _plain(image)
        except _BOMBS as error:
            raise _too_large() from error
        except _FAULTS as error:
            raise _broken() from error


def _plain(image: Image.Image) -> Image.Image:
    """White paper behind transparency, RGB, no larger than a stored page, without metadata."""
    flat = image.convert("RGBA") if image.mode in {"P", "LA", "PA", "RGBA"} else image.convert("RGB")
    if flat.mode == "RGBA":
        paper = Image.new("RGB", flat.size, "white")
        paper.paste(flat, mask=flat.getchannel("A"))
        flat = paper
    flat.thumbnail((LONG_EDGE, LONG_EDGE))
    flat.info = {}
    return flat


def _pdf(content: bytes) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(content)
    except _FAULTS as error:
        raise _broken() from error


def _pdf_pages(content: bytes) -> Iterator[Image.Image]:
    document = _pdf(content)
    try:
        for number in range(_count_check(len(document))):
            page = document[number]
            longest = max(page.get_size())
            if longest <= 0:
                raise _broken()
            # Fixed point instead of a size the file chooses: whatever the page says it measures, it becomes one sheet.
            yield page.render(scale=LONG_EDGE / longest).to_pil().convert("RGB")
    except _FAULTS as error:
        raise _broken() from error
    finally:
        document.close()
