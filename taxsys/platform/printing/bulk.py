"""一括書込み (set-based writes of the pieces of a package; raw SQL because one part has thousands of rows)."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection


def item_hashes_set(item_ids: Sequence[int], hashes: Sequence[str]) -> int:
    """内容ハッシュを記録する (store the content hash of each piece in one statement); returns the rows changed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE printing_printitem AS i SET content_hash = v.hash "
            "FROM unnest(%s::bigint[], %s::text[]) AS v(id, hash) WHERE i.id = v.id",
            [list(item_ids), list(hashes)],
        )
        return cursor.rowcount
