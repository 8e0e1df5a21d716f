"""The typst side of `tests.bench.notices`: runs in the peer's own environment, standard library and typst only.

    python typst_peer.py FOLDER FONT_FOLDER

Compiles one page to warm the fonts, then all pages of FOLDER/all.json; prints processor seconds and bytes.
"""

import json
import pathlib
import sys
import time

import typst  # type: ignore[import-not-found]

SOURCE = """
#let data = json("pages.json")
#set page(width: 210mm, height: 297mm, margin: 0mm)
#set text(font: "Noto Sans JP", top-edge: "ascender", bottom-edge: "descender")
#for (number, sheet) in data.enumerate() {
  if number > 0 { pagebreak() }
  for it in sheet.rects {
    place(top + left, dx: it.at(0) * 1mm, dy: it.at(1) * 1mm,
      rect(width: it.at(2) * 1mm, height: it.at(3) * 1mm, stroke: it.at(4) * 1pt))
  }
  for it in sheet.lines {
    place(top + left, line(start: (it.at(0) * 1mm, it.at(1) * 1mm), end: (it.at(2) * 1mm, it.at(3) * 1mm),
      stroke: it.at(4) * 1pt))
  }
  for it in sheet.texts {
    place(top + left, dx: it.at(0) * 1mm, dy: it.at(1) * 1mm,
      text(size: it.at(3) * 1pt, weight: if it.at(4) { "bold" } else { "regular" }, it.at(2)))
  }
  for it in sheet.codes {
    place(top + left, dx: it.at(0) * 1mm, dy: it.at(1) * 1mm,
      image(bytes(it.at(4)), format: "svg", width: it.at(2) * 1mm, height: it.at(3) * 1mm))
  }
}
"""


def compile_pages(folder: pathlib.Path, pages: list, fonts: str) -> tuple[float, bytes]:
    """Seconds of one compilation, and its PDF."""
    (folder / "pages.json").write_text(json.dumps(pages, ensure_ascii=False), encoding="utf-8")
    started = time.process_time()
    content = typst.compile(str(folder / "notices.typ"), root=str(folder), font_paths=[fonts], ignore_system_fonts=True)
    return time.process_time() - started, content


def main() -> None:
    """Print one JSON object."""
    folder = pathlib.Path(sys.argv[1])
    (folder / "notices.typ").write_text(SOURCE, encoding="utf-8")
    pages = json.loads((folder / "all.json").read_text(encoding="utf-8"))
    compile_pages(folder, pages[:1], sys.argv[2])
    seconds, content = compile_pages(folder, pages, sys.argv[2])
    (folder / "notices.pdf").write_bytes(content)
    print(json.dumps({"seconds": seconds, "bytes": len(content), "pages": len(pages)}))


if __name__ == "__main__":
    main()
