"""Files made to hurt: each gets a named refusal or a line set aside, in reasonable time, never a crash."""

import io
import time
import zipfile
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxsys.platform.files import layouts
from taxsys.platform.files.archive import unpack
from taxsys.platform.files.errors import TITLES, FileRefused, FilesError
from taxsys.platform.files.manifest import manifest_read
from taxsys.platform.files.payloads import statutory
from tests.files.sample import content_of, record_of

REPORT = layouts.get("kyuho_315", "2021")
LOCAL = layouts.get("local_juki_ido")
BANK = layouts.get("zengin_91")
ALL = [layouts.get(name) for name in layouts.names()]


def report(count: int = 3, **more: Any) -> bytes:
    return content_of(REPORT, [{**record_of(REPORT), **more}] * count)


@pytest.mark.parametrize("layout", ALL, ids=lambda one: one.key)
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00",
        b"\x1a",
        b"\n",
        b"\r\n\r\n",
        b"\xff\xfe3\x001\x00",
        b"\xef\xbb\xbf315",
        b'"',
        b'"' * 999,
        b"," * 99_999,
        b"\x80" * 500,
    ],
    ids=["zero", "nul", "eof", "lf", "blank", "utf16", "bom", "quote", "quotes", "commas", "noise"],
)
def test_worthless_content_is_refused_by_name(layout: layouts.Layout, content: bytes) -> None:
    with pytest.raises(FileRefused) as refused:
        layout.parse(content)
    assert refused.value.code in {"E0002", "L0101", "L0102", "L0106", "L0109"}
    assert refused.value.message_ja


@settings(max_examples=60, deadline=None)
@given(content=st.binary(max_size=400))
def test_no_bytes_whatever_crash_a_reader(content: bytes) -> None:
    codes: set[str] = set()
    for layout in ALL:
        try:
            parsed = layout.parse(content)
        except FilesError as error:
            codes.add(error.code)
        else:
            assert parsed.line_count >= len(parsed.records)
    assert codes <= set(TITLES)


@settings(max_examples=60, deadline=None)
@given(place=st.integers(0, 2_000), byte=st.integers(0, 255))
def test_one_changed_byte_never_crashes_and_never_loses_a_line(place: int, byte: int) -> None:
    codes: set[str] = set()
    for layout in (REPORT, LOCAL, BANK):
        content = bytearray(content_of(layout, [record_of(layout)] * 3))
        content[place % len(content)] = byte
        try:
            parsed = layout.parse(bytes(content))
        except FilesError as error:
            codes.add(error.code)
        else:
            lines = {one.line_no for one in parsed.errors} | {one.line_no for one in parsed.records}
            assert len(lines) >= 3 - (byte in {10, 13, 34})
    assert codes <= set(TITLES)


@pytest.mark.parametrize(
    ("bad", "code"),
    [(b"\x00", "E0002"), (b"\x1b", "E0002"), (b"\xfd\xfe", "E0002"), (b'"', "L0101"), (b",", "L0101")],
    ids=["nul", "escape", "not cp932", "open quote", "extra comma"],
)
def test_a_spoilt_line_in_the_middle_is_set_aside_and_the_others_stand(bad: bytes, code: str) -> None:
    lines = report().split(b"\r\n")
    lines[1] = lines[1].replace("漢".encode("cp932"), bad, 1)
    parsed = REPORT.parse(b"\r\n".join(lines))
    assert [one.line_no for one in parsed.records] == [1, 3]
    assert [(one.line_no, one.code) for one in parsed.errors] == [(2, code)]
    assert parsed.errors[0].message_ja.startswith("2行目")


def test_mixed_line_ends_refuse_the_file() -> None:
    for layout in (REPORT, BANK):
        content = content_of(layout, [record_of(layout)] * 3).replace(b"\r\n", b"\n", 1)
        with pytest.raises(FileRefused, match="改行"):
            layout.parse(content)


def test_utf8_in_place_of_shift_jis_is_told_by_name() -> None:
    with pytest.raises(FileRefused, match="UTF-8"):
        REPORT.parse(report().decode("cp932").encode("utf-8"))


def test_a_line_of_ten_megabytes_is_set_aside_quickly() -> None:
    lines = report().split(b"\r\n")
    lines[1] = b"315," + b"A" * 10_000_000
    began = time.monotonic()
    parsed = REPORT.parse(b"\r\n".join(lines))
    assert (len(parsed.records), [(one.line_no, one.code) for one in parsed.errors]) == (2, [(2, "L0101")])
    assert time.monotonic() - began < 3
    with pytest.raises(FileRefused):
        REPORT.parse(b"A" * 10_000_000)


def test_an_open_quote_at_the_top_of_a_local_file_does_not_swallow_it() -> None:
    content = content_of(LOCAL, [record_of(LOCAL)] * 3).replace(b"\r\n1", b'\r\n"1', 1).replace(b"\r\n9", b'\r\n"9', 1)
    with pytest.raises(FileRefused) as refused:
        LOCAL.parse(content)
    assert refused.value.code == "L0101"


