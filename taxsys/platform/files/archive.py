"""圧縮ファイル (zip) from outside: opened with limits, so that no bomb, no path and no link gets through."""

import io
import stat
import zipfile
from collections.abc import Sequence

from taxsys.platform.files.errors import E_CHARACTER, E_LENGTH, L_HASH, L_HEADER, FileRefused

MAX_MEMBERS = 2_000
MAX_TOTAL = 1 << 30
MAX_RATIO = 200
_SMALL = 1 << 20
# First bytes of archives (zip, gzip, 7z, xz, bzip2, rar): nothing is sent here packed twice.
_ARCHIVES = (b"PK\x03\x04", b"\x1f\x8b", b"7z\xbc\xaf\x27\x1c", b"\xfd7zXZ", b"BZh", b"Rar!")
_BOMB_JA = "展開後の大きさが制限を超えます（圧縮爆弾の疑い）。受け付けません。"


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


def archive_check(members: Sequence[zipfile.ZipInfo], packed: int, *, most: int = MAX_TOTAL) -> None:
    """What an archive of `packed` bytes says of itself, before anything is unpacked. FileRefused for a bomb.

    Too many members, too much in all or in one, members that share their packed bytes (each alone looks harmless), a
    link among them.
    """
    if len(members) > MAX_MEMBERS:
        raise FileRefused(E_LENGTH, f"圧縮ファイルの中が{MAX_MEMBERS:,}個を超えています。分けて送ってください。")
    total = sum(one.file_size for one in members)
    if total > most or total > max(_SMALL, MAX_RATIO * packed):
        raise FileRefused(E_LENGTH, _BOMB_JA)
    if any(one.file_size > _SMALL and one.file_size > MAX_RATIO * max(one.compress_size, 1) for one in members):
        raise FileRefused(E_LENGTH, _BOMB_JA)
    if sum(one.compress_size for one in members) > packed:
        raise FileRefused(E_LENGTH, _BOMB_JA)
    if any(stat.S_ISLNK(one.external_attr >> 16) for one in members):
        raise FileRefused(L_HEADER, "圧縮ファイルの中にリンクがあります。ファイルそのものを入れてください。")


def unpack(content: bytes) -> dict[str, bytes]:
    """Files of a zip by name. FileRefused on a broken, encrypted, nested-path, doubled, over-large or
    twice packed archive."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        members = [one for one in archive.infolist() if not one.is_dir()]
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise FileRefused(L_HEADER, "圧縮ファイル（zip）として読めません。送付元に再送を依頼してください。") from None
    archive_check(members, len(content))
    found: dict[str, bytes] = {}
    for one in members:
        name = safe_name(one.filename)
        if one.flag_bits & 0x1:
            raise FileRefused(L_HEADER, "パスワード付きの圧縮ファイルは受け付けません。")
        if name in found:
            raise FileRefused(L_HEADER, "圧縮ファイルの中に同じ名前のファイルが2つあります。")
        found[name] = _member(archive, one)
        if found[name].startswith(_ARCHIVES):
            raise FileRefused(
                L_HEADER, "圧縮ファイルの中に圧縮ファイルがあります。展開して、一つの圧縮ファイルにしてください。"
            )
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
