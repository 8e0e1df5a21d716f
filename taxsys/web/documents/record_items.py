"""docs/privacy/: 別紙1 記録項目一覧, written from the data dictionary (R-149)."""

from collections.abc import Mapping

from taxsys.platform.dictionary.listing import record_items
from taxsys.web.documents.pages import table

_HEAD = (
    "# 別紙1 記録項目一覧\n\n"
    "この一覧はデータ辞書（各アプリの `data_dictionary.toml` と `taxsys/platform/dictionary/groups.toml`）"
    "から作られます（`manage.py record_items_doc`）。手で直さないでください。"
    "運用の記録（処理の日時・担当など）は載せていません。\n"
)


def record_item_pages() -> Mapping[str, str]:
    """Path under docs/ → text."""
    held = record_items()
    lines = [_HEAD]
    lines += table(
        ("記録項目群", "項目数", "保有目的", "使える用途"),
        [(one.group.title_ja, len(one.items), one.group.purpose_ja, one.uses_ja) for one in held],
    )
    for one in held:
        if one.items:
            by_record: dict[str, list[str]] = {}
            for record, item in one.items:
                by_record.setdefault(record, []).append(item)
            lines += ["", f"## {one.group.title_ja}", ""]
            lines += table(("記録", "項目"), [(record, "、".join(items)) for record, items in by_record.items()])
    return {"privacy/record-items.md": "\n".join(lines) + "\n"}