def _ordinary_line() -> bytes:
    """A line as payers send it, most of its 144 items empty."""
    full = record_of(REPORT)
    names = (
        "payer_address",
        "payer_name",
        "payee_address",
        "payee_name",
        "payee_kana",
        "municipality_code",
        "payee_my_number",
    )
    money = {"pay_amount": 5_000_000, "pay_after_deduction": 3_560_000, "social_insurance": 820_000}
    codes = {"filing_kind": "0", "output_kind": "2", "birth_on": full["birth_on"], "income_year": 2025}
    return REPORT.write([{**{name: full[name] for name in names}, **money, **codes}])


def test_one_bad_line_in_a_hundred_thousand_costs_one_line_and_a_few_seconds() -> None:
    line = _ordinary_line()
    bad = line.replace(b"315,", b"316,", 1)
    content = line * 60_000 + bad + line * 39_999
    began = time.process_time()
    parsed = REPORT.parse(content)
    assert (len(parsed.records), [(one.line_no, one.code) for one in parsed.errors]) == (99_999, [(60_001, "L0106")])
    assert time.process_time() - began < 10


def test_time_grows_with_length_not_with_its_square() -> None:
    def seconds(count: int) -> float:
        content = (b"315" + b"," * 143 + b"\r\n") * count  # every line is bad
        began = time.process_time()
        assert len(REPORT.parse(content).records) == 0
        return time.process_time() - began

    seconds(200)
    small, large = seconds(2_000), seconds(8_000)
    assert large < 4 * small * 2.5


def test_a_wrong_number_is_left_out_and_reported_and_no_message_holds_it() -> None:
    wrong = "123456789010"
    content = report(2).replace(b"123456789018", wrong.encode(), 1)
    parsed = statutory.parse(content)
    assert parsed.records[0].values["payee_my_number"] is None
    assert parsed.records[1].values["payee_my_number"] == "123456789018"
    assert [(one.code, one.severity, one.line_no) for one in parsed.warnings] == [("L0107", "warning", 1)]
    assert wrong not in "".join(one.message_ja for one in parsed.warnings)


def test_line_problems_never_repeat_what_stood_in_the_line() -> None:
    secret = "ナイショノナマエ"
    content = report(2).replace(("漢" * 30).encode("cp932"), (secret * 5).encode("cp932"), 1)
    parsed = REPORT.parse(content)
    assert parsed.errors
    assert secret not in "".join(one.message_ja + one.raw_hash for one in parsed.errors)


@pytest.mark.parametrize(
    "xml",
    [
        b'<!DOCTYPE a [<!ENTITY x "y">]><KOA020>&x;</KOA020>',
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><KOA020/>',
        b"<KOA020>",
        b"<OTHER/>",
        b'<KOA020 VR="99.0"/>',
        b"<KOA020>\x00</KOA020>",
        b'<?xml version="1.0" encoding="nonsense"?><KOA020/>',
    ],
)
def test_xml_with_entities_doctypes_or_another_form_is_refused(xml: bytes) -> None:
    with pytest.raises(FileRefused):
        layouts.get("koa020").parse(xml)


def test_unknown_tags_of_a_return_are_kept_raw_and_reported() -> None:
    layout = layouts.get("koa020")
    content = layout.write([{"ABA00140": "旭川　太郎"}]).replace(b"<ABA00140>", b"<ZZZ99999>9</ZZZ99999><ABA00140>")
    parsed = layout.parse(content)
    assert parsed.info["unknown_tags"] == ["ZZZ99999"]
    assert "9</" in parsed.records[0].values["_unknown"]["ZZZ99999"]
    assert parsed.warnings[0].code == "L0109"


def archive_of(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_an_honest_archive_is_unpacked() -> None:
    assert unpack(archive_of({"a.csv": b"1", "b.csv": b"2"})) == {"a.csv": b"1", "b.csv": b"2"}


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/../../b", "..\\x", "C:x"])
def test_an_archive_with_paths_is_refused(name: str) -> None:
    with pytest.raises(FileRefused):
        unpack(archive_of({name: b"x"}))


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    began = time.monotonic()
    with pytest.raises(FileRefused, match="圧縮爆弾"):
        unpack(archive_of({"x": b"0" * 60_000_000}))
    assert time.monotonic() - began < 3
    with pytest.raises(FileRefused):
        unpack(archive_of({f"{n}": b"" for n in range(2_001)}))


@pytest.mark.parametrize("cut", [1, 10, 40])
def test_a_broken_archive_is_refused(cut: int) -> None:
    with pytest.raises(FileRefused):
        unpack(archive_of({"a.csv": b"1" * 1000})[:-cut])


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_a_manifest_that_is_none_is_refused(content: bytes) -> None:
    with pytest.raises(FileRefused):
        manifest_read(content)
