"""A faulty legal value, put right in mid-year: who is touched and by how much is told before anything is decided."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.test import Client

from addressbook.models import Party
from assessment.amendments import replaced_law
from assessment.amendments.models import LawSet
from assessment.amendments.named import named_run_open
from assessment.decisions.selectors import standing_decision_of, standing_decisions
from assessment.errors import RunNotReady
from assessment.models import AssessmentRun, Finding, RunKind
from assessment.resident import reviewed, runs
from assessment.resident import selectors as resident_selectors
from assessment.resident.checks import run_checks
from assessment.resident.moves.gates import instalments_whole
from assessment.resident.rules import pipeline
from assessment.resident.selectors import calculation_of
from collection.models import Charge
from collection.selectors.proofs import prove_ledger
from taxsys.platform import clock
from taxsys.platform.audit.context import using
from tests.addressbook.conftest import full_context
from tests.assessment.amendments.scene import decide, resident_of_years, tax_return
from tests.assessment.desk.test_documents import clerk, page
from tests.assessment.runs.test_initial_runs import CITY_CODE, on

pytestmark = pytest.mark.django_db
DAY = date(2026, 9, 1)
REASON = "基礎控除の額の誤り(43万円を33万円として計算)を訂正"


@pytest.fixture(autouse=True)
def _at_the_desk() -> Iterator[None]:
    with clock.at(DAY), using(full_context(actor_kind="staff", actor_id="1001")):
        yield


def forget() -> None:
    """Let the parameter files be read again."""
    for cached in (pipeline.parameter_book, pipeline.resident_law, resident_selectors._hash_now):
        cached.cache_clear()


@pytest.fixture
def faulty(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[pytest.MonkeyPatch]:
    """The basic deduction stands 100,000 yen too low in the files, and the wrong set has been reviewed."""
    folder = tmp_path / "params"
    shutil.copytree(pipeline.PARAMS_DIR, folder)
    wrong = {path: path.read_text(encoding="utf-8") for path in folder.glob("deduction_basic*.csv")}
    assert any("430000" in text for text in wrong.values())
    for path, text in wrong.items():
        path.write_text(text.replace("430000", "330000"), encoding="utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "PARAMS_DIR", folder)
        forget()
        hashes = {f"{CITY_CODE}/2026": pipeline.resident_law(2026, CITY_CODE).hash}
        patch.setattr(reviewed, "reviewed_hashes", lambda: hashes)
        yield patch
    forget()


def people() -> tuple[Party, Party]:
    """A taxpayer whom the fault touches, and one without any tax."""
    rich, poor = resident_of_years(1, (2026,)), resident_of_years(2, (2026,))
    tax_return(rich, 2026, business_income_yen=4_000_000)
    tax_return(poor, 2026, business_income_yen=100_000)
    return rich, poor


def mended(patch: pytest.MonkeyPatch) -> None:
    """The file is put right and the right set reviewed."""
    patch.undo()
    forget()


def corrected_run(day: date = DAY) -> AssessmentRun:
    with on(day):
        run = named_run_open(
            tax_year=2026, kind=RunKind.REPLACED_LAW, title_ja=REASON, requested_by="S-CLERK", city_code=CITY_CODE
        )
        replaced_law.replaced_compute_chunk(run, replaced_law.replaced_population(2026))
        runs.run_computed(run)
    return run


def annual(party: Party) -> int:
    decision = standing_decision_of(party.pk, tax_year=2026)
    assert decision is not None
    return decision.annual_yen


@pytest.mark.req("R-173")
def test_who_is_touched_is_told_first_and_one_release_puts_it_right(faulty: pytest.MonkeyPatch) -> None:
    rich, poor = people()
    decide(2026)
    wrong = annual(rich)
    assert replaced_law.replaced_population(2026) == []
    mended(faulty)
    assert set(replaced_law.replaced_population(2026)) == {rich.pk, poor.pk}
    # When computed: the answer stands in the run, nothing is decided, the books are as they were.
    run = corrected_run()
    told = replaced_law.replaced_totals(run)
    assert (told.raised, told.raised_yen, told.lowered, told.lowered_yen, told.level) == (0, 0, 1, 10_000, 1)
    assert replaced_law.replaced_list(run).decode("utf-8-sig").splitlines() == [
        "宛名番号,訂正前の年税額,訂正後の年税額,増減額",
        f"{rich.person_no},{wrong},{wrong - 10_000},-10000",
        # No tax either way, but the deduction on record (and on certificates) was wrong.
        f"{poor.person_no},0,0,0",
    ]
    assert annual(rich) == wrong
    assert [gate.id for gate in (*run_checks(run), instalments_whole(run, city_code=CITY_CODE)) if not gate.ok] == []
    # The proposer may not let it go.
    with on(DAY), pytest.raises(RunNotReady, match="起案者本人"):
        replaced_law.replaced_release_chunk(run, [rich.pk], released_by="S-CLERK")
    with on(DAY):
        counts = replaced_law.replaced_release_chunk(run, [rich.pk, poor.pk], released_by="S-CHIEF")
        runs.run_released(run, released_by="S-CHIEF")
        assert counts == {"更正": 2, "増額": 0, "減額": 10_000}
        assert replaced_law.replaced_release_chunk(run, [rich.pk], released_by="S-CHIEF")["更正"] == 0
    decision = standing_decision_of(rich.pk, tax_year=2026)
    assert decision is not None
    assert (decision.version, decision.cause, decision.reason_ja) == (2, "law_corrected", REASON)
    assert sum(Charge.objects.filter(party=rich).values_list("amount_yen", flat=True)) == wrong - 10_000
    assert (annual(poor), standing_decision_of(poor.pk, tax_year=2026).version) == (0, 2)  # type: ignore[union-attr]
    assert prove_ledger().is_ok
    assert replaced_law.replaced_population(2026) == []


def test_the_old_decision_explains_itself_by_the_old_values(faulty: pytest.MonkeyPatch) -> None:
    rich, _ = people()
    first = decide(2026)
    mended(faulty)
    run = corrected_run()
    with on(DAY):
        replaced_law.replaced_release_chunk(run, [rich.pk], released_by="S-CHIEF")
        runs.run_released(run, released_by="S-CHIEF")
    assert LawSet.objects.count() == 2
    old = calculation_of(first, rich.pk, municipality_code=CITY_CODE)
    assert old.sheet is not None
    assert (old.sheet.mismatches, old.sheet.parameter_hash) == ((), first.parameter_hash)
    assert old.stored["basic_deduction_yen"] == 330_000
    assert "写し" in old.notices_ja[0]
    new = calculation_of(run, rich.pk, municipality_code=CITY_CODE)
    assert new.sheet is not None
    assert new.sheet.mismatches == ()
    assert (new.stored["basic_deduction_yen"], new.notices_ja) == (430_000, ())
    # Without the copy the sheet says that it is not what was decided.
    LawSet.objects.filter(parameter_hash=first.parameter_hash).delete()
    lost = calculation_of(first, rich.pk, municipality_code=CITY_CODE)
    assert "今の法定値" in lost.notices_ja[0]
    assert lost.sheet is not None
    assert lost.sheet.mismatches


def test_the_sets_in_use_and_their_differences_are_told(faulty: pytest.MonkeyPatch) -> None:
    people()
    decide(2026)
    mended(faulty)
    (one,) = replaced_law.sets_in_use(2026)
    assert (one.people, one.is_current, one.is_kept) == (2, False, True)
    assert [title for _, title, _, _ in one.differences] == ["基礎控除の表"]


def test_beyond_the_limit_nobody_is_changed_and_each_is_named(faulty: pytest.MonkeyPatch) -> None:
    rich, _ = people()
    decide(2026)
    mended(faulty)
    run = corrected_run(date(2031, 7, 1))
    told = replaced_law.replaced_totals(run)
    assert (told.lowered, told.late, told.level) == (0, 1, 1)
    finding = Finding.objects.get(run=run, check_id=replaced_law.LATE)
    assert finding.party_id == rich.pk
    assert finding.message_ja.startswith(
        "令和8年度分を減額できる期限(令和13年6月30日、地方税法17条の5第4項)を過ぎています。"
    )
    assert standing_decisions(tax_year=2026).filter(run=run).count() == 0


def test_a_set_that_nobody_has_reviewed_opens_no_run(faulty: pytest.MonkeyPatch) -> None:
    people()
    decide(2026)
    mended(faulty)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reviewed, "reviewed_hashes", lambda: {f"{CITY_CODE}/2026": "0" * 64})
        with pytest.raises(RunNotReady, match="審査"):
            corrected_run()


def test_the_page_of_a_year_tells_which_sets_are_in_use(faulty: pytest.MonkeyPatch, client: Client) -> None:
    people()
    first = decide(2026)
    mended(faulty)
    html = page(clerk(client), "/parameters/2026/sets")
    assert first.parameter_hash[:16] in html
    assert "基礎控除の表" in html
    run = corrected_run()
    html = page(clerk(client), "/parameters/2026/sets")
    assert "△10,000円" in html
    assert f"/assessment/runs/{run.pk}" in html
    assert clerk(client).get("/parameters/1900/sets").status_code == 404
