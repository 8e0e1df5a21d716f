"""The simulated years can fail: each planted fault is found by a seed, and the failure says how to repeat it."""

import pytest

from tests.simulation.mutations import MUTATIONS
from tests.simulation.year import Failure, plan_of, run

# The seed that meets the fault soonest.
SEEDS = {
    "posted_again": 1,
    "reversal_lost": 1,
    "base_not_cut": 2,
    "interest_first": 1,
    "paid_twice": 2,
    "slips_not_void": 1,
    "pressed_twice": 3,
    "month_too_long": 2,
    "offset_forgotten": 2,
}


@pytest.mark.slow
@pytest.mark.req("R-005")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", MUTATIONS)
def test_a_planted_fault_is_found_by_a_seed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    MUTATIONS[name](monkeypatch)
    with pytest.raises(Failure, match=f"make sim SEED={SEEDS[name]}") as found:
        run(plan_of(SEEDS[name]))
    assert found.value.at is not None
    assert str(found.value.at) in str(found.value)
