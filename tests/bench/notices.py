"""Tax notices with their slips: pages per second of one core, bytes per page, against typst drawing the same pages.

    python -m taxsys.embedded servers -- python -m tests.bench.notices [pages]

The peer gets the very texts, lines and boxes that the engine has placed, with the places computed and the codes ready
made as pictures (the engine makes its codes within its own time); its fonts are warm before its clock starts. Both are
measured in seconds of processor time: one core against one core, however many threads draw. The peer lives in an
environment of its own under `var/bench-peers/typst`, made here; where it cannot be installed it is left out. Every code
of a sample of the engine's pages is decoded at 300 dpi.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import django
from django.conf import settings

from assessment.resident.papers.tax_notice import TaxNoticeDrawer
from collection.papers.payment_slip_data import PaymentSlip
from taxsys.platform.printing import codes, engine, fonts
from taxsys.platform.printing.fitting import MM
from taxsys.platform.printing.parts import Instalment
from tests.bench import print as printing
from tests.printing import samples

TYPST = "0.15.2"
PAGES_PER_NOTICE = 4


def _slip(n: int, instalment: Instalment) -> PaymentSlip:
    until = samples.slip(instalment.number).pay_until
    return samples.slip(
        instalment.number,
        instalment.yen,
        due_on=instalment.due_on,
        notice_no=f"2026-10-{n:07d}",
        slip_no=f"{n:08d}{instalment.number:08d}",
        cvs44=samples.cvs44(instalment.yen, until, 10 * n + instalment.number),
    )


def notices(count: int) -> list:
    """Notices of four instalments, each with codes and figures of its own."""
    found = []
    for n in range(count):
        slips = tuple(_slip(n, instalment) for instalment in samples.INSTALMENTS)
        found.append(samples.tax_notice(notice_no=f"2026-10-{n:07d}", slips=slips))
    return found


def _svg_bars(digits: str) -> str:
    path, modules = codes.gs1_128_bars(digits)
    rows = [line.split()[:4] for line in path.splitlines() if line.endswith("re")]
    bars = "".join(f'<rect x="{x}" y="0" width="{w}" height="1"/>' for x, _, w, _ in rows)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {modules} 1" preserveAspectRatio="none">{bars}</svg>'


def _svg_qr(text: str) -> str:
    rows, modules = codes.qr_matrix(text, "M")
    width = -(-modules // 8)
    bits = [f"{int(rows[2 * width * y : 2 * width * (y + 1)], 16):0{8 * width}b}" for y in range(modules)]
    path = "".join(f"M{x} {y}h1v1h-1z" for y in range(modules) for x in range(modules) if bits[y][x] == "0")
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {modules} {modules}"><path d="{path}"/></svg>'


def _peer_page(calls: list) -> dict[str, list]:
    """One taped page as plain places: left edges and tops instead of anchors and base lines."""
    page: dict[str, list] = {"texts": [], "rects": [], "lines": [], "codes": []}
    for kind, args in calls:
        if kind == "text":
            x, y, text, size, align, bold = args
            width = printing.FONTS["bold" if bold else "regular"].width(text) * size / 1000 / MM
            left = x - {"l": 0.0, "c": width / 2, "r": width}[align]
            page["texts"].append((round(left, 2), round(y - size * 0.88 / MM, 2), text, size, bold))
        elif kind == "rect":
            page["rects"].append([round(value, 2) for value in args])
        elif kind == "line":
            page["lines"].append([round(value, 2) for value in args])
        elif kind == "bars":
            x, y, digits, height = args
            modules = codes.gs1_128_bars(digits)[1]
            page["codes"].append((x, y, modules * codes.DOT_300 * codes.MODULE_DOTS / MM, height, _svg_bars(digits)))
        elif kind == "qr":
            x, y, text = args
            side = codes.qr_matrix(text, "M")[1] * 4 * codes.DOT_300 / MM
            page["codes"].append((x, y, side, side, _svg_qr(text)))
    return page


def _peer() -> Path | None:
    """Python of the peer's environment, made on first use; None where it cannot be installed."""
    home = Path(settings.BASE_DIR) / "var" / "bench-peers" / "typst"
    python = home / "bin" / "python"
    try:
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", str(home)], check=True, capture_output=True)
        if subprocess.run([str(python), "-c", "import typst"], capture_output=True).returncode:
            install = [str(python), "-m", "pip", "install", "-q", f"typst=={TYPST}"]
            subprocess.run(install, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return python


def _typst(papers: list) -> dict | None:
    python = _peer()
    if python is None:
        return None
    tape = printing._TapeBook()
    drawer = TaxNoticeDrawer()
    for paper in papers:
        drawer.draw(tape, paper)
    pages = [_peer_page(printing._flatten(calls, tape.statics)) for calls in tape.pages]
    font_folder = printing.FONTS["regular"].body.path.parent
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "all.json").write_text(json.dumps(pages, ensure_ascii=False), encoding="utf-8")
        script = Path(__file__).with_name("typst_peer.py")
        done = subprocess.run(
            [str(python), str(script), str(folder), str(font_folder)], capture_output=True, text=True, check=True
        )
    return json.loads(done.stdout)


def _decoded(content: bytes, papers: list, every: int) -> tuple[int, int]:
    import pypdfium2 as pdfium
    import zxingcpp

    document = pdfium.PdfDocument(content)
    right = total = 0
    for number in range(0, len(papers), every):
        texts = set()
        for page in (2, 3):
            image = document[PAGES_PER_NOTICE * number + page].render(scale=300 / 72, grayscale=True).to_pil()
            third = image.size[1] // 3
            for strip in range(3):
                part = image.crop((0, strip * third, image.size[0], (strip + 1) * third))
                texts |= {code.text for code in zxingcpp.read_barcodes(part)}
        for slip in papers[number].slips:
            total += 2
            right += (f"(91){slip.cvs44[2:]}" in texts) + (slip.qr_payload in texts)
    return right, total


def main() -> None:
    """Measure and print one line each."""
    django.setup()
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    printing.FONTS.update(fonts.load(Path(settings.BASE_DIR) / "var" / "fonts"))
    papers = notices(wanted // PAGES_PER_NOTICE)
    drawer = TaxNoticeDrawer()

    def drawn() -> bytes:
        book = engine.Book(title="bench", fonts=printing.FONTS)
        for paper in papers:
            drawer.draw(book, paper)
        return book.finish()

    _one(drawer, papers[0])
    gc.collect()
    started = time.process_time()
    content = drawn()
    seconds = time.process_time() - started
    pages = PAGES_PER_NOTICE * len(papers)
    right, total = _decoded(content, papers, max(1, len(papers) // 10))
    size = len(content) / pages
    print(f"notices: engine     {pages / seconds:8.0f} pages/s  {size:7.0f} bytes/page (target 2,500)  ({pages} pages)")
    print(f"notices: codes read at 300 dpi {right}/{total}")
    peer = _typst(papers)
    if peer is None:
        print("notices: typst      NOT MEASURED: it cannot be installed here")
        return
    rate = peer["pages"] / peer["seconds"]
    print(
        f"notices: typst      {rate:8.0f} pages/s  {peer['bytes'] / peer['pages']:7.0f} bytes/page  ({peer['pages']})"
    )
    print(f"notices: ratio      {pages / seconds / rate:8.1f} x typst   (target 4)")


def _one(drawer: TaxNoticeDrawer, paper: object) -> bytes:
    book = engine.Book(title="warm", fonts=printing.FONTS)
    drawer.draw(book, replace(paper))  # type: ignore[type-var]
    return book.finish()


if __name__ == "__main__":
    main()
