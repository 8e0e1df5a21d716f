"""Every layout table, tested from the table itself: round trip, bounds, missing items, wrong lengths and encodings."""

from typing import Any

import pytest

from taxsys.platform.files import layouts
from taxsys.platform.files.errors import FileRefused, RecordNotWritable, UnknownLayout
from taxsys.platform.files.layouts import Layout
from tests.files.sample import content_of, header_of, record_of

ALL = layouts.all_layouts()
FLAT = [one for one in ALL if one.form != "xml"]
DELIMITED = [one for one in ALL if one.form == "delimited"]
FIXED = [one for one in ALL if one.form == "fixed"]


def _id(layout: Layout) -> str:
    return layout.key


def _plain(values: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in given if given[name] is not None}


@pytest.mark.parametrize("layout", FLAT, ids=_id)
def test_fullest_record_comes_back_as_it_was_written(layout: Layout) -> None:
    given = record_of(layout)
    parsed = layout.parse(content_of(layout, [given]))
    assert parsed.errors == []
    assert _plain(parsed.records[0].values, given) == {k: v for k, v in given.items() if v is not None}


@pytest.mark.parametrize("layout", FLAT, ids=_id)
def test_barest_record_comes_back_with_the_rest_absent(layout: Layout) -> None:
    given = record_of(layout, only_required=True)
    parsed = layout.parse(content_of(layout, [given]))
    assert parsed.errors == []
    values = parsed.records[0].values
    assert _plain(values, given) == given
    absent = [
        one for one in layout.data_fields if one.name not in given and one.converter not in {"bytes", "yen", "count"}
    ]
    parts = {part for composite in layout.composites for part in composite.parts}
    assert [one.name for one in absent if values[one.name] is not None and one.name not in parts] == []


@pytest.mark.parametrize("layout", FLAT, ids=_id)
def test_writing_what_was_read_gives_the_same_bytes(layout: Layout) -> None:
    content = content_of(layout, [record_of(layout), record_of(layout, only_required=True)])
    parsed = layout.parse(content)
    assert layout.write([one.values for one in parsed.records], header=parsed.header) == content


@pytest.mark.parametrize("layout", DELIMITED, ids=_id)
def test_each_missing_required_item_sets_its_line_aside(layout: Layout) -> None:
    required = [
        one
        for i, one in enumerate(layout.data_fields)
        if one.required and not (i == 0 and layout.options.get("fixed_first"))
    ]
    lines = []
    good = content_of(layout, [record_of(layout)])
    for one in required:
        parsed = layout.parse(good)
        cells = {name: parsed.records[0].values[name] for name in layout.names}
        lines.append((one, cells))
    for one, cells in lines:
        content = _raw(layout, [cells, {**cells, one.name: None}, cells])
        parsed = layout.parse(content)
        assert [record.line_no for record in parsed.records] == [_first(layout), _first(layout) + 2]
        problem = parsed.errors[0]
        parts = [composite for composite in layout.composites if one.name in composite.parts]
        assert problem.line_no == _first(layout) + 1
        assert problem.code == "E0001" or parts
        assert f"{problem.line_no}行目" in problem.message_ja


def _first(layout: Layout) -> int:
    return 2 if layout.options.get("header_line") is True else 1


def _raw(layout: Layout, rows: list[dict[str, Any]]) -> bytes:
    """A delimited file written without any check, for rows that the writer would not write."""
    head = [",".join(layout.names)] if layout.options.get("header_line") is True else []
    lines = [",".join(_text(layout, name, row[name]) for name in layout.names) for row in rows]
    return ("\r\n".join([*head, *lines]) + "\r\n").encode(layout.encoding)


def _text(layout: Layout, name: str, value: Any) -> str:
    if value is None:
        return ""
    if hasattr(value, "strftime"):
        return value.strftime("%Y%m%d") if layout.field_named(name).type == "D8" else value.isoformat()
    return str(value)


@pytest.mark.parametrize("layout", DELIMITED, ids=_id)
def test_value_one_longer_than_the_field_is_named(layout: Layout) -> None:
    for one in layout.data_fields:
        if not one.length or one.converter not in {"text", "ascii", "digits", "kana_half", "yen", "count"} or one.codes:
            continue
        cells = layout.parse(content_of(layout, [record_of(layout)])).records[0].values
        long = {"text": "漢", "kana_half": "ｶ"}.get(one.converter, "9") * (one.length + 1)
        if one.name == layout.names[0] and layout.options.get("fixed_first"):
            continue
        parsed = layout.parse(_raw(layout, [cells, {**cells, one.name: long}]))
        assert [problem.code for problem in parsed.errors if problem.field == one.name] == ["E0003"], one.name


@pytest.mark.parametrize("layout", DELIMITED, ids=_id)
def test_a_count_of_items_no_edition_knows_refuses_the_file(layout: Layout) -> None:
    lines = content_of(layout, [record_of(layout)]).split(b"\r\n")
    wrong = b"\r\n".join(line + b",1" if line else line for line in lines)
    with pytest.raises(FileRefused) as refused:
        layout.parse(wrong)
    assert refused.value.code == "L0109"


