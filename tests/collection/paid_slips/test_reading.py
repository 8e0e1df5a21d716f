"""OCR lines and punched digits to date, key and yen: nothing is guessed."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collection.paid_slips.rules import OcrIssuer, fingerprint, ocr_reading, punch_reading
from taxsys.platform.files.payloads import postal_ocr

ISSUER = OcrIssuer("00150900584", "25207", "12345", "001")
ON = date(2026, 7, 1)
UPPER = postal_ocr.upper(account="00150900584", amount_yen=30_000, client="25207")
LOWER = postal_ocr.lower(free="1234567890123456", reissue=0, maker="12345", control="001")


def read(upper: str = UPPER, lower: str = LOWER, paid_on: str = "20260629"):
    return ocr_reading(upper=upper, lower=lower, paid_on_text=paid_on, issuer=ISSUER, account_on=ON)


def test_a_sound_slip_gives_its_day_its_number_and_its_yen() -> None:
    found = read()
    assert (found.paid_on, found.match_key, found.amount_yen, found.faults) == (
        date(2026, 6, 29), "1234567890123456", 30_000, (),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "faults", "key", "yen"),
    [
        ({"upper": UPPER[:20] + "?" + UPPER[21:]}, ("upper_unread",), LOWER[2:18], None),
        ({"upper": ""}, ("upper_unread",), LOWER[2:18], None),
        ({"upper": UPPER + "0"}, ("upper_unread",), LOWER[2:18], None),
        ({"upper": UPPER.replace("0", "０")}, ("upper_unread",), LOWER[2:18], None),
        ({"upper": UPPER[:18] + "9" + UPPER[19:]}, ("upper_check",), LOWER[2:18], None),
        ({"lower": LOWER[:10] + "?" + LOWER[11:]}, ("lower_unread",), "", 30_000),
        ({"lower": LOWER[:5] + LOWER[6] + LOWER[5] + LOWER[7:]}, ("lower_check",), "", 30_000),
        (
            {"upper": postal_ocr.upper(account="99999900584", amount_yen=30_000, client="25207")}, ("foreign",), "",
            None,
        ),
        (
            {"lower": postal_ocr.lower(free="1" * 16, reissue=0, maker="54321", control="001")}, ("foreign",), "",
            None,
        ),
        ({"upper": postal_ocr.line_of("0015090058400000" + "000000" + "2" + "0" * 9 + "25207")}, ("amount_zero",),
         LOWER[2:18], None),
        ({"paid_on": "2026062?"}, ("date_unread",), LOWER[2:18], 30_000),
        ({"paid_on": "20260631"}, ("date_unread",), LOWER[2:18], 30_000),
        ({"paid_on": "20260702"}, ("date_late",), LOWER[2:18], 30_000),
    ],
)  # fmt: skip
def test_what_cannot_be_trusted_is_left_open_and_named(changed, faults, key, yen) -> None:
    found = read(**changed)
    assert (found.faults, found.match_key, found.amount_yen) == (faults, key, yen)


@given(st.integers(0, 38), st.integers(1, 9))
def test_one_wrong_digit_of_the_upper_line_never_gives_other_yen(place: int, step: int) -> None:
    wrong = UPPER[:place] + str((int(UPPER[place]) + step) % 10) + UPPER[place + 1 :]
    assert read(upper=wrong).amount_yen in {None, 30_000}


def punched(**more: str):
    values = {
        "tax_kind": "10", "levy_year": "2026", "tax_year": "2026", "method": "1", "notice_no": "4000123",
        "instalment_no": "01", "amount_text": "00000030000", "paid_on_text": "20260629", **more,
    }  # fmt: skip
    return punch_reading(values, account_on=ON)


def test_a_punched_slip_names_its_claim_or_its_number() -> None:
    assert (punched().key_kind, punched().match_key) == ("charge", "10|2026|2026|ordinary|4000123|1")
    assert punched().amount_yen == 30_000
    by_case = punched(case_no="1234567890123456")
    assert (by_case.key_kind, by_case.match_key) == ("case", "1234567890123456")


@pytest.mark.parametrize(
    ("changed", "faults"),
    [
        ({"amount_text": "3?000"}, ("amount_unread",)),
        ({"amount_text": "0"}, ("amount_zero",)),
        ({"amount_text": "-5"}, ("amount_unread",)),
        ({"case_no": "12?"}, ("key_unread",)),
        ({"method": "9"}, ("key_unread",)),
        ({"notice_no": "4|5"}, ("key_unread",)),
        ({"instalment_no": ""}, ("key_unread",)),
    ],
)
def test_an_incomplete_punched_slip_says_what_is_missing(changed, faults) -> None:
    assert punched(**changed).faults == faults


def test_the_same_slips_have_one_mark_in_any_order() -> None:
    assert fingerprint([("a", "b"), ("c", "d")]) == fingerprint([("c", "d"), ("a", "b")])
    assert fingerprint([("a", "b")]) != fingerprint([("a", "b"), ("a", "b")])
