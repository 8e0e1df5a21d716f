"""圧縮ファイル (zip) from outside: opened with limits, so that no bomb, no path and no link gets through."""

import io
import zipfile

from taxsys.platform.files.errors import E_CHARACTER, E_LENGTH, L_HASH, L_HEADER, FileRefused

MAX_MEMBERS = 2_000
MAX_TOTAL = 2 << 30
MAX_RATIO = 200
_SMALL = 1 << 20


def safe_name(name: str) -> str:
    """A file name as given, when it is only a name. FileRefused with paths, control characters or nothing in it."""
    flat = name.replace("\\", "/")
    bad = not name.strip() or "/" in flat or flat in {".", ".."} or len(name) > 255
    if bad or any(char < " " or char == "\x7f" or "\u202a" <= char <= "\u202e" for char in name) or ":" in name:
        raise FileRefused(
            E_CHARACTER,
            "ファイル名に使えない文字（/ \\ .. : 制御文字）があるか、長すぎます。名前を直してください。",
            field="name",
        )
    return name


def unpack(content: bytes) -> dict[str, bytes]:
    """Files of a zip by name. FileRefused on a broken, encrypted, nested-path, doubled or over-large archive."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        members = [one for one in archive.infolist() if not one.is_dir()]
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise FileRefused(L_HEADER, "圧縮ファイル（zip）として読めません。送付元に再送を依頼してください。") from None
    if len(members) > MAX_MEMBERS:
        raise FileRefused(E_LENGTH, f"圧縮ファイルの中が{MAX_MEMBERS:,}個を超えています。分けて送ってください。")
    total = sum(one.file_size for one in members)
    if total > MAX_TOTAL or any(
        one.file_size > _SMALL and one.file_size > MAX_RATIO * max(one.compress_size, 1) for one in members
    ):
        raise FileRefused(E_LENGTH, "展開後の大きさが制限を超えます（圧縮爆弾の疑い）。受け付けません。")
    found: dict[str, bytes] = {}
    for one in members:
        name = safe_name(one.filename)
        if one.flag_bits & 0x1:
            raise FileRefused(L_HEADER, "パスワード付きの圧縮ファイルは受け付けません。")
        if name in found:
            raise FileRefused(L_HEADER, "圧縮ファイルの中に同じ名前のファイルが2つあります。")
        found[name] = _member(archive, one)
    return found


def _member(archive: zipfile.ZipFile, one: zipfile.ZipInfo) -> bytes:
    """Read one member, never more than it says it holds."""
    try:
        with archive.open(one) as handle:
            content = handle.read(one.file_size + 1)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError, ValueError):
        raise FileRefused(L_HASH, "圧縮ファイルの中身が壊れています。送付元に再送を依頼してください。") from None
    if len(content) != one.file_size:
        raise FileRefused(E_LENGTH, "圧縮ファイルの中身の大きさが表記と合いません。受け付けません。")
    return content
