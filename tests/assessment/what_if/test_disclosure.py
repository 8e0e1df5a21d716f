"""Nobody can be recomputed: not from a figure, not from what is left beside it, not from two answers."""

from collections.abc import Sequence

import numpy as np
import pytest

from assessment.resident.rules.facts import RESIDENT_FACTS
from assessment.resident.what_if.answer import After, AnswerRefused, after_compute, sums_of
from assessment.resident.what_if.base import PARTS, Base
from assessment.resident.what_if.disclosure import Veil, changed, differences, sketch, veil, veil_unpacked
from assessment.resident.what_if.edits import edits_read, table_text
from assessment.resident.what_if.shown import shown_of
from tests.assessment.what_if.bases import LAW, base_of

LEAST = 10


def people_base(districts: Sequence[int]) -> Base:
    """People of one wage, as many as `districts` has entries, each in the district named there."""
    rows = len(districts)
    facts = RESIDENT_FACTS.batch({"salary_receipts_yen": np.full(rows, 3_000_000)})
    return base_of(facts, district=np.array(districts), age=np.full(rows, 2), household=np.zeros(rows, np.int64))


def after_of(base: Base, added: np.ndarray) -> After:
    """An answer in which each row's city tax changes by `added` yen."""
    return After({PARTS[0]: base.before[PARTS[0]] + added, **{name: base.before[name] for name in PARTS[1:]}}, 0)


def veiled(base: Base, after: After, *earlier: After) -> Veil:
    sums = sums_of(base, after)
    mark = sketch(base, after)
    apart = [changed(base, after, sums), differences(mark, [sketch(base, one) for one in earlier])]
    return veil(base, sums, np.concatenate(apart))


def in_district(base: Base, number: int) -> np.ndarray:
    return np.flatnonzero(base.groups["district"] == number)


def test_a_group_too_small_takes_another_with_it_so_that_the_rest_does_not_tell_it() -> None:
    base = people_base([0] * 400 + [1] * 4 + [2] * 60)
    hidden = veiled(base, after_of(base, np.full(base.rows, 500))).groups["district"]
    assert hidden.tolist() == [False, True, True, False, False]


def test_hidden_groups_together_are_never_small() -> None:
    base = people_base([0] * 400 + [1] * 4 + [2] * 3)
    assert veiled(base, after_of(base, np.full(base.rows, 500))).groups["district"].tolist()[:3] == [True, True, True]


def test_a_change_of_one_person_in_a_group_is_hidden_with_another() -> None:
    base = people_base([0] * 400 + [1] * 100 + [2] * 60)
    added = np.zeros(base.rows, np.int64)
    added[in_district(base, 0)] = 500
    added[in_district(base, 2)] = 500
    added[in_district(base, 1)[0]] = 90_000
    cover = veiled(base, after_of(base, added))
    assert cover.groups["district"].tolist()[:3] == [False, True, True]
    lines = shown_of(base, after_of(base, added), sums_of(base, after_of(base, added)), cover).breakdowns[-1].lines
    assert [line.after_yen is None for line in lines] == [False, True, True]


def test_few_who_pay_less_among_many_who_pay_more_hide_the_split_but_not_the_sum() -> None:
    base = people_base([0] * 400 + [1] * 100 + [2] * 60)
    added = np.full(base.rows, 500)
    added[in_district(base, 0)[:40]] = -500
    added[in_district(base, 1)[:3]] = -9_000
    cover = veiled(base, after_of(base, added))
    assert not cover.groups["district"].any()
    # With district 1 alone hidden, the total of those who pay less would tell it.
    assert cover.splits["district"].tolist()[:2] == [True, True]
    assert not cover.total_split


@pytest.mark.parametrize("people", [1, 2, LEAST - 1])
def test_a_whole_answer_about_a_few_people_is_refused(people: int) -> None:
    base = people_base([0] * 200)
    added = np.zeros(base.rows, np.int64)
    added[:people] = 70_000
    with pytest.raises(AnswerRefused, match="税額の変わる人が10人未満"):
        veiled(base, after_of(base, added))


