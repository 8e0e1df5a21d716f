"""送付票 (manifest) of profile local-v1: what a file says about itself, beside it as NAME.manifest.json."""

import csv
import io
import json
from collections.abc import Mapping
from typing import Any

from taxsys.platform.files.errors import L_AMOUNT, L_COUNT, L_HASH, L_HEADER, FileRefused
from taxsys.platform.files.storage import sha256_of

PROFILE = "local-v1"


def manifest_of(content: bytes, **facts: Any) -> dict[str, Any]:
    """Manifest of a file. Facts: format, layout_version, sender, receiver, created_at, record_count, amount_sums."""
    return {"profile": PROFILE, **facts, "sha256": sha256_of(content)}


def manifest_bytes(manifest: Mapping[str, Any]) -> bytes:
    """The manifest as stored: JSON with sorted keys, so that the same file always has the same manifest."""
    return (json.dumps(manifest, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def manifest_read(content: bytes) -> dict[str, Any]:
    """A manifest from its bytes. FileRefused when it is no JSON object."""
    try:
        found = json.loads(content.decode("utf-8"))
    except (UnicodeDecodeError, ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise FileRefused(L_HEADER, "送付票（manifest.json）が読めません。送付元に再送を依頼してください。")
    return found


def manifest_check(content: bytes, manifest: Mapping[str, Any]) -> None:
    """Refuse the file (FileRefused; `field` says which control failed) when hash, count or a sum is not as stated."""
    if manifest.get("profile") != PROFILE:
        raise FileRefused(L_HEADER, f"送付票の profile が {PROFILE} ではありません。", field="profile")
    rows = _rows(content)
    stated = manifest.get("record_count")
    if stated != len(rows):
        raise FileRefused(
            L_COUNT,
            f"送付票の件数（{stated}）と明細の件数（{len(rows)}）が合いません。ファイル全体を受け付けません。",
            field="record_count",
        )
    if sha256_of(content) != manifest.get("sha256"):
        raise FileRefused(
            L_HASH,
            "送付票のハッシュ値とファイルが合いません。途中で変わった疑いがあります。再送を依頼してください。",
            field="sha256",
        )
    sums = manifest.get("amount_sums") or {}
    if not isinstance(sums, Mapping):
        raise FileRefused(L_AMOUNT, "送付票の金額合計の形が正しくありません。", field="amount_sums")
    for name, total in sums.items():
        found = _sum(rows, str(name))
        if found != total:
            raise FileRefused(
                L_AMOUNT,
                f"送付票の金額合計（{name}）と明細の合計が合いません。ファイル全体を受け付けません。",
                field="amount_sums",
            )


def _rows(content: bytes) -> list[dict[str, str]]:
    try:
        return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise FileRefused(
            L_HEADER, "CSV（UTF-8）として読めません。送付元に再送を依頼してください。", field="csv"
        ) from None


def _sum(rows: list[dict[str, str]], name: str) -> int | None:
    total = 0
    for row in rows:
        cell = (row.get(name) or "").strip()
        if not cell:
            continue
        if not cell.lstrip("-").isdecimal():
            return None
        total += int(cell)
    return total if not rows or name in rows[0] else None
