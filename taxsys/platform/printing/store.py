"""印刷物の置き場 (where the files of a package lie): under the data folder, written whole or not at all."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path

from django.conf import settings

from taxsys.platform.printing.errors import PackageRefused
from taxsys.platform.printing.models import PrintPackage


def root() -> Path:
    """印刷物の根 (root folder of print packages)."""
    return Path(settings.TAXSYS_DATA_DIR) / "print"


def folder_name(package: PrintPackage) -> str:
    """組のフォルダ名 (folder of a package, from its business key: the same in every run)."""
    tail = hashlib.sha256(f"{package.kind}|{package.business_key}".encode()).hexdigest()[:8]
    readable = re.sub(r"[^A-Za-z0-9._-]", "_", package.business_key)[:60]
    return f"{re.sub(r'[^A-Za-z0-9._-]', '_', package.kind)}/{readable}-{tail}/v{package.edition}"


def batch_no(package: PrintPackage, part_no: int) -> str:
    """バッチ番号 (batch number of a part in the data file; from the business key, not from a row number)."""
    tail = hashlib.sha256(f"{package.kind}|{package.business_key}|{package.edition}".encode()).hexdigest()[:10]
    return f"B{tail.upper()}-{part_no:03d}"


def write(relative: str, content: bytes) -> str:
    """書込み (temporary file, fsync, rename; readable by the owner only); returns the SHA-256."""
    target = root() / relative
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".part")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, target)
    return hashlib.sha256(content).hexdigest()


def read_checked(relative: str, sha256: str) -> bytes:
    """照合して読む (bytes of a stored file). Raises PackageRefused when it is gone or was changed."""
    path = root() / relative
    if not path.is_file():
        raise PackageRefused(f"印刷ファイル {relative} が見つかりません。この組を作り直してください。")
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise PackageRefused(f"印刷ファイル {relative} の内容が作成時と異なります。使用せず、組を作り直してください。")
    return content
