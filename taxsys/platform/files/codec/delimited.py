"""Writer of delimited files (RFC 4180): statutory reports, local-v1 files, collection CSV."""

import io
from collections.abc import Iterable, Mapping
from typing import Any

from taxsys.platform.files.codec import bytescheck
from taxsys.platform.files.codec.delimited_reader import read
from taxsys.platform.files.codec.fieldtypes import Fault, read_value, write_composite, write_value
from taxsys.platform.files.errors import E_CHARACTER, E_MISSING, RecordNotWritable
from taxsys.platform.files.layouts import Layout

__all__ = ["read", "write"]


def write(
    layout: Layout, records: Iterable[Mapping[str, Any]], header: Mapping[str, Any], trailer: Mapping[str, Any]
) -> bytes:
    """Bytes of a delimited file. RecordNotWritable names the record, the field and the reason."""
    out = io.StringIO()
    end = "\r\n" if layout.options.get("line_end", "crlf") == "crlf" else "\n"
    if layout.options.get("header_line") is True:
        out.write(",".join(layout.names) + end)
    caches: list[dict[Any, str]] = [{} for _ in layout.data_fields]
    forced = frozenset(layout.options.get("quote_columns", ()))
    for number, values in enumerate(records, 1):
        cells: list[str] = []
        full = _with_composites(layout, values)
        for one, cache in zip(layout.data_fields, caches, strict=True):
            value = full.get(one.name)
            key = (value, value.__class__)
            cell = cache.get(key)
            if cell is None:
                cell = cache[key] = _cell(layout, one, value, number, must_quote=one.name in forced)
            cells.append(cell)
        out.write(",".join(cells) + end)
    return bytescheck.encode(out.getvalue(), layout)


def _with_composites(layout: Layout, values: Mapping[str, Any]) -> Mapping[str, Any]:
    full: dict[str, Any] = {}
    for composite in layout.composites:
        full |= write_composite(values.get(composite.name), composite)
    if layout.options.get("fixed_first"):
        full[layout.names[0]] = layout.options["fixed_first"]
    return {**full, **{name: value for name, value in values.items() if value is not None}}


def _cell(layout: Layout, one: Any, value: Any, number: int, *, must_quote: bool) -> str:
    text = write_value(value, one)
    if not text:
        if one.required:
            raise RecordNotWritable(
                E_MISSING, f"{number}件目 {one.name_ja}は必須です。", line_no=number, field=one.name
            )
        return '""' if must_quote else ""
    fault = read_value(text, one)
    if isinstance(fault, Fault) and not fault.is_warning:
        raise RecordNotWritable(fault.code, f"{number}件目 {fault.message_ja}", line_no=number, field=one.name)
    if must_quote or any(char in text for char in ',"\r\n'):
        if any(char in text for char in "\r\n") and not layout.options.get("multiline"):
            raise RecordNotWritable(
                E_CHARACTER, f"{number}件目 {one.name_ja}に改行は使えません。", line_no=number, field=one.name
            )
        return '"' + text.replace('"', '""') + '"'
    return text
