"""フォント (fonts): static Noto Sans JP cut once from the packaged variable font, per-character fallback.

The variable TrueType font of `justmytype_intl_cjk` (OFL) is instanced once by fontTools to Regular and Bold and kept
in a cache folder. A character that it lacks is looked for, character by character, in the fonts of
`TAXSYS_FONT_DIRS` and of the system (IPAmj Mincho first: it has the variant forms of the family registers).
No font, no print: `MissingGlyph`. PDF text is written as 2-byte codes equal to UTF-16 code units, so that text
copied from the PDF is the data; code points above U+FFFF and variation sequences get codes from the surrogate
range, which no character of the basic plane uses.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import metadata, resources
from pathlib import Path

from fontTools.ttLib import TTFont
from fontTools.varLib import instancer
from reportlab.pdfbase.ttfonts import TTFontFace

from taxsys.platform.printing.errors import MissingGlyph

FALLBACK_FILES = ("ipamjm.ttf", "ipaexm.ttf", "ipaexg.ttf", "HanaMinA.ttf", "HanaMinB.ttf", "BIZUDMincho-Regular.ttf")
SYSTEM_FONT_DIRS = ("/usr/share/fonts", "/usr/local/share/fonts")
WEIGHTS = {"regular": 400, "bold": 700}
_SURROGATES = range(0xD800, 0xE000)


def is_selector(code: int) -> bool:
    """異体字セレクタか (is this code point a variation selector)?"""
    return 0xE0100 <= code <= 0xE01EF or 0xFE00 <= code <= 0xFE0F


def clusters(text: str) -> list[str]:
    """書記素 (split a text into a character with its variation selector, if any)."""
    found: list[str] = []
    for char in text:
        if found and is_selector(ord(char)) and len(found[-1]) == 1:
            found[-1] += char
        else:
            found.append(char)
    return found


class Face:
    """一つの書体ファイル (one font file): advances in 1/1000 em, glyph of a character or variation sequence."""

    def __init__(self, path: Path, label: str) -> None:
        self.path = path
        self.label = label
        self.ttf = TTFontFace(str(path))
        widths = self.ttf.charWidths
        self.advance: dict[str, float] = {
            chr(code): widths[code]
            for code, glyph in self.ttf.charToGlyph.items()
            if glyph and 0x20 <= code <= 0xFFFF and code not in _SURROGATES and not is_selector(code)
        }
        self._sequences: dict[tuple[int, int], int | None] | None = None

    def sequences(self) -> dict[tuple[int, int], int | None]:
        """異体字シーケンス表 (format-14 table): (base, selector) → glyph, None = the default form of the base."""
        if self._sequences is None:
            self._sequences = {}
            font = TTFont(self.path, lazy=True)
            for table in font["cmap"].tables:
                if table.format != 14:
                    continue
                for selector, pairs in table.uvsDict.items():
                    for base, name in pairs:
                        glyph = None if name is None else font.getGlyphID(name)
                        self._sequences[(base, selector)] = glyph
        return self._sequences

    def glyph(self, cluster: str) -> int:
        """字形番号 (glyph number of one character or sequence); 0 where this face has none."""
        base = ord(cluster[0])
        if len(cluster) == 1:
            return 0 if base < 0x20 or is_selector(base) else int(self.ttf.charToGlyph.get(base, 0))
        key = (base, ord(cluster[1]))
        if key not in self.sequences():
            return 0
        special = self.sequences()[key]
        return int(self.ttf.charToGlyph.get(base, 0)) if special is None else special

    def glyph_width(self, glyph: int) -> float:
        """送り幅 (advance of a glyph, 1/1000 em)."""
        return (
            float(self.ttf.pdfScale(self.ttf.hmetrics[glyph][0]))
            if hasattr(self.ttf, "pdfScale")
            else float(self.ttf._pdfScale(self.ttf.hmetrics[glyph][0]))
        )


@dataclass(frozen=True)
class Run:
    """同じ書体の一続き (a stretch set in one face)."""

    face: Face
    clusters: tuple[str, ...]
    width: float


@dataclass
class FontSet:
    """一組の書体 (faces of one weight, first is the body face, the others are fallbacks in order)."""

    faces: tuple[Face, ...]
    _runs: dict[str, tuple[Run, ...]] = field(default_factory=dict)

    @property
    def body(self) -> Face:
        """本文の書体 (the first face)."""
        return self.faces[0]

    def width(self, text: str) -> float:
        """文字列の幅 (width, 1/1000 em). Raises MissingGlyph."""
        try:
            return sum(map(self.body.advance.__getitem__, text))
        except KeyError:
            return sum(run.width for run in self.runs(text))

    def runs(self, text: str) -> tuple[Run, ...]:
        """書体ごとに分ける (split by the face that has each character). Raises MissingGlyph."""
        cached = self._runs.get(text)
        if cached is None:
            cached = self._split(text)
            if len(self._runs) < 4096:
                self._runs[text] = cached
        return cached

    def _split(self, text: str) -> tuple[Run, ...]:
        found: list[tuple[Face, list[str], float]] = []
        for cluster in clusters(text):
            face, glyph = self._face_for(cluster)
            width = face.glyph_width(glyph)
            if found and found[-1][0] is face:
                last = found[-1]
                found[-1] = (face, [*last[1], cluster], last[2] + width)
            else:
                found.append((face, [cluster], width))
        return tuple(Run(face, tuple(parts), width) for face, parts, width in found)

    def _face_for(self, cluster: str) -> tuple[Face, int]:
        for face in self.faces:
            glyph = face.glyph(cluster)
            if glyph:
                return face, glyph
        raise MissingGlyph(cluster)

    def missing(self, text: str) -> tuple[str, ...]:
        """印字できない文字 (the characters of a text that no face has)."""
        return tuple(c for c in clusters(text) if not any(face.glyph(c) for face in self.faces))


def _variable_font() -> Path:
    folder = resources.files("justmytype_intl_cjk") / "fonts" / "ofl" / "notosansjp" / "NotoSansJP[wght].ttf"
    return Path(str(folder))


def prepared_dir() -> Path:
    """固定した書体の置き場 (where the installation has cut the weights once, beside the packages they come from)."""
    return Path(str(resources.files("fontTools"))).parent / "taxsys_fonts"


def _static_font(weight: str, cache_dir: Path) -> Path:
    """可変フォントから固定の太さを一度だけ作る (cut the static weight once; temp file + rename)."""
    edition = f"{metadata.version('justmytype-intl-cjk')}-{metadata.version('fonttools')}"
    name = f"NotoSansJP-{weight}-{edition}.ttf"
    for folder in (prepared_dir(), cache_dir):
        if (folder / name).exists():
            return folder / name
    target = cache_dir / name
    cache_dir.mkdir(parents=True, exist_ok=True)
    font = TTFont(_variable_font(), recalcTimestamp=False)
    static = instancer.instantiateVariableFont(font, {"wght": WEIGHTS[weight]}, inplace=True)
    handle, temporary = tempfile.mkstemp(dir=cache_dir, suffix=".tmp")
    os.close(handle)
    static.save(temporary)
    os.replace(temporary, target)
    return target


def _fallback_paths(extra_dirs: Iterable[Path]) -> list[Path]:
    """予備の書体ファイル (installed fallback fonts in the fixed order of FALLBACK_FILES, own folders first)."""
    found: dict[str, Path] = {}
    own: list[Path] = []
    for folder in extra_dirs:
        own.extend(sorted(Path(folder).glob("*.ttf")))
    for system in SYSTEM_FONT_DIRS:
        for path in sorted(Path(system).rglob("*.ttf")):
            if path.name in FALLBACK_FILES:
                found.setdefault(path.name, path)
    return [*own, *(found[name] for name in FALLBACK_FILES if name in found)]


def default_cache_dir() -> Path:
    """既定のフォント置き場 (where the cut fonts are kept: the data folder, beside the packages)."""
    from django.conf import settings

    return Path(getattr(settings, "TAXSYS_FONT_CACHE_DIR", "") or Path(settings.TAXSYS_DATA_DIR).parent / "fonts")


def default_extra_dirs() -> tuple[Path, ...]:
    """追加フォントの置き場 (folders of `TAXSYS_FONT_DIRS`)."""
    from django.conf import settings

    return tuple(Path(folder) for folder in getattr(settings, "TAXSYS_FONT_DIRS", ()))


@lru_cache(maxsize=4)
def load(cache_dir: Path, extra_dirs: tuple[Path, ...] = ()) -> dict[str, FontSet]:
    """書体を読む (both weights with their fallbacks; kept for the life of the process)."""
    fallbacks = tuple(Face(path, f"X{n}") for n, path in enumerate(_fallback_paths(extra_dirs), start=1))
    sets: dict[str, FontSet] = {}
    for weight in WEIGHTS:
        body = Face(_static_font(weight, cache_dir), weight[0].upper())
        sets[weight] = FontSet((body, *fallbacks))
    return sets


def default_fonts() -> dict[str, FontSet]:
    """この導入先の書体 (the fonts of this installation, from settings)."""
    return load(default_cache_dir(), default_extra_dirs())


def _prepare(weight: str) -> None:
    path = _static_font(weight, prepared_dir())
    path.chmod(0o644)


def main() -> None:
    """固定の書体を用意する (cut both weights beside the packages once, so that no run waits for it)."""
    prepared_dir().mkdir(exist_ok=True)
    with ProcessPoolExecutor(max_workers=len(WEIGHTS)) as pool:
        list(pool.map(_prepare, WEIGHTS))


if __name__ == "__main__":
    main()
