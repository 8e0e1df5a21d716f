"""試算の保管: bases and sketches of answers as encrypted files of the data folder, all to be made anew at any time.

    what-if/<year>/<key>/base.<sha256>.bin      what-if/<year>/<key>/<answer>.<sha256>.bin

No register knows of them; they hold no name, no number and no party. A base that is replaced goes with its answers.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from threading import Lock

import numpy as np

from assessment.resident.what_if.base import Base, BaseDamaged, packed, unpacked
from assessment.resident.what_if.disclosure import BUCKETS, Veil, veil_unpacked
from taxsys.kernel.columns import Array
from taxsys.platform.files.errors import StoredFileDamaged
from taxsys.platform.files.storage import data_dir, read_stored, sha256_of, store

_LENGTH = 8
_lock = Lock()
_held: dict[Path, Base] = {}  # the base last used by this process
_answers: dict[Path, tuple[Array, Veil]] = {}


def _folder(tax_year: int) -> Path:
    return data_dir() / "what-if" / str(tax_year)


def _read(path: Path) -> bytes:
    relative = str(path.relative_to(data_dir()))
    return read_stored(relative, sha256=path.name.split(".")[1], encrypted=True)


def base_stored(tax_year: int) -> Base | None:
    """The base kept for the year, None where there is none that can be read."""
    path = next(iter(sorted(_folder(tax_year).glob("*/base.*.bin"))), None)
    if path is None:
        return None
    with _lock:
        if path not in _held:
            try:
                base = unpacked(_read(path))
            except (BaseDamaged, StoredFileDamaged):
                return None
            _held.clear()
            _held[path] = base
        return _held[path]


def base_keep(base: Base) -> None:
    """Keep a base; every earlier one of the year goes, with the answers given from it."""
    folder = _folder(base.head.tax_year)
    bases_drop(base.head.tax_year)
    content = packed(base)
    name = f"{folder.relative_to(data_dir())}/{base.head.key}/base.{sha256_of(content)}.bin"
    store(name, content, encrypted=True)
    with _lock:
        _held[data_dir() / name] = base


def bases_drop(tax_year: int) -> None:
    """Take away what is kept of the year."""
    with _lock:
        _held.clear()
        _answers.clear()
        shutil.rmtree(_folder(tax_year), ignore_errors=True)


def answers_stored(base: Base) -> list[tuple[Array, Veil]]:
    """Sketch and veil of every answer given from this base. Raises StoredFileDamaged where one cannot be read."""
    folder = _folder(base.head.tax_year) / base.head.key
    found = []
    for path in sorted(path for path in folder.glob("*.bin") if not path.name.startswith("base.")):
        if path not in _answers:
            content = _read(path)
            size = _LENGTH + int.from_bytes(content[:_LENGTH], "little")
            sketch = np.frombuffer(content[_LENGTH:size], dtype=np.uint32).reshape(-1, 2, BUCKETS)
            _answers[path] = sketch, veil_unpacked(base, content[size:])
        found.append(_answers[path])
    return found


def answer_keep(base: Base, name: str, sketch: Array, veil: Veil) -> None:
    """Keep the sketch and the veil of an answer that was given; `name` names its edits."""
    marks = sketch.tobytes()
    content = len(marks).to_bytes(_LENGTH, "little") + marks + veil.packed()
    folder = f"what-if/{base.head.tax_year}/{base.head.key}"
    store(f"{folder}/{name}.{sha256_of(content)}.bin", content, encrypted=True)


def forget() -> None:
    """Let go of what this process holds in memory; the files stand."""
    with _lock:
        _held.clear()
        _answers.clear()
