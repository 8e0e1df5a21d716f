"""The reference model stands on published figures of its own, and a failing year is shortened to what it needs."""

from datetime import date

import pytest

from tests.simulation.interest import late_interest, month_passes, refund_interest
from tests.simulation.year import Failure, Plan, Planned, plan_of, shrunk


def test_months_pass_as_the_cities_publish_them() -> None:
    ends = [month_passes(date(2026, 2, 2)), month_passes(date(2025, 9, 1)), month_passes(date(2025, 6, 30))]
    assert ends == [date(2026, 3, 2), date(2025, 10, 1), date(2025, 7, 31)]


def test_interest_is_cut_by_rate_and_once_at_the_end() -> None:
    due, paid = date(2025, 6, 30), date(2026, 1, 31)
    # 300,000 yen: 31 days at 2.4 %, 153 at 8.7 %, 31 at 9.1 %: 611 + 10,940 + 2,318 = 13,869.
    assert late_interest(300_999, due, [(paid, 300_999)], [], paid) == 13_800
    assert late_interest(1999, due, [], [], paid) == 0
    assert late_interest(300_000, due, [], [(date(2025, 7, 1), paid, "zero")], paid) == 0
    assert refund_interest(date(2025, 8, 1), [(date(2025, 12, 31), 300_000)]) == 1100


def test_a_plan_is_the_same_for_the_same_seed_and_leaves_kinds_out() -> None:
    assert plan_of(5).events == plan_of(5).events
    kinds = [{one.kind for one in plan_of(seed).events} for seed in range(20)]
    assert len({frozenset(one) for one in kinds}) > 10


def test_a_failing_year_is_shortened_to_the_events_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    events = [Planned(n, date(2025, 7, 1), kind, n) for n, kind in enumerate("abcabcxabcy")]

    def run(plan: Plan) -> None:
        kinds = [one.kind for one in plan.events]
        if "x" in kinds and "y" in kinds[kinds.index("x") :]:
            raise Failure(plan, plan.events[-1], ValueError("off by a yen"), plan.events)

    monkeypatch.setattr("tests.simulation.year.run", run)
    failure = Failure(Plan(9, 0.0, events), events[-1], ValueError("off by a yen"), events)
    short = shrunk(failure, lambda: None)
    assert [one.kind for one in short.done] == ["x", "y"]
    assert "make sim SEED=9" in str(short)