@pytest.mark.parametrize("layout", [one for one in DELIMITED if one.options.get("header_line") is True], ids=_id)
def test_a_missing_header_line_refuses_the_file(layout: Layout) -> None:
    body = content_of(layout, [record_of(layout)]).split(b"\r\n", 1)[1]
    with pytest.raises(FileRefused) as refused:
        layout.parse(body)
    assert refused.value.code == "L0102"


@pytest.mark.parametrize("layout", DELIMITED, ids=_id)
def test_one_short_line_among_good_ones_is_set_aside(layout: Layout) -> None:
    lines = content_of(layout, [record_of(layout)] * 3).split(b"\r\n")
    place = len(lines) - 3
    lines[place] = lines[place].rsplit(b",", 1)[0]
    parsed = layout.parse(b"\r\n".join(lines))
    assert (len(parsed.records), [(one.line_no, one.code) for one in parsed.errors]) == (2, [(place + 1, "L0101")])


@pytest.mark.parametrize("layout", [one for one in FLAT if one.encoding == "cp932"], ids=_id)
def test_a_character_outside_the_encoding_is_refused_on_writing(layout: Layout) -> None:
    fields = [one for one in layout.data_fields if one.converter in {"text", "jis_2byte"}]
    for one in fields:
        with pytest.raises(RecordNotWritable) as refused:
            content_of(layout, [{**record_of(layout), one.name: "𠮷"}])
        assert refused.value.code == "E0002"


@pytest.mark.parametrize("layout", FIXED, ids=_id)
def test_a_fixed_file_cut_by_one_byte_is_refused(layout: Layout) -> None:
    content = content_of(layout, [record_of(layout)] * 2).rstrip(b"\r\n")
    if layout.options.get("allow_trimmed"):
        content = content.replace(b"\r\n", b"")
    with pytest.raises(FileRefused) as refused:
        layout.parse(content[:-1])
    assert refused.value.code == "L0101"


TOTALLED = [one for one in FIXED if one.options.get("total")]


@pytest.mark.parametrize("layout", TOTALLED, ids=_id)
def test_each_wrong_total_refuses_the_whole_file(layout: Layout) -> None:
    records = [record_of(layout) | {"amount": 100} if "amount" in layout.names else record_of(layout)] * 2
    for total in layout.options["total"]:
        wrong = layout.write(records, header=header_of(layout), trailer={total["trailer"]: 1})
        with pytest.raises(FileRefused) as refused:
            layout.parse(wrong)
        assert refused.value.code == ("L0103" if total["rule"] == "count" else "L0104")
        assert refused.value.field == total["trailer"]


@pytest.mark.parametrize("layout", TOTALLED, ids=_id)
def test_a_dropped_data_record_refuses_the_whole_file(layout: Layout) -> None:
    length = layout.options["record_length"]
    content = content_of(layout, [record_of(layout)] * 2).replace(b"\r\n", b"")
    with pytest.raises(FileRefused) as refused:
        layout.parse(content[:length] + content[2 * length :])
    assert refused.value.code == "L0103"


# Collection agents may leave their totals out.
CLOSED = [one for one in TOTALLED if "trailer?" not in one.options["order"]]


@pytest.mark.parametrize("layout", CLOSED, ids=_id)
def test_a_missing_tail_refuses_the_whole_file(layout: Layout) -> None:
    length = layout.options["record_length"]
    content = content_of(layout, [record_of(layout)] * 2).replace(b"\r\n", b"")
    ends = 2 if "end" in layout.by_record and "end" in layout.options["order"] else 1
    with pytest.raises(FileRefused) as refused:
        layout.parse(content[: -ends * length])
    assert refused.value.code == "L0102"


def test_every_table_is_named_dated_and_titled() -> None:
    for one in ALL:
        assert one.title
        assert one.status in {"V", "P", "L"}
        assert [field.seq for field in one.data_fields] == sorted(field.seq for field in one.data_fields)
        assert len(set(one.names)) == len(one.names), one.key


def test_fixed_records_fill_their_length_exactly() -> None:
    for one in FIXED:
        for kind, fields in one.by_record.items():
            wanted = one.options.get("records", {}).get(kind, {}).get("length", one.options["record_length"])
            assert sum(field.length for field in fields) == wanted, (one.key, kind)


def test_editions_of_the_wage_report_are_told_apart_by_their_items() -> None:
    assert [(one.edition, len(one.data_fields)) for one in layouts.editions("kyuho_315")] == [
        ("2014", 98),
        ("2021", 144),
        ("local2025", 172),
    ]
    assert layouts.for_item_count("kyuho_315", 144).edition == "2021"
    with pytest.raises(UnknownLayout) as unknown:
        layouts.for_item_count("kyuho_315", 150)
    assert unknown.value.code == "L0109"


def test_local_editions_only_append_to_the_official_ones() -> None:
    for name, official in (("kyuho_315", "2021"), ("nenpo_331", "2014")):
        old, new = layouts.get(name, official), layouts.get(name, "local2025")
        assert new.names[: len(old.names)] == old.names
        assert {"specified_relative_count", "specified_relative_deduction"} <= set(new.names)
