"""Bar codes, bank files, collection files, portal payments and the relations between items."""

from datetime import date
from typing import Any

import pytest

from taxsys.platform.files.errors import FileRefused, RecordNotWritable
from taxsys.platform.files.payloads import (
    collection_files,
    common_payment,
    customer_barcode,
    el_number,
    gs1_128,
    postal_ocr,
    relations,
    rest_profile,
    spreadsheet,
    statutory,
    zengin,
)

CODE = gs1_128.build(issuer_code="912345", free_field="1" * 21, reissue=0, due_on=date(2026, 11, 30), amount_yen=25_000)


def test_a_bar_code_is_read_back_into_its_parts() -> None:
    assert gs1_128.parse(CODE.digits) == CODE
    assert gs1_128.print_lines(CODE.digits)[1] == f"261130-0-025000-{CODE.digits[-1]}"
    no_limit = gs1_128.build(issuer_code="912345", free_field="1" * 21, reissue=3, due_on=None, amount_yen=1)
    assert (no_limit.due_yymmdd, gs1_128.parse(no_limit.digits).due_on) == ("999999", None)


@pytest.mark.parametrize(("amount", "code"), [(300_001, "over_limit"), (0, "format"), (-1, "format")])
def test_an_amount_out_of_bounds_gives_no_bar_code(amount: int, code: str) -> None:
    with pytest.raises(gs1_128.BarcodeProblem) as refused:
        gs1_128.build(issuer_code="912345", free_field="1" * 21, reissue=0, due_on=None, amount_yen=amount)
    assert refused.value.code == code


def test_the_stamp_flag_of_a_tax_slip_is_zero_at_any_amount() -> None:
    assert CODE.stamp_flag == "0"
    private = gs1_128.build(
        issuer_code="912345", free_field="1" * 21, reissue=0, due_on=None, amount_yen=50_000, is_tax=False
    )
    assert private.stamp_flag == "1"


@pytest.mark.parametrize(
    "digits", ["", "9" * 44, CODE.digits[:-1], CODE.digits[:-1] + str((int(CODE.digits[-1]) + 1) % 10)]
)
def test_a_bar_code_not_to_be_trusted_is_refused(digits: str) -> None:
    with pytest.raises(gs1_128.BarcodeProblem):
        gs1_128.parse(digits)


def test_el_number_and_its_test_qr() -> None:
    number = el_number.ElNumber("012041", "001", "20260000012345601001", "482913")
    assert el_number.parse(number.text) == number
    payload = el_number.qr_payload(number, amount_yen=25_000)
    assert payload.startswith("TEST")
    assert el_number.qr_read(payload) == (number, 25_000)
    with pytest.raises(el_number.NumberProblem):
        el_number.qr_payload(number, amount_yen=1, is_production=True)
    with pytest.raises(el_number.NumberProblem):
        el_number.ElNumber("012042", "001", "2" * 20, "482913")


@pytest.mark.parametrize(
    ("address", "part"),
    [
        ("1-3-2-503", "1-3-2-503"),
        ("六条通九丁目４６番地", "6-9-46"),
        ("３丁目１０－１５　コーポ旭Ａ２０１", "3-10-15A201"),
        ("二十三番地 ABCビル5F", "23-5F"),
        ("A1-23", "A1-23"),
        ("", ""),
    ],
)
def test_the_address_part_of_the_customer_bar_code(address: str, part: str) -> None:
    assert customer_barcode.address_part(address) == part


def test_customer_bar_code_always_has_twenty_one_symbols() -> None:
    assert customer_barcode.symbols("100-0013", "1-3-2-503")[-1] == "9"
    for address in ("", "1" * 40, "A-B-C-D-E-F-G-H-I"):
        assert len(customer_barcode.symbols("0700036", address)) == 21
        assert len(customer_barcode.text_of(customer_barcode.symbols("0700036", address))) == 21
    with pytest.raises(customer_barcode.AddressProblem):
        customer_barcode.symbols("12", "1")


def test_postal_lines_carry_right_check_digits() -> None:
    upper = postal_ocr.upper(account="00150900584", amount_yen=12_345, client="25207")
    assert upper == "440015090058400000012345200000000025207"
    lower = postal_ocr.lower(free="1" * 16, reissue=0, maker="12345", control="001")
    assert (len(lower), postal_ocr.is_valid(upper), postal_ocr.is_valid(lower)) == (44, True, True)


ORIGIN = zengin.Originator("0000123456", "アサヒカワシ", "0001", "001", "1", "1234567")


def item(number: str, amount: int, **more: Any) -> dict[str, Any]:
    return {
        "bank_code": "0001", "branch_code": "002", "account_type": "1", "account_number": "0000001",
        "payer_name": "アサヒカワ タロウ", "amount": amount, "new_code": "0", "customer_number": number, **more,
    }  # fmt: skip


