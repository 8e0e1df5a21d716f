"""家屋敷等: registered, frozen, taxed by the per-capita levy alone, put right when it ends, told to where they live."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from addressbook.models import HouseholdMembership, Party
from assessment.models import (
    AssessmentRun,
    CollectionShare,
    Decision,
    Finding,
    ResidentResult,
    RunKind,
    SourceDocument,
    TaxablePopulation,
)
from assessment.premises.errors import PremisesRefused
from assessment.premises.models import Premises
from assessment.premises.selectors import candidates, letters, twofold
from assessment.premises.services import (
    PremisesDraft,
    candidate_dismiss,
    domicile_answer,
    premises_end,
    premises_freeze,
    premises_register,
)
from assessment.resident.checks import run_checks
from assessment.resident.non_filers import non_filers
from assessment.sources.services import population_freeze
from collection.selectors.proofs import prove_ledger
from taxsys.platform import clock
from taxsys.platform.audit.context import using
from tests.addressbook.conftest import full_context
from tests.addressbook.people import person
from tests.assessment.change.decided import correction_run, release_correction
from tests.assessment.desk.scene import computed, resident, wage_paper
from tests.assessment.runs.test_initial_runs import on, release

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_folder")]
YEAR = 2026
JANUARY, JUNE = date(2026, 1, 15), date(2026, 6, 3)
SAPPORO, TOKYO = "011002", "131016"


@pytest.fixture(autouse=True)
def _at_the_desk() -> Iterator[None]:
    with clock.at(JANUARY), using(full_context(actor_kind="staff", actor_id="1001")):
        yield


def outsider(no: int, **fields: Any) -> Party:
    """Somebody who lives elsewhere on 1 January."""
    return person(no, **{"state": "moved_out", "household": "", **fields})


def draft(party: Party, **changes: Any) -> PremisesDraft:
    values = {
        "party_id": party.pk, "kind": "house", "address_text": "旭川市一条通1丁目1番1号", "ground": "declared",
        "evidence_ja": "家屋敷等申告書", "first_year": YEAR, "home_municipality": SAPPORO, "received_on": JANUARY,
    }  # fmt: skip
    return PremisesDraft(**{**values, **changes})


def registered(party: Party, **changes: Any) -> Premises:
    return premises_register(draft(party, **changes), actor_id="1001")


def amounts(run: AssessmentRun, party: Party) -> tuple[int, ...]:
    row = ResidentResult.objects.get(run=run, party=party)
    assert row.stop_code == ""
    levies = row.income_levy_city_yen + row.income_levy_prefecture_yen
    return row.per_capita_city_yen, row.per_capita_prefecture_yen, row.forest_tax_yen, levies, row.annual_tax_yen


def wrong(run: AssessmentRun) -> dict[str, int]:
    """Checks that are not green, with how many people they name."""
    return {one.id: one.count for one in run_checks(run) if not one.ok}


def basis(party: Party) -> str:
    return TaxablePopulation.objects.get(tax_year=YEAR, party=party).basis


@pytest.mark.req("R-016")
def test_premises_are_frozen_taxed_by_the_per_capita_levy_alone_and_billed_where_the_person_lives() -> None:
    here, there = resident(1), outsider(2, name="札幌　次郎", kana="サッポロ　ジロウ")
    wage_paper(here, 1)
    # A pay report of the person who lives elsewhere belongs to the other city.
    paper = wage_paper(there, 2, business_key="elsewhere")
    registered(there)
    assert premises_freeze(tax_year=YEAR) == 1
    assert premises_freeze(tax_year=YEAR) == 1
    assert basis(there) == "premises"
    run = computed(day=JUNE)
    assert amounts(run, there) == (3000, 1000, 0, 0, 4000)
    assert SourceDocument.objects.get(pk=paper.pk).state == "elsewhere"
    assert wrong(run) == {}
    shares = CollectionShare.objects.filter(run=run, party=there).values_list("method", "total_yen")
    assert list(shares) == [("ordinary", 4000)]
    release(run, JUNE)
    decision = Decision.objects.get(party=there)
    assert (decision.annual_yen, decision.version, decision.cause) == (4000, 1, "initial")
    assert prove_ledger().is_ok
    assert there.pk not in {one.party_id for one in non_filers(tax_year=YEAR, age_from=18)}


def test_nobody_who_lives_here_is_registered_and_one_place_is_registered_once() -> None:
    here, there = resident(1), outsider(2)
    with pytest.raises(PremisesRefused, match="住民として課税されるため"):
        registered(here)
    registered(there)
    with pytest.raises(PremisesRefused, match="登録済み"):
        registered(there)
    assert registered(there, address_text="旭川市二条通2丁目2番2号").premises_no == "K2026-00002"
    for changes, words in (
        ({"home_municipality": "999999"}, "市区町村コード"), ({"received_on": date(2026, 2, 1)}, "今日より後"),
        ({"evidence_ja": " "}, "確認した資料"), ({"first_year": 1999}, "用意されていません"),
    ):  # fmt: skip
        with pytest.raises(PremisesRefused, match=words):
            registered(there, address_text="別の所在地", **changes)


def test_two_premises_of_one_person_are_one_per_capita_levy() -> None:
    there = outsider(2)
    registered(there)
    registered(there, kind="office", address_text="旭川市二条通2丁目2番2号")
    premises_freeze(tax_year=YEAR)
    assert amounts(computed(day=JUNE), there)[-1] == 4000


def test_who_is_exempt_where_he_lives_is_not_taxed_here() -> None:
    there = outsider(2)
    row = registered(there)
    premises_freeze(tax_year=YEAR)
    with clock.at(date(2026, 3, 1)):
        domicile_answer(
            row.pk, tax_year=YEAR, is_exempt=True, answered_on=date(2026, 3, 1), note_ja="", actor_id="1001"
        )
        with pytest.raises(PremisesRefused, match="課税の年度に入っていません"):
            domicile_answer(
                row.pk, tax_year=2025, is_exempt=True, answered_on=date(2026, 3, 1), note_ja="", actor_id="1001"
            )
    assert amounts(computed(day=JUNE), there)[-1] == 0


@pytest.mark.parametrize("by_answer", [True, False], ids=["answer", "taken_back"])
def test_what_is_known_after_the_decision_is_put_right_by_the_next_correction(*, by_answer: bool) -> None:
    here, there = resident(1), outsider(2)
    wage_paper(here, 1)
    row = registered(there)
    premises_freeze(tax_year=YEAR)
    release(computed(day=JUNE), JUNE)
    later = date(2026, 7, 10)
    with clock.at(later):
        if by_answer:
            domicile_answer(row.pk, tax_year=YEAR, is_exempt=True, answered_on=later, note_ja="", actor_id="1001")
        else:
            premises_end(row.pk, last_year=YEAR - 1, reason_ja="賃貸していたため", actor_id="1001")
            assert basis(there) == "ended"
    run = correction_run(date(2026, 7, 31), date(2026, 8, 3))
    assert amounts(run, there)[-1] == 0
    assert wrong(run) == {}
    release_correction(run, date(2026, 8, 5))
    newest = Decision.objects.filter(party=there).latest("version")
    assert (newest.version, newest.annual_yen, newest.cause) == (2, 0, "correction")
    assert newest.reason_ja == "課税資料の追加・訂正: 家屋敷等の登録・終了・住所地の回答"
    assert Decision.objects.filter(party=here).count() == 1
    # Nothing is left to put right.
    assert correction_run(date(2026, 8, 31), date(2026, 9, 1)).decisions.count() == 0
    assert prove_ledger().is_ok


def test_premises_found_after_the_year_was_decided_are_taxed_by_a_correction_run() -> None:
    here, there = resident(1), outsider(2)
    wage_paper(here, 1)
    release(computed(day=JUNE), JUNE)
    with clock.at(date(2026, 9, 1)):
        registered(there, ground="survey", received_on=date(2026, 9, 1))
        premises_freeze(tax_year=YEAR)
    run = correction_run(date(2026, 9, 30), date(2026, 10, 1))
    assert amounts(run, there)[-1] == 4000
    release_correction(run, date(2026, 10, 5))
    assert Decision.objects.get(party=there).cause == "additional"


def test_an_ended_year_is_the_last_and_a_house_is_taken_up_again() -> None:
    there = outsider(2)
    row = registered(there)
    premises_end(row.pk, last_year=YEAR, reason_ja="令和8年12月に売却", actor_id="1001")
    assert premises_freeze(tax_year=YEAR) == 1
    assert premises_freeze(tax_year=YEAR + 1) == 0
    with pytest.raises(PremisesRefused, match="終了しています"):
        premises_end(row.pk, last_year=YEAR, reason_ja="再度", actor_id="1001")
    registered(there, first_year=YEAR + 1)
    assert premises_freeze(tax_year=YEAR + 1) == 1


def test_a_resident_of_the_same_name_and_birth_is_found_in_the_list_and_by_the_check() -> None:
    here, there = resident(1), outsider(2)
    wage_paper(here, 1)
    row = registered(there)
    premises_freeze(tax_year=YEAR)
    assert [(one.premises.pk, one.reason_ja) for one in twofold(YEAR)] == [
        (row.pk, "氏名カナと生年月日の同じ住民がいる")
    ]
    run = computed(day=JUNE)
    list(run_checks(run))
    named = Finding.objects.filter(run=run, check_id="premises_of_no_resident")
    assert [one.party_id for one in named] == [there.pk]
    assert named.get().severity == "review"


def test_who_moved_in_after_all_is_a_resident_and_stands_on_the_list() -> None:
    there = person(2, state="registered")
    row = registered(there)
    # Whatever was frozen first: the register of residents goes before that of premises.
    assert premises_freeze(tax_year=YEAR) == 1
    with on(JANUARY):
        population_freeze(tax_year=YEAR)
    assert premises_freeze(tax_year=YEAR) == 0
    assert basis(there) == "resident"
    assert [(one.premises.pk, one.reason_ja) for one in twofold(YEAR)] == [
        (row.pk, "1月1日に市内に住所がある（住民として課税）")
    ]


def test_candidates_are_people_who_left_a_household_or_a_business_behind() -> None:
    left = date(2025, 4, 10)
    family = person(1, state="moved_out", household="S77", left_on=left)
    HouseholdMembership.objects.filter(party=family).update(valid_to=left)
    resident(2, household="S77", relation="03")
    alone = person(3, state="moved_out", left_on=left)
    HouseholdMembership.objects.filter(party=alone).update(valid_to=left)
    long_gone = person(4, state="moved_out", household="S77", left_on=date(2020, 4, 10))
    assert long_gone.person_no.endswith("04")
    found = candidates(YEAR)
    assert [(one.person_no[-2:], one.left_on, one.reason_ja) for one in found] == [("01", left, "世帯員が市内に残る")]
    with pytest.raises(PremisesRefused, match="除く理由"):
        candidate_dismiss(family.pk, tax_year=YEAR, reason_ja=" ", actor_id="1001")
    candidate_dismiss(family.pk, tax_year=YEAR, reason_ja="借家を解約済み", actor_id="1001")
    assert candidates(YEAR) == []
    assert [one.person_no[-2:] for one in candidates(YEAR + 1)] == ["01"]


def test_letters_go_to_each_municipality_with_its_people() -> None:
    for no, code in ((1, TOKYO), (2, SAPPORO), (3, TOKYO)):
        registered(outsider(no), home_municipality=code)
    registered(outsider(4), first_year=YEAR + 1)
    premises_freeze(tax_year=YEAR)
    told = [(one.name_ja, [row.party.person_no[-2:] for row in one.rows]) for one in letters(YEAR)]
    assert told == [("北海道札幌市", ["02"]), ("東京都千代田区", ["01", "03"])]


def test_the_salary_cut_takes_nobody_with_premises() -> None:
    registered(outsider(2))
    premises_freeze(tax_year=YEAR)
    run = computed(RunKind.INITIAL_WAGE, date(2026, 5, 10))
    assert ResidentResult.objects.filter(run=run).count() == 0