@pytest.mark.parametrize("people", [1, LEAST - 1])
def test_an_answer_that_differs_from_an_earlier_one_by_a_few_people_is_refused(people: int) -> None:
    base = people_base([0] * 200)
    first = np.full(base.rows, 500)
    second = first.copy()
    second[:people] += 70_000
    veiled(base, after_of(base, first))
    with pytest.raises(AnswerRefused, match="二つの試算を比べると"):
        veiled(base, after_of(base, second), after_of(base, first))
    second[:60] += 70_000
    veiled(base, after_of(base, second), after_of(base, first))


def test_one_cell_in_which_two_answers_differ_by_one_person_is_hidden_in_the_later() -> None:
    base = people_base([0] * 400 + [1] * 100 + [2] * 60)
    first = np.full(base.rows, 500)
    second = first.copy()
    second[in_district(base, 0)] = 700
    second[in_district(base, 1)[0]] = 90_000
    cover = veiled(base, after_of(base, second), after_of(base, first))
    # District 2 did not change at all, so it cannot hide the one of district 1; district 0 must.
    assert cover.groups["district"].tolist()[:3] == [True, True, False]


def test_a_receiver_whose_tax_changes_for_a_few_people_refuses_the_answer() -> None:
    base = people_base([0] * 200)
    parts = {name: base.before[name] + 100 for name in PARTS[:2]}
    forest = base.before[PARTS[2]].copy()
    forest[:3] += 1_000
    with pytest.raises(AnswerRefused):
        veiled(base, After({**parts, PARTS[2]: forest}, 0))


def test_fewer_people_than_may_be_shown_are_no_city() -> None:
    base = people_base([0] * (LEAST - 1))
    with pytest.raises(AnswerRefused, match="決定のある人が10人未満"):
        veiled(base, after_of(base, np.full(base.rows, 500)))


def test_a_veil_is_kept_and_read_again_as_it_was() -> None:
    base = people_base([0] * 400 + [1] * 4 + [2] * 60)
    cover = veiled(base, after_of(base, np.full(base.rows, 500)))
    again = veil_unpacked(base, cover.packed())
    assert again.total_split == cover.total_split
    for name, flags in cover.groups.items():
        assert again.groups[name].tolist() == flags.tolist()
        assert again.splits[name].tolist() == cover.splits[name].tolist()


def test_the_bands_of_change_join_until_each_holds_enough_people() -> None:
    base = people_base([0] * 200)
    added = np.full(base.rows, 500)
    added[:3] = 200_000
    added[3:23] = 60_000
    after = after_of(base, added)
    spread = shown_of(base, after, sums_of(base, after), veiled(base, after)).spread
    assert all(people == 0 or people >= LEAST for _, people in spread)
    assert dict(spread)["10万円以下の増・10万円を超える増"] == 23
    assert sum(people for _, people in spread) == base.rows


def test_an_edit_of_one_band_of_a_table_hides_what_two_answers_would_tell() -> None:
    rows = 300
    pay = np.full(rows, 3_000_000)
    pay[:4] = 30_000_000
    base = base_of(RESIDENT_FACTS.batch({"salary_receipts_yen": pay}))
    first = after_compute(base, LAW.overlay({"resident.per_capita.city": 3_500}))
    table = LAW["resident.deduction.basic_table"].table
    # The band of the highest incomes gets a deduction that it has not in force.
    text = table_text(table).replace("\n,0\n", "\n,430000\n")
    (edit,) = edits_read(LAW, {"resident.deduction.basic_table": text})
    second = after_compute(base, LAW.overlay({"resident.per_capita.city": 3_500, edit.id: edit.value}))
    veiled(base, first)
    with pytest.raises(AnswerRefused, match="二つの試算を比べると"):
        veiled(base, second, first)