def result_file(codes: str, **trailer: int) -> bytes:
    """A result made from a request by setting the codes and the trailer, as a bank would."""
    amounts = [100 * (i + 1) for i in range(len(codes))]
    content = zengin.debit_request(
        ORIGIN, debit_on=date(2026, 11, 30), items=[item(f"{i:020d}", a) for i, a in enumerate(amounts)]
    )
    records = zengin.records_of(content)
    done = [records[i + 1][:111] + code + records[i + 1][112:] for i, code in enumerate(codes)]
    ok = [a for a, code in zip(amounts, codes, strict=True) if code == "0"]
    found = {
        "ok_count": len(ok),
        "ok_amount": sum(ok),
        "ng_count": len(codes) - len(ok),
        "ng_amount": sum(amounts) - sum(ok),
    } | trailer
    good = f"{found['ok_count']:06d}{found['ok_amount']:012d}"
    tail = f"8{len(codes):06d}{sum(amounts):012d}{good}{found['ng_count']:06d}{found['ng_amount']:012d}"
    return zengin.padded([records[0], *done, tail.ljust(120), records[-1]])


def test_a_result_file_is_read_and_matched_with_its_request() -> None:
    found = zengin.debit_results(result_file("01E"))
    assert found.count_and_amount(is_debited=True) == (1, 100)
    assert [(one.code, one.is_debited, one.needs_review) for one in found.items] == [
        ("0", True, False),
        ("1", False, False),
        ("E", False, False),
    ]
    assert found.debit_on(date(2026, 12, 4)) == date(2026, 11, 30)
    requested = {f"{i:020d}": 100 * (i + 1) for i in range(3)}
    zengin.results_match_request(found, requested)
    for wrong in ({**requested, "x": 1}, {**requested, f"{0:020d}": 99}, dict(list(requested.items())[1:])):
        with pytest.raises(FileRefused) as refused:
            zengin.results_match_request(found, wrong)
        assert refused.value.code == "L0108"


@pytest.mark.parametrize(
    ("field", "code"), [("ok_count", "L0103"), ("ok_amount", "L0104"), ("ng_count", "L0103"), ("ng_amount", "L0104")]
)
def test_each_wrong_sum_of_a_result_refuses_the_whole_file(field: str, code: str) -> None:
    with pytest.raises(FileRefused) as refused:
        zengin.debit_results(result_file("010", **{field: 7}))
    assert (refused.value.code, refused.value.field) == (code, field)


def test_an_unknown_result_code_is_not_debited_and_wants_review() -> None:
    (one,) = zengin.debit_results(result_file("Z")).items
    assert (one.is_debited, one.needs_review) == (False, True)


def test_a_bank_record_that_does_not_fit_is_not_written() -> None:
    with pytest.raises(RecordNotWritable):
        zengin.debit_request(ORIGIN, debit_on=date(2026, 11, 30), items=[item("1", 10**10)])
    with pytest.raises(RecordNotWritable):
        zengin.debit_request(ORIGIN, debit_on=date(2026, 11, 30), items=[item("1", -1)])


def test_a_transfer_file_has_its_count_and_sum() -> None:
    items = [
        {"bank_code": "2606", "branch_code": "030", "account_type": "1", "account_number": "1234567",
         "payee_name": "キャッシュ", "amount": 3},
    ] * 2  # fmt: skip
    records = zengin.records_of(zengin.transfer_request(ORIGIN, value_on=date(2026, 12, 1), items=items))
    assert (records[0][:3], records[1][50:57].strip(), records[3][:19]) == ("121", "ｷﾔﾂｼﾕ", "8000002000000000006")


def receipt(**more: Any) -> collection_files.CvsReceipt:
    facts: dict[str, Any] = {
        "line_no": 1, "kind": "02", "barcode": CODE.digits, "paid_on": date(2026, 9, 30), "paid_hhmm": "1205",
        "amount_yen": 25_000, "cvs": "010", "store": "110001", "transfer_on": date(2026, 10, 15),
        "created_on": date(2026, 10, 1),
    }  # fmt: skip
    return collection_files.CvsReceipt(**{**facts, **more})


@pytest.mark.parametrize("profile", ["a", "b", "c"])
def test_a_collection_file_of_each_agent_gives_the_same_receipt(profile: Any) -> None:
    header = {"data_date": date(2026, 10, 1), "agent_code": "00001", "client_code": "00002", "client_kana": "ｱｻﾋｶﾜｼ"}
    (found,), parsed = collection_files.read(
        collection_files.write([receipt()], profile=profile, header=header), profile=profile
    )
    assert parsed.errors == []
    assert (found.kind, found.barcode, found.amount_yen, found.paid_on, found.paid_hhmm) == (
        "02",
        CODE.digits,
        25_000,
        date(2026, 9, 30),
        "1205",
    )
    assert (found.transfer_on, found.created_on) == (date(2026, 10, 15), date(2026, 10, 1))
    assert (found.posts_to_ledger, found.barcode_agrees) == (True, True)


