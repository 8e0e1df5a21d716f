"""保管: the bytes of files on disk under TAXSYS_DATA_DIR, written whole or not at all, encrypted when number bearing.

    received/YYYY/MM/<id>.bin       received files, unchanged            issued/<kind>/<id>.bin   files made here
    quarantine/YYYY/MM/<id>.bin     refused ones                         issued/…/<id>.bin.manifest.json
    keys/files.key                  key of number-bearing files (0600; made by the embedded profile, else mounted)

Names given by others never become paths: a stored file is called by its own id.
"""

import hashlib
import os
import secrets
import uuid
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from taxsys.platform.files.errors import L_HASH, StoredFileDamaged
from taxsys.platform.keyfile import KeyFileFault, key_read

_MAGIC = b"TXF1"
_NONCE = 12


def data_dir() -> Path:
    """Root of everything this installation keeps as files."""
    return Path(settings.TAXSYS_DATA_DIR)


def sha256_of(content: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(content).hexdigest()


def _key() -> bytes:
    path = Path(getattr(settings, "TAXSYS_KEY_DIR", "") or data_dir() / "keys") / "files.key"
    try:
        return key_read(path, may_make=bool(getattr(settings, "TAXSYS_CREATE_KEYS", False)))
    except KeyFileFault as fault:
        raise StoredFileDamaged(L_HASH, fault.message_ja) from None


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _inside(relative: str) -> Path:
    root = data_dir().resolve()
    path = (root / relative).resolve()
    if not path.is_relative_to(root):
        raise StoredFileDamaged(L_HASH, "保管場所が不正です。")
    return path


def store(relative: str, content: bytes, *, encrypted: bool = False) -> None:
    """Write bytes at a place below the data folder: temporary file, fsync, rename, fsync of the folder."""
    path = _inside(relative)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
    if encrypted:
        nonce = secrets.token_bytes(_NONCE)
        bound = sha256_of(content).encode()
        content = _MAGIC + nonce + AESGCM(_key()).encrypt(nonce, content, bound)
    made = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    handle = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
    with os.fdopen(handle, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    os.replace(made, path)
    _sync_folder(path.parent)


def read_stored(relative: str, *, sha256: str, encrypted: bool) -> bytes:
    """Bytes of a stored file. StoredFileDamaged when they are missing or do not give the recorded hash."""
    try:
        content = _inside(relative).read_bytes()
    except FileNotFoundError:
        raise StoredFileDamaged(L_HASH, "保管したファイルが見つかりません。バックアップから戻してください。") from None
    if encrypted:
        if not content.startswith(_MAGIC):
            raise StoredFileDamaged(L_HASH, "保管したファイルの形が違います。改変の疑いがあります。")
        nonce, body = content[len(_MAGIC) : len(_MAGIC) + _NONCE], content[len(_MAGIC) + _NONCE :]
        try:
            content = AESGCM(_key()).decrypt(nonce, body, sha256.encode())
        except InvalidTag:
            raise StoredFileDamaged(
                L_HASH, "保管したファイルを復号できません。改変または鍵違いの疑いがあります。"
            ) from None
    if sha256_of(content) != sha256:
        raise StoredFileDamaged(L_HASH, "保管したファイルのハッシュ値が記録と合いません。改変の疑いがあります。")
    return content


def stand_also(relative: str, target: str) -> None:
    """Let a stored file stand at a second place too, for the way into quarantine; harmless when it does already.

    The first place is taken away only when the database has kept the new one, so no crash loses the bytes.
    """
    path = _inside(target)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
    path.unlink(missing_ok=True)
    os.link(_inside(relative), path)
    _sync_folder(path.parent)


def remove(relative: str) -> None:
    """Take away a stored file whose receipt did not come about, or the former place of one that moved."""
    _inside(relative).unlink(missing_ok=True)
