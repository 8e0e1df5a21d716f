"""提出先: records of a file that are addressed to another municipality are not ours to hold (R-202).

A layout names the field in its table (`addressee`). Such a record is set aside with its line before anybody sees its
values; a file that holds nothing for this city is refused whole.
"""

from django.conf import settings

from taxsys.platform.files.codec.parsed import Parsed
from taxsys.platform.files.errors import L_CODE, FileRefused, LineProblem
from taxsys.platform.files.layouts import Layout


def own_records(layout: Layout, parsed: Parsed) -> Parsed:
    """The file with the records for this city alone; the others are line problems. Raises FileRefused for none."""
    name = str(layout.options.get("addressee", ""))
    if not name or not parsed.line_nos:
        return parsed
    own = settings.TAXSYS_MUNICIPALITY_CODE
    mine = [code == own for code in parsed.column(name)]
    if all(mine):
        return parsed
    title = layout.field_named(name).name_ja
    if not any(mine):
        raise FileRefused(
            L_CODE, f"{title}が当市（{own}）の記録が1件もありません。他団体のファイルです。送付元に連絡してください。"
        )
    message = f"{title}が当市のものではありません。登録しませんでした。送付元に連絡してください。"
    foreign = [
        LineProblem(line, L_CODE, message, name, title)
        for line, is_mine in zip(parsed.line_nos, mine, strict=True)
        if not is_mine
    ]
    parsed.columns = {
        key: None if column is None else [value for value, is_mine in zip(column, mine, strict=True) if is_mine]
        for key, column in parsed.columns.items()
    }
    parsed.line_nos = [line for line, is_mine in zip(parsed.line_nos, mine, strict=True) if is_mine]
    parsed.errors = [*parsed.errors, *foreign]
    return parsed
