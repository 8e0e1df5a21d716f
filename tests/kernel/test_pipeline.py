"""Pipelines refuse what does not fit when they are built; guards report rows; blocks change nothing."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from taxsys.kernel.columns import Column, ColumnError, ColumnSet
from taxsys.kernel.periods import DateRange, Years, age_on_31_december, turns
from taxsys.kernel.pipeline import Guard, Pipeline, PipelineError
from taxsys.kernel.rules import RuleError, rule
from taxsys.kernel.yen import IntColumn

SOURCE = ColumnSet("source", (Column("a_yen", "yen", "甲"), Column("n", "count", "人数", maximum=9)))
RESULT = ColumnSet("result", (Column("sum_yen", "yen", "合計", maximum=10**12),))
YEARS = Years(2020)


def declared(**names: object):
    return {"law": "試験法1条", "title": "試験", "years": YEARS, "formula": "", **names}


@rule(**declared(formula="{a_yen} + {n}", title="合計"))
def sum_yen(*, a_yen: IntColumn, n: IntColumn) -> IntColumn:
    return a_yen + n


@rule(**declared())
def stray_yen(*, a_yen: IntColumn) -> IntColumn:
    return a_yen


@rule(**declared(outputs={"sum_yen": "合計"}))
def reads_unknown(*, missing_yen: IntColumn) -> IntColumn:
    return missing_yen


def build(*rules, source=SOURCE, result=RESULT, guards=()):
    return Pipeline.build("test", rules=rules, source=source, result=result, guards=guards)


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ((sum_yen, stray_yen), "never used"),
        ((reads_unknown,), "before any rule produces"),
        ((sum_yen, sum_yen), "produced twice"),
        ((), "never produced"),
    ],
)
def test_a_pipeline_that_is_not_whole_is_refused(rules, message: str) -> None:
    with pytest.raises(PipelineError, match=message):
        build(*rules)


def test_an_idle_source_column_is_refused() -> None:
    wider = ColumnSet("wider", (*SOURCE, Column("idle_yen", "yen", "使わない列")))
    with pytest.raises(PipelineError, match="idle_yen"):
        build(sum_yen, source=wider)


def test_a_formula_may_name_only_arguments() -> None:
    with pytest.raises(RuleError, match="strange"):

        @rule(**declared(formula="{strange}"))
        def wrong(*, a_yen: IntColumn) -> IntColumn:
            return a_yen


def test_arguments_have_no_defaults() -> None:
    with pytest.raises(RuleError, match="keyword-only"):

        @rule(**declared())
        def wrong(a_yen: IntColumn = 0) -> IntColumn:  # type: ignore[assignment]
            return a_yen


@pytest.mark.parametrize("block_rows", [1, 3, 8192])
def test_the_block_size_changes_nothing(block_rows: int) -> None:
    facts = SOURCE.batch({"a_yen": np.arange(10) * 1000, "n": np.arange(10)})
    computed = build(sum_yen).compute(facts, {}, block_rows=block_rows)
    assert computed.columns["sum_yen"].tolist() == [1001 * i for i in range(10)]


def test_a_guard_reports_its_rows_and_the_others_stand() -> None:
    guard = Guard("G1", "千円を超えました。", ("sum_yen",), lambda total: total <= 1000)
    facts = SOURCE.batch({"a_yen": np.array([1, 5000, 2, 9000])})
    computed = build(sum_yen, guards=(guard,)).compute(facts, {}, block_rows=3)
    assert [(f.row, f.code, f.message_ja) for f in computed.failures] == [
        (1, "G1", "千円を超えました。"),
        (3, "G1", "千円を超えました。"),
    ]
    assert computed.columns["sum_yen"].tolist() == [1, 5000, 2, 9000]
    assert computed.failed_rows == {1, 3}


def test_a_fact_out_of_range_is_a_failure_of_its_row() -> None:
    computed = build(sum_yen).compute(SOURCE.batch({"n": np.array([3, 10, -1])}), {})
    assert [(f.row, f.code) for f in computed.failures] == [(1, "FACT_RANGE"), (2, "FACT_RANGE")]


def test_counts_do_not_overflow_their_32_bits() -> None:
    @rule(**declared(outputs={"sum_yen": "合計"}))
    def product(*, a_yen: IntColumn, n: IntColumn) -> IntColumn:
        return a_yen * 0 + n * 2_000_000_000

    computed = build(product).compute(SOURCE.batch({"n": 9}), {})
    assert computed.columns["sum_yen"].tolist() == [18_000_000_000]


def test_no_rows_give_no_rows() -> None:
    assert build(sum_yen).compute(SOURCE.empty(0), {}).columns["sum_yen"].tolist() == []


@pytest.mark.parametrize(
    "given", [{"unknown": 1}, {"a_yen": 1.5}, {"a_yen": np.arange(2), "n": np.arange(3)}, {"a_yen": "100"}]
)
def test_a_batch_of_wrong_columns_is_refused(given: dict) -> None:
    with pytest.raises(ColumnError):
        SOURCE.batch(given)


def test_a_birth_on_1_january_is_a_year_older_on_31_december() -> None:
    assert age_on_31_december(date(2007, 1, 1), 2025) == 19
    assert age_on_31_december(date(2007, 1, 2), 2025) == 18
    assert turns(19, 2025) == (date(2006, 1, 2), date(2007, 1, 1))
    assert age_on_31_december(date(2004, 2, 29), 2025) == 21


def test_spans_include_their_ends_as_declared() -> None:
    assert [year in Years(2024, 2025) for year in (2023, 2024, 2025, 2026)] == [False, True, True, False]
    assert 2099 in Years(2024)
    with pytest.raises(ValueError, match="逆"):
        Years(2025, 2024)
    span = DateRange(date(2026, 4, 1), date(2027, 4, 1))
    assert date(2026, 4, 1) in span
    assert date(2027, 4, 1) not in span
    assert span.overlaps(DateRange(date(2027, 3, 31)))
    assert not span.overlaps(DateRange(date(2027, 4, 1)))
