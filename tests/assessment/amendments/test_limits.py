"""The last day on which a tax may be raised or lowered: 地方税法17条の5・17条の6."""

from datetime import date

import pytest

from assessment.amendments.limits import limit_for, limit_refusal_ja, limit_terms, statutory_due_on
from assessment.amendments.rules.time_limits import LimitGround, limit_of

NONE = LimitGround()


@pytest.mark.req("R-019")
@pytest.mark.parametrize(
    ("is_increase", "ground", "last_on"),
    [
        (True, NONE, date(2024, 4, 30)),
        # LIM-01: due 令和3年4月30日, lowered until 令和8年4月30日.
        (False, NONE, date(2026, 4, 30)),
        (True, LimitGround("fraud"), date(2028, 4, 30)),
        (False, LimitGround("fraud"), date(2028, 4, 30)),
        (True, LimitGround("judgment", date(2026, 8, 31)), date(2027, 2, 28)),
        (False, LimitGround("national_tax", date(2026, 3, 16)), date(2028, 3, 16)),
        # An exception that ends before the general limit shortens nothing.
        (False, LimitGround("judgment", date(2021, 7, 1)), date(2026, 4, 30)),
    ],
)
def test_the_last_day_by_direction_and_exception(*, is_increase: bool, ground: LimitGround, last_on: date) -> None:
    found = limit_of(date(2021, 4, 30), is_increase=is_increase, terms=limit_terms(), ground=ground)
    assert found.last_on == last_on
    assert found.allows(last_on)
    assert not found.allows(date.fromordinal(last_on.toordinal() + 1))


def test_a_due_date_on_a_leap_day_ends_with_february() -> None:
    found = limit_of(date(2024, 2, 29), is_increase=True, terms=limit_terms(), ground=NONE)
    assert found.last_on == date(2027, 2, 28)


def test_an_unknown_exception_is_an_error() -> None:
    with pytest.raises(ValueError, match="none such"):
        limit_of(date(2021, 4, 30), is_increase=True, terms=limit_terms(), ground=LimitGround("none such"))


def test_the_years_count_from_the_first_instalment_and_the_refusal_says_what_until_when_and_why() -> None:
    # 30 June 2024 is a Sunday: the first bill of 令和6 fell due on 1 July.
    assert statutory_due_on(2024) == date(2024, 7, 1)
    limit = limit_for(2024, is_increase=True, ground=NONE)
    assert limit_refusal_ja(2024, limit, is_increase=True, day=date(2027, 7, 1)) == ""
    text = limit_refusal_ja(2024, limit, is_increase=True, day=date(2027, 7, 2))
    assert text.startswith("令和6年度分を増額できる期限(令和9年7月1日、地方税法17条の5第3項)を過ぎています。")
    assert "法定納期限は令和6年7月1日です。" in text
