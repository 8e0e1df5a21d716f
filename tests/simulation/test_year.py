"""Simulated years: three fixed seeds and a fresh one, the books and the model equal after every event, 0 yen off."""

import secrets

import pytest

from tests.simulation.year import plan_of, run

FIXED = (1, 2, 3)


@pytest.mark.slow
@pytest.mark.req("R-005")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", [*FIXED, "fresh"])
def test_a_years_books_and_the_model_agree_after_every_event(seed: int | str) -> None:
    number = seed if isinstance(seed, int) else secrets.randbelow(10**9)
    report = run(plan_of(number))
    assert report.events > 250
    assert report.proofs > 100
    print(f"seed {number}: {report}")
