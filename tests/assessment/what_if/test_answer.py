"""The sums of a what-if are exactly the sums of each person's difference, whatever the file of the base did to them."""

import numpy as np
import pytest

from assessment.resident.rules.facts import RESIDENT_FACTS
from assessment.resident.rules.pipeline import compute
from assessment.resident.what_if.answer import AnswerRefused, after_compute, group_names, spread, sums_of, total_of
from assessment.resident.what_if.base import PARTS, BaseDamaged, Sparse, packed, unpacked
from assessment.resident.what_if.edits import edits_read
from assessment.resident.what_if.terms import DIMENSIONS
from tests.assessment.what_if.bases import LAW, base_of, sound_people

EDITS = (
    {"resident.per_capita.city": "3,500円"},
    {"resident.rate.city": "5.5%"},
    {"resident.deduction.basic_table": "to,amount\n24000000,480000\n24500000,290000\n25000000,150000\n,0\n"},
    {"resident.exemption.per_capita_base": "320000", "resident.credit.city_share": "1/2"},
)


@pytest.fixture(scope="module")
def people() -> dict[str, np.ndarray]:
    return sound_people(3, 40_000)


@pytest.mark.parametrize("texts", EDITS)
def test_every_sum_is_the_sum_of_each_persons_difference(people: dict[str, np.ndarray], texts: dict[str, str]) -> None:
    base = unpacked(packed(base_of(people)))
    law = LAW.overlay({edit.id: edit.value for edit in edits_read(LAW, texts)})
    after = after_compute(base, law)
    before_all, after_all = compute(people, LAW).columns, compute(people, law).columns
    for name in PARTS:
        assert int(after.parts[name].sum()) - int(base.before[name].sum()) == int(
            (after_all[name] - before_all[name]).sum()
        )
    change = after_all["annual_tax_yen"] - before_all["annual_tax_yen"]
    assert (change != 0).any()
    for sums in sums_of(base, after).values():
        assert int((sums.after_yen - sums.before_yen).sum()) == int(change.sum())
        assert int(sums.up_yen.sum()) == int(change[change > 0].sum())
        assert int(sums.down_yen.sum()) == int(change[change < 0].sum())
        assert int(sums.up_people.sum()) == int((change > 0).sum())
        assert int(sums.down_people.sum()) == int((change < 0).sum())
        assert int(sums.people.sum()) == base.rows
    assert int(spread(base, after).sum()) == base.rows


def test_each_group_has_the_sums_of_its_own_people(people: dict[str, np.ndarray]) -> None:
    base = base_of(people)
    law = LAW.overlay({edit.id: edit.value for edit in edits_read(LAW, {"resident.rate.city": "7%"})})
    after = after_compute(base, law)
    before, now = total_of(base.before), total_of(after.parts)
    sums = sums_of(base, after)
    for name in DIMENSIONS:
        for group in range(len(group_names(base, name))):
            chosen = base.groups[name] == group
            assert int(sums[name].before_yen[group]) == int(before[chosen].sum())
            assert int(sums[name].after_yen[group]) == int(now[chosen].sum())
            assert int(sums[name].up_people[group]) == int((now > before)[chosen].sum())


def test_the_file_of_a_base_gives_every_fact_back(people: dict[str, np.ndarray]) -> None:
    base = base_of(people)
    again = unpacked(packed(base))
    assert (again.head, again.rows) == (base.head, base.rows)
    assert isinstance(again.facts["salary_receipts_yen"], np.ndarray)
    assert isinstance(again.facts["relief_city_yen"], Sparse)
    for (start, stop, facts), (_, _, others) in zip(base.blocks(), again.blocks(), strict=True):
        assert stop > start
        for column in RESIDENT_FACTS:
            assert facts[column.name].dtype == column.dtype
            assert np.array_equal(facts[column.name], others[column.name])
    # The order of the people is gone, their facts are all there.
    whole = np.concatenate([facts["salary_receipts_yen"] for _, _, facts in base.blocks()])
    assert np.array_equal(np.sort(whole), np.sort(people["salary_receipts_yen"]))


def test_facts_that_are_the_same_for_all_are_kept_as_one_number() -> None:
    facts = RESIDENT_FACTS.batch({"salary_receipts_yen": np.arange(50) * 100_000})
    base = base_of(facts)
    assert base.facts["pension_receipts_yen"] == 0
    assert base.facts["is_domiciled"] == 1
    assert base.facts["salary_receipts_yen"].dtype == np.int32  # type: ignore[union-attr]


def test_a_file_that_is_no_base_is_refused() -> None:
    with pytest.raises(BaseDamaged):
        unpacked(b"\x10" + bytes(40))


def test_a_value_at_which_a_guard_stops_people_is_refused_whole(people: dict[str, np.ndarray]) -> None:
    edits = edits_read(LAW, {"resident.rate.city": "90%", "resident.rate.prefecture": "90%"})
    with pytest.raises(AnswerRefused, match="所得割額が課税標準額の合計を超えました") as refused:
        after_compute(base_of(people), LAW.overlay({edit.id: edit.value for edit in edits}))
    assert refused.value.code == "guard"


def test_a_remission_above_the_edited_tax_leaves_no_tax_and_is_told(people: dict[str, np.ndarray]) -> None:
    facts = RESIDENT_FACTS.batch({"salary_receipts_yen": np.full(30, 1_110_000), "relief_city_yen": np.full(30, 3_000)})
    after = after_compute(base_of(facts), LAW.overlay({"resident.per_capita.city": 1_000}))
    assert after.relieved == 30
    assert int(after.parts["city_tax_yen"].min()) == 0