def test_the_wrong_profile_is_noticed() -> None:
    header = {"data_date": date(2026, 10, 1), "agent_code": "00001", "client_code": "00002"}
    content = collection_files.write([receipt()], profile="b", header=header)
    with pytest.raises(FileRefused):
        collection_files.read(content, profile="a")


@pytest.mark.parametrize(
    ("kinds", "state"),
    [
        ("01", "reported"),
        ("01 03", "unpaid"),
        ("01 02", "paid"),
        ("02", "paid"),
        ("02 02", "double_paid"),
        ("12 22", "paid"),
        ("02 03", "paid"),
    ],
)
def test_states_of_a_slip_by_its_lines(kinds: str, state: str) -> None:
    assert collection_files.states((kind, "x") for kind in kinds.split()) == {"x": state}


def test_portal_lines_post_once_and_cancellations_take_back() -> None:
    lines = [
        {"payment_no": "P1", "notice_kind": "01", "amount": 5},
        {"payment_no": "P1", "notice_kind": "02", "amount": 5},
        {"payment_no": "P1", "notice_kind": "02", "amount": 5},
        {"payment_no": "P2", "notice_kind": "02", "amount": 7},
        {"payment_no": "P3", "notice_kind": "03", "amount": 7, "cancels": "P2"},
        {"payment_no": "P4", "notice_kind": "04", "amount": 4, "cancels": "P1"},
    ]
    found = common_payment.apply(lines)
    assert (found.posted_yen, found.duplicates_ignored, found.cancelled_yen) == (4, 1, 7)


def test_slip_relations() -> None:
    slip = {
        "principal": 300_000,
        "reminder_fee": 100,
        "delinquency": 0,
        "amount": 300_100,
        "cvs_barcode": "9" * 44,
        "due_on": date(2026, 6, 30),
        "valid_until": date(2026, 6, 29),
    }
    assert common_payment.slip_problems(slip) == ["barcode_over_limit", "valid_before_due"]
    assert common_payment.slip_problems({"principal": 1, "amount": 2}) == ["amount_sum"]


CHANGE = {
    "annual_tax": 120_000,
    "collected": 50_000,
    "uncollected": 70_000,
    "event_on": date(2027, 2, 10),
    "reason": "1",
    "after": "2",
}


@pytest.mark.parametrize(
    ("more", "problems"),
    [
        ({}, []),
        ({"uncollected": 60_000}, ["uncollected"]),
        ({"after": "3"}, ["lump_compulsory"]),
        ({"after": "3", "no_lump_reason": "2"}, []),
        ({"after": "3", "event_on": date(2026, 10, 1)}, []),
        ({"reason": "4", "after": "2"}, ["death_is_ordinary"]),
        ({"reason": "4", "after": "3"}, []),
        ({"reason": "2", "after": "1"}, ["new_payer_missing"]),
        ({"lump_amount": 60_000}, ["lump_amount"]),
    ],
)
def test_relations_of_a_change_of_employment(more: dict[str, Any], problems: list[str]) -> None:
    assert relations.employment_change({**CHANGE, **more}) == problems


def test_summary_counts() -> None:
    sheet = {"count_special": 8, "count_ordinary_left": 2, "count_ordinary_other": 1, "count_total": 11}
    assert relations.wage_report_summary(sheet, details=11) == []
    assert relations.wage_report_summary(sheet, details=10) == ["detail_count"]
    assert relations.wage_report_summary({**sheet, "count_total": 12}, details=12) == ["count_sum"]


def test_a_correction_without_an_original_goes_to_manual() -> None:
    assert statutory.apply([{"filing_kind": "2", "pay_amount": 1}, {"filing_kind": "3"}]).steps == ["manual", "manual"]
    assert statutory.apply([{"filing_kind": "0"}, {"filing_kind": "1", "pay_amount": 5}], channel="disc").steps == [
        "inserted",
        "replaced",
    ]


def test_the_summary_form_of_the_nation_is_not_ours() -> None:
    with pytest.raises(FileRefused, match="法定調書合計表"):
        statutory.parse(b"375,1,2\r\n")


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+cmd", "'+cmd"),
        ("@x", "'@x"),
        ("-100", "-100"),
        ("-1,234", "-1,234"),
        ("+5", "+5"),
        ("-1+2", "'-1+2"),
        ("\t=1", "'\t=1"),
        ("△5", "△5"),
        ("", ""),
    ],
)
def test_cells_that_a_spreadsheet_would_run_become_text(cell: str, safe: str) -> None:
    assert spreadsheet.guarded(cell) == safe


def test_answers_of_the_standard_rest() -> None:
    answers = [(200, ""), (400, "E0001"), (400, ""), (403, ""), (429, ""), (500, "")]
    assert [rest_profile.classify(status, code) for status, code in answers] == [
        "ok", "caller_error:missing", "caller_error", "auth", "retry", "retry",
    ]  # fmt: skip
    with pytest.raises(rest_profile.ScopeProblem):
        rest_profile.parse_scope("31:x:y")
