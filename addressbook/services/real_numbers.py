"""実在の番号を複製環境に入れない: the list is written in production, loaded in the copy (R-234, N-074)."""

from pathlib import Path

from django.db import transaction

from addressbook.access import number_use
from addressbook.errors import RealNumberRefused
from addressbook.permissions import ROTATE_KEYS
from addressbook.vault.fingerprints import PRINT_BYTES, prints_load, prints_of_all

_HEAD = b"taxsys-fingerprints-v1\n"


@transaction.atomic
def list_write(path: Path) -> int:
    """一覧を書き出す: sorted, without repetition, so that no order tells anything. Answers how many."""
    with number_use(ROTATE_KEYS, purpose="実在の番号の一覧の作成"):
        prints = sorted(set(prints_of_all()))
    path.write_bytes(_HEAD + b"".join(prints))
    path.chmod(0o600)
    return len(prints)


@transaction.atomic
def list_load(path: Path) -> int:
    """一覧を読み込む: it takes the place of the standing one. Raises RealNumberRefused for a file that is none."""
    content = path.read_bytes() if path.is_file() else b""
    body = content.removeprefix(_HEAD)
    if not content.startswith(_HEAD) or not body or len(body) % PRINT_BYTES:
        raise RealNumberRefused("実在の番号の一覧ではありません。本番環境で作ったファイルを指定してください。")
    with number_use(ROTATE_KEYS, purpose="実在の番号の一覧の読込み"):
        return prints_load([body[at : at + PRINT_BYTES] for at in range(0, len(body), PRINT_BYTES)])
