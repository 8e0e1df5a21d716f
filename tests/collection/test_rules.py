"""Rules of collection: against a naive day-by-day oracle, and exhaustively where the law is small."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collection.params import interest_law
from collection.rules.day_counting import last_day_of_months
from collection.rules.due_dates import NominalDay, due_dates, statutory_due_on
from collection.rules.interest_rates import RateMissingError
from collection.rules.late_interest import InterestClaim, Payment, Relief, late_interest
from collection.rules.limitation import postponed_by_demand
from collection.rules.refund_interest import RefundCause, RefundDateMissingError, RefundDates, count_from
from collection.rules.slip_codes import SlipIssuer, barcode44, case_no, case_no_of_barcode, case_no_of_el_key
from collection.rules.splitting import instalments, part_shares, resplit

RATES = {
    2014: ("2.9", "9.2"), 2015: ("2.8", "9.1"), 2016: ("2.8", "9.1"), 2017: ("2.7", "9.0"), 2018: ("2.6", "8.9"),
    2019: ("2.6", "8.9"), 2020: ("2.6", "8.9"), 2021: ("2.5", "8.8"), 2022: ("2.4", "8.7"), 2023: ("2.4", "8.7"),
    2024: ("2.4", "8.7"), 2025: ("2.4", "8.7"), 2026: ("2.8", "9.1"),
}  # fmt: skip


def naive(principal: int, due_on: date, payments: list[tuple[date, int]], exempt: tuple[date, date] | None) -> int:
    """Day by day, from the prose: the first month low, then high, balance of the day before, cut per run of days."""
    start = due_on + timedelta(days=1)
    month_later = start.month % 12 + 1
    try:
        low_end = date(start.year + start.month // 12, month_later, start.day) - timedelta(days=1)
    except ValueError:
        low_end = date(start.year + (month_later // 12), month_later % 12 + 1, 1) - timedelta(days=1)
    total, balance, day, run, key = 0, principal, start, 0, None
    paid = dict.fromkeys((on for on, _yen in payments), 0)
    for on, yen in payments:
        paid[on] += yen
    balance -= sum(yen for on, yen in payments if on < start)
    while balance > 0 and day <= max(paid):
        base = 0 if balance < 2000 else balance - balance % 1000
        rate = Fraction(RATES[day.year][0 if day <= low_end else 1])
        if exempt and exempt[0] <= day <= exempt[1]:
            rate = Fraction(0)
        if (rate, base) != key:
            total += int(key[1] * key[0] * run / 36500) if key else 0
            key, run = (rate, base), 0
        run += 1
        balance -= paid.get(day, 0)
        day += timedelta(days=1)
    total += int(key[1] * key[0] * run / 36500) if key else 0
    return 0 if total < 1000 else total - total % 100


@settings(max_examples=300, deadline=None)
@given(
    principal=st.one_of(st.sampled_from([1, 1000, 1999, 2000, 2999, 10**10]), st.integers(1, 3_000_000)),
    due_on=st.dates(date(2014, 1, 1), date(2026, 6, 30)),
    waits=st.lists(st.integers(1, 500), min_size=1, max_size=4),
    share=st.integers(1, 99),
    exempt=st.one_of(st.none(), st.tuples(st.integers(0, 300), st.integers(0, 200))),
)
def test_interest_equals_the_day_by_day_oracle(principal, due_on, waits, share, exempt) -> None:
    payments, left, day = [], principal, due_on
    for number, wait in enumerate(waits):
        day = min(day + timedelta(days=wait), date(2026, 12, 31))
        yen = left if number == len(waits) - 1 else left * share // 100
        if yen:
            payments.append((day, yen))
        left -= yen
    span = (due_on + timedelta(days=exempt[0]), due_on + timedelta(days=sum(exempt))) if exempt else None
    claim = InterestClaim(
        principal_yen=principal,
        due_on=due_on,
        payments=[Payment(on, yen) for on, yen in payments],
        reliefs=[Relief(span[0], span[1], "zero")] if span else [],
    )
    assert late_interest(claim, interest_law()).interest_yen == naive(principal, due_on, payments, span)


def test_payment_in_time_bears_no_interest_and_has_no_segments() -> None:
    claim = InterestClaim(50_000, date(2026, 6, 1), [Payment(date(2026, 6, 1), 50_000)])
    result = late_interest(claim, interest_law(), as_of=date(2026, 11, 20))
    assert (result.segments, result.interest_yen, result.is_final) == ([], 0, True)


def test_open_claim_is_counted_to_the_day_asked_for_and_is_not_final() -> None:
    claim = InterestClaim(50_000, date(2026, 6, 30))
    result = late_interest(claim, interest_law(), as_of=date(2026, 11, 20))
    assert [s.days for s in result.segments] == [31, 112]
    assert (result.raw_yen, result.interest_yen, result.is_final) == (118 + 1396, 1500, False)


@pytest.mark.parametrize("as_of", [date(2027, 1, 1), date(1999, 12, 31)])
def test_day_without_a_rate_stops_the_calculation(as_of) -> None:
    with pytest.raises(RateMissingError, match="未登録"):
        late_interest(InterestClaim(50_000, as_of - timedelta(days=60)), interest_law(), as_of=as_of)


@pytest.mark.parametrize(
    ("first_day", "end"),
    [
        (date(2026, 2, 3), date(2026, 3, 2)),
        (date(2026, 1, 31), date(2026, 2, 28)),
        (date(2024, 1, 31), date(2024, 2, 29)),
        (date(2026, 7, 1), date(2026, 7, 31)),
        (date(2025, 12, 26), date(2026, 1, 25)),
        (date(2025, 12, 1), date(2025, 12, 31)),
    ],
)
def test_one_month_ends_the_day_before_the_same_day(first_day, end) -> None:
    assert last_day_of_months(first_day, 1) == end


def test_due_dates_of_a_year_roll_and_the_first_is_the_statutory_one() -> None:
    table = [NominalDay(6, 30), NominalDay(8, 31), NominalDay(10, 31), NominalDay(1, 31, year_offset=1)]
    found = due_dates(2026, table)
    assert found == [date(2026, 6, 30), date(2026, 8, 31), date(2026, 11, 2), date(2027, 2, 1)]
    assert statutory_due_on(found) == date(2026, 6, 30)


def test_splitting_keeps_every_yen_for_all_small_amounts() -> None:
    for total in range(10_001):
        for parts in range(1, 13):
            split = instalments(total, parts)
            assert sum(split) == total
            assert len(split) == parts
            assert all(one % 1000 == 0 for one in split[1:])
            assert len(set(split[1:])) <= 1
            assert split[0] >= split[-1]


def test_decrease_takes_from_the_last_instalment_and_increase_goes_to_the_open_ones() -> None:
    assert resplit(13_000, [7000, 5000, 5000, 5000], 1) == [7000, 5000, 1000, 0]
    assert resplit(32_500, [7000, 5000, 5000, 5000], 1) == [7000, 9500, 8000, 8000]
    assert resplit(1000, [7000, 5000], 2) == [1000, 0]
    with pytest.raises(ValueError, match="随時"):
        resplit(20_000, [7000, 5000], 2)


@given(amounts=st.lists(st.integers(0, 10**9), min_size=1, max_size=12), share=st.integers(0, 100))
def test_parts_of_a_bill_sum_and_never_exceed_an_instalment(amounts, share) -> None:
    part = sum(amounts) * share // 100
    shares = part_shares(amounts, part)
    assert sum(shares) == part
    assert all(0 <= one <= amount for one, amount in zip(shares, amounts, strict=True))


def test_second_demand_after_the_limit_holds_nothing() -> None:
    assert postponed_by_demand(date(2026, 4, 30), date(2026, 4, 1)) == date(2026, 10, 1)
    assert postponed_by_demand(date(2026, 4, 30), date(2026, 5, 1)) == date(2026, 4, 30)
    assert postponed_by_demand(date(2026, 4, 30), date(2025, 6, 1)) == date(2026, 4, 30)


def test_refund_without_the_date_its_cause_needs_is_refused_by_name() -> None:
    with pytest.raises(RefundDateMissingError, match="更正の請求の日"):
        count_from(RefundCause.CORRECTION_REQUEST, RefundDates(paid_on=date(2026, 1, 1)))


ISSUER = SlipIssuer("912345", "00012", "012041", "010")


def test_bar_code_carries_case_version_date_and_amount() -> None:
    case = case_no("10|2026|2026|ordinary|N1|1", version=2)
    code = barcode44(ISSUER, case, version=2, valid_until=date(2026, 11, 30), amount_yen=300_000)
    assert (len(code), code[:13], code[29], code[30:36], code[36], code[37:43]) == (
        44, "9191234500012", "1", "261130", "0", "300000",
    )  # fmt: skip
    assert case_no_of_barcode(code) == case
    assert barcode44(ISSUER, case, version=2, valid_until=date(2026, 11, 30), amount_yen=300_001) == ""


def test_published_bar_code_has_the_published_check_digit() -> None:
    issuer = SlipIssuer("912345", "11111", "012041", "010")
    code = barcode44(issuer, "1" * 16, version=1, valid_until=date(2026, 11, 30), amount_yen=300_000)
    assert code == "91912345111111111111111111111026113003000007"


@pytest.mark.parametrize("text", ["", "91" + "0" * 41, "92" + "0" * 42, "91" + "x" * 42, "９" * 44])
def test_text_that_is_no_bar_code_gives_no_case(text) -> None:
    assert case_no_of_barcode(text) == ""
    assert case_no_of_el_key("9" * 20) == ""


def test_case_numbers_follow_from_the_key_alone() -> None:
    assert case_no("k", version=1) == case_no("k", version=1)
    assert len({case_no(f"k{n}", version=v) for n in range(2000) for v in (1, 2)}) == 4000
