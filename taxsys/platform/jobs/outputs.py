"""Files of a run: written beside, synced, renamed, hashed; only then may a row of the database name them."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.conf import settings

from taxsys.platform.jobs.errors import JobError, RunPaused

NAME = re.compile(r"[^\x00-\x1f/\\]{1,120}")
BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class StoredFile:
    """Where a file lies (relative to the data folder), its sha256 and size in bytes."""

    path: str
    sha256: str
    size: int


def store(run_id: int, *, name: str, content: bytes | Path) -> StoredFile:
    """Keep `content` (bytes, or a file to copy) as output `name` of the run.

    The folder carries the start of the hash, so a worker that lost its lease can never overwrite what the database
    already names. Raises JobError J-NAME for a name that is no plain file name, RunPaused when the disk refuses.
    """
    if not NAME.fullmatch(name) or name in {".", ".."}:
        raise JobError("J-NAME", "成果物の名前に使えない文字があります。")
    root = Path(settings.TAXSYS_DATA_DIR) / "runs" / f"{run_id:08d}"
    try:
        return _store(root, name, content)
    except OSError as error:
        cause = error.strerror or type(error).__name__
        message = f"成果物を書き込めません({cause})。保存先の空き容量と権限を確認してください。"
        raise RunPaused("J-DISK", message) from error


def _store(root: Path, name: str, content: bytes | Path) -> StoredFile:
    root.mkdir(parents=True, exist_ok=True, mode=0o750)
    digest = hashlib.sha256()
    size = 0
    temporary = NamedTemporaryFile(dir=root, prefix=".part-", delete=False)  # noqa: SIM115 renamed below
    try:
        with temporary:
            for block in _blocks(content):
                digest.update(block)
                size += len(block)
                temporary.write(block)
            temporary.flush()
            os.fsync(temporary.fileno())
        folder = root / digest.hexdigest()[:16]
        folder.mkdir(exist_ok=True, mode=0o750)
        os.replace(temporary.name, folder / name)
        _sync_folder(folder)
        _sync_folder(root)
    except BaseException:
        Path(temporary.name).unlink(missing_ok=True)
        raise
    relative = (folder / name).relative_to(settings.TAXSYS_DATA_DIR)
    return StoredFile(str(relative), digest.hexdigest(), size)


def _blocks(content: bytes | Path) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with content.open("rb") as source:
        while block := source.read(BLOCK):
            yield block


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def verify(path: str, sha256: str) -> bool:
    """Whether the file at `path` (relative to the data folder) still has this hash."""
    digest = hashlib.sha256()
    try:
        for block in _blocks(Path(settings.TAXSYS_DATA_DIR) / path):
            digest.update(block)
    except OSError:
        return False
    return digest.hexdigest() == sha256


def remove_all(run_id: int) -> None:
    """Remove the files of a discarded run."""
    shutil.rmtree(Path(settings.TAXSYS_DATA_DIR) / "runs" / f"{run_id:08d}", ignore_errors=True)
