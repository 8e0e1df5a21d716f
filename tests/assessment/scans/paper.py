"""A scanned paper of the tests: white sheets with a red box where the number stands, as every kind of file."""

import io

from PIL import Image, ImageDraw
from reportlab.pdfgen.canvas import Canvas

SIZE = (800, 1_000)
# The box the number stands in, in pixels of SIZE and as the clerk draws it (thousandths, a little around it).
BOX = (400, 100, 700, 140)
AREA = "490,90,890,150"
RED, BLACK = (255, 0, 0), (0, 0, 0)


def sheet(*, colour: tuple[int, int, int] = RED, size: tuple[int, int] = SIZE) -> Image.Image:
    """One page."""
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).rectangle(BOX, fill=colour)
    return image


def file_of(kind: str = "PNG", *, pages: int = 1, colour: tuple[int, int, int] = RED) -> bytes:
    """The sheets as PNG, JPEG, TIFF or PDF."""
    out = io.BytesIO()
    more = [sheet(colour=colour) for _ in range(pages - 1)]
    options = {"save_all": True, "append_images": more} if more else {}
    sheet(colour=colour).save(out, kind, **options)
    return out.getvalue()


def typed_pdf(text: str) -> bytes:
    """A PDF whose text layer holds the text."""
    out = io.BytesIO()
    canvas = Canvas(out)
    canvas.drawString(72, 700, text)
    canvas.save()
    return out.getvalue()


def reds(content: bytes) -> int:
    """How many pixels are still red."""
    image = Image.open(io.BytesIO(content)).convert("RGB")
    return sum(
        count for count, (r, g, b) in image.getcolors(image.width * image.height) or [] if r > 150 and g < 100 > b
    )
