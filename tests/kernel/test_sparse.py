"""Rare rows are calculated apart and columns of nothing cost no pass; the answers are those of all rows together."""

import numpy as np
import pytest

from assessment.resident.rules.facts import RARE_INCOME
from assessment.resident.rules.pipeline import compute, pipeline_of, resident_law
from taxsys.kernel.sparse import any_of, is_nothing, merged, on_rows, zeros
from taxsys.params.table import read_table
from tests.bench.rules import city_like
from tests.conformance.people import random_people


def test_a_column_of_nothing_is_known_and_read_only() -> None:
    nothing = zeros(5)
    assert is_nothing(nothing)
    assert nothing.tolist() == [0] * 5
    with pytest.raises(ValueError, match="read-only"):
        nothing[0] = 1
    assert not is_nothing(np.zeros(5, dtype=np.int64))
    assert not is_nothing(np.zeros(0, dtype=np.int64))


def test_nothing_stays_nothing_and_does_not_hide_what_is_there() -> None:
    column = np.array([0, 3, 0], dtype=np.int64)
    assert is_nothing(any_of(zeros(3), zeros(3)))
    assert any_of(zeros(3), column).tolist() == [False, True, False]
    assert all(is_nothing(one) for one in on_rows(any_of(zeros(3)), 2, lambda *_: (), column))
    assert merged(any_of(zeros(3)), zeros(3), column) is column
    assert merged(any_of(column), column * 2, column + 1).tolist() == [1, 6, 1]


@pytest.mark.parametrize("people", [random_people(5, 3_000), city_like(random_people(6, 20_000))])
@pytest.mark.parametrize("block_rows", [1_000, 8_192])
def test_rows_with_rare_income_apart_give_what_all_rows_together_give(people, block_rows: int) -> None:
    law = resident_law(2026, "012041")
    pipeline = pipeline_of(law)
    together = type(pipeline).build(
        "together", rules=pipeline.rules, source=pipeline.source, result=pipeline.result, guards=pipeline.guards
    )
    apart, whole = pipeline.compute(people, law, block_rows=block_rows), together.compute(people, law)
    assert apart.failures == whole.failures
    assert [name for name, column in whole.columns.items() if not np.array_equal(column, apart.columns[name])] == []


def test_the_rare_columns_are_amounts_whose_absence_is_zero() -> None:
    source = pipeline_of(resident_law(2026)).source
    assert len(set(RARE_INCOME)) == len(RARE_INCOME) > 20
    assert {(source[name].kind, source[name].default) for name in RARE_INCOME} == {("yen", 0)}


def test_one_person_is_calculated_as_in_a_crowd() -> None:
    law = resident_law(2026, "012041")
    people = city_like(random_people(8, 2_000))
    columns = compute(people, law).columns
    for row in (0, 1, 25, 26, 1_999):
        alone = compute({name: values[row : row + 1] for name, values in people.items()}, law).columns
        assert {name: int(column[0]) for name, column in alone.items()} == {
            name: int(column[row]) for name, column in columns.items()
        }


def test_rates_share_one_denominator_only_where_it_is_small() -> None:
    plain = read_table("to,rate\n100,1/2\n,1/3\n", {"to": "to", "rate": "rate"}, "t")
    num, den = plain.rate("rate", np.array([0, 1]))
    assert (num.tolist(), den) == ([3, 2], 6)
    wide = read_table("to,rate\n100,1/99991\n,1/99989\n", {"to": "to", "rate": "rate"}, "t")
    num, den = wide.rate("rate", np.array([0, 1]))
    assert (num.tolist(), np.asarray(den).tolist()) == ([1, 1], [99_991, 99_989])
