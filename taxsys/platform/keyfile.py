"""鍵ファイル: 32 random bytes in a file that only the service account can read; made once where that is allowed."""

import os
import secrets
import stat
from pathlib import Path

KEY_BYTES = 32


class KeyFileFault(Exception):
    """A key file is missing, open to others or of the wrong length; the message (Japanese) says what to do."""

    def __init__(self, message_ja: str) -> None:
        super().__init__(message_ja)
        self.message_ja = message_ja


def key_read(path: Path, *, may_make: bool) -> bytes:
    """The key of the file; made at first use where `may_make`. Raises KeyFileFault."""
    if not path.exists():
        if not may_make:
            raise KeyFileFault(f"鍵ファイル {path.name} がありません。鍵の配置を運用担当に確認してください。")
        _make(path)
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise KeyFileFault(f"鍵ファイル {path.name} を他の利用者が読める状態です。権限を0600にしてください。")
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise KeyFileFault(f"鍵ファイル {path.name} の長さが正しくありません。控えから戻してください。")
    return key


def secret_read(path: str) -> str:
    """The text of a secret's file (a PIN, say) without its line end. Raises KeyFileFault."""
    file = Path(path)
    if not path or not file.is_file():
        raise KeyFileFault(
            f"秘密の値のファイル {file.name or '（未指定）'} がありません。配置を運用担当に確認してください。"
        )
    if stat.S_IMODE(file.stat().st_mode) & 0o027:
        raise KeyFileFault(f"秘密の値のファイル {file.name} を他の利用者が読めます。権限を0600か0640にしてください。")
    return file.read_text(encoding="utf-8").strip()


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Written aside and linked into place: two processes starting at once agree on one key, never on half of one.
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, secrets.token_bytes(KEY_BYTES))
        os.fsync(handle)
    finally:
        os.close(handle)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first; its key is the key
    finally:
        os.unlink(draft)
