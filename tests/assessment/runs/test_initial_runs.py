"""A small city's papers become decisions and a balanced ledger in two cuts, and stay what they were."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from django.db import DatabaseError, transaction
from django.db.models import Sum

from addressbook.services.feed import feed_apply_chunk
from assessment.errors import RunNotReady
from assessment.models import (
    AssessmentRun,
    CollectionShare,
    Decision,
    DocumentExclusion,
    ResidentFacts,
    ResidentResult,
    RunKind,
    RunState,
    SourceDocument,
)
from assessment.resident import runs
from assessment.resident.explain import explanation
from assessment.sources.services import DocumentRow, documents_register, population_freeze
from collection.models import Charge, WithheldShare
from collection.selectors.proofs import prove_ledger
from eltax_bridge.services import imports
from taxsys.city.deliveries import CityDeliveries, CityFile
from taxsys.city.economy import CityEconomy
from taxsys.city.people import CityPeople
from taxsys.city.resident_feed import snapshot_records
from taxsys.platform import clock
from taxsys.platform.audit.context import AccessContext, using
from taxsys.platform.files.services import file_receive
from taxsys.platform.jobs.intake import file_open

CITY_CODE = "012041"
IMPORTERS = {
    "local_soukatsu_17": (file_open, imports.summaries_import),
    "kyuho_315": (file_open, imports.wage_lines_import),
    "nenpo_331": (file_open, imports.pension_lines_import),
    "local_onestop_tsuchi": (file_open, imports.onestop_lines_import),
    "koa020": (imports.archive_open, imports.returns_import),
}


@contextmanager
def on(day: date) -> Iterator[None]:
    context = AccessContext(
        actor_kind="job", actor_id="test", function_id="B-PI", legal_base="番号法9条1項・別表24", purpose="試験",
        request_id="test",
    )  # fmt: skip
    with clock.at(day), using(context):
        yield


def take_in(files: Iterator[CityFile]) -> None:
    for one in files:
        with on(one.arrives_on):
            received = file_receive(
                name=one.name, content=one.content, format=f"{one.format}/{one.edition}", sender=one.sender,
                channel=one.channel,
            )  # fmt: skip
            opener, importer = IMPORTERS[one.format]
            importer(received, 0, opener(received))


def run_through(kind: str, until: date, day: date) -> AssessmentRun:
    with on(day):
        run = runs.run_open(
            tax_year=2026, kind=kind, documents_until=until, requested_by="S-CLERK", city_code=CITY_CODE
        )
        people = runs.run_population(run)
        for start in range(0, len(people), 100):
            runs.run_compute_chunk(run, people[start : start + 100], city_code=CITY_CODE)
        runs.run_computed(run)
    return run


def release(run: AssessmentRun, day: date) -> None:
    with on(day):
        people = [one.party_id for one in runs.people_to_release(run)]
        first = runs.notice_numbers_used(run.tax_year) + 1
        runs.run_release_chunk(run, people, first_no=first, released_by="S-CHIEF")
        runs.run_released(run, released_by="S-CHIEF")


@pytest.fixture
def city(db: None, data_folder: object) -> CityDeliveries:
    deliveries = CityDeliveries(CityEconomy(CityPeople(size=300, seed=7)))
    with on(date(2026, 1, 5)):
        feed_apply_chunk(list(snapshot_records(deliveries.people)), source="juki")
        population_freeze(tax_year=2026)
    take_in(deliveries.spring_files())
    return deliveries


@pytest.fixture
def wage_run(city: CityDeliveries) -> AssessmentRun:
    return run_through(RunKind.INITIAL_WAGE, date(2026, 5, 8), date(2026, 5, 10))


@pytest.mark.req("R-016")
def test_the_population_is_who_lives_here_on_the_first_of_january(city: CityDeliveries) -> None:
    with on(date(2026, 1, 6)):
        assert population_freeze(tax_year=2026) == 300


def test_a_trial_of_the_wage_cut_owes_nobody_anything(wage_run: AssessmentRun) -> None:
    shares = CollectionShare.objects.filter(run=wage_run)
    assert shares.filter(method="wage").count() > 50
    people_with_withholder = set(shares.filter(method="wage").values_list("party_id", flat=True))
    taxed = set(ResidentResult.objects.filter(run=wage_run, annual_tax_yen__gt=0).values_list("party_id", flat=True))
    assert people_with_withholder <= taxed
    assert Decision.objects.count() == 0
    assert Charge.objects.count() == 0


@pytest.mark.req("R-019")
def test_release_makes_decisions_and_a_ledger_that_agree_to_the_yen(wage_run: AssessmentRun) -> None:
    release(wage_run, date(2026, 5, 12))
    annual = Decision.objects.aggregate(total=Sum("annual_yen"))["total"]
    assert annual > 1_000_000
    assert annual == ResidentResult.objects.filter(run=wage_run).aggregate(total=Sum("annual_tax_yen"))["total"]
    assert annual == CollectionShare.objects.filter(run=wage_run).aggregate(total=Sum("total_yen"))["total"]
    assert annual == Charge.objects.aggregate(total=Sum("amount_yen"))["total"]
    numbers = list(Decision.objects.order_by("notice_no").values_list("notice_no", flat=True))
    assert numbers == [f"2026-10-{n:07d}" for n in range(1, len(numbers) + 1)]
    assert prove_ledger().is_ok


def test_the_requester_cannot_release_his_own_run(wage_run: AssessmentRun) -> None:
    people = list(ResidentResult.objects.filter(run=wage_run).values_list("party_id", flat=True))
    with pytest.raises(RunNotReady):
        runs.run_release_chunk(wage_run, people, first_no=1, released_by="S-CLERK")
    assert Decision.objects.count() == 0


def test_releasing_the_same_people_again_changes_nothing(wage_run: AssessmentRun) -> None:
    with on(date(2026, 5, 12)):
        people = sorted(ResidentResult.objects.filter(run=wage_run, stop_code="").values_list("party_id", flat=True))
        runs.run_release_chunk(wage_run, people, first_no=1, released_by="S-CHIEF")
        before = (Decision.objects.count(), Charge.objects.aggregate(total=Sum("amount_yen"))["total"])
        runs.run_release_chunk(wage_run, people, first_no=1, released_by="S-CHIEF")
    assert (Decision.objects.count(), Charge.objects.aggregate(total=Sum("amount_yen"))["total"]) == before


@pytest.mark.req("R-004")
def test_rows_of_a_released_run_cannot_change(wage_run: AssessmentRun) -> None:
    release(wage_run, date(2026, 5, 12))
    with pytest.raises(DatabaseError), transaction.atomic():
        ResidentResult.objects.filter(run=wage_run).update(annual_tax_yen=0)
    with pytest.raises(DatabaseError), transaction.atomic():
        Decision.objects.all().delete()


def test_the_calculation_text_gives_the_stored_result_for_every_decision(wage_run: AssessmentRun) -> None:
    law = runs.law_of(wage_run, CITY_CODE)
    for party in ResidentResult.objects.filter(run=wage_run).values_list("party_id", flat=True):
        told = explanation(runs.stored_facts(wage_run, party), law)
        stored = runs.stored_result(wage_run, party)
        for column in ("taxable_income_yen", "city_tax_yen", "prefectural_tax_yen", "annual_tax_yen"):
            assert told.value_of(column) == stored[column]


def test_the_second_cut_takes_everybody_else_and_those_with_new_papers(
    city: CityDeliveries, wage_run: AssessmentRun
) -> None:
    release(wage_run, date(2026, 5, 12))
    first = set(Decision.objects.values_list("party_id", flat=True))
    take_in(city.late_files())
    run = run_through(RunKind.INITIAL_ORDINARY, date(2026, 6, 1), date(2026, 6, 3))
    release(run, date(2026, 6, 5))
    run.refresh_from_db()
    assert run.state == RunState.RELEASED
    second = Decision.objects.filter(run=run)
    assert second.filter(version=1).exclude(party_id__in=first).count() == second.filter(version=1).count() > 20
    assert set(second.filter(version=2).values_list("party_id", flat=True)) <= first
    current = {one.party_id: one.annual_yen for one in Decision.objects.order_by("version")}
    assert sum(current.values()) == Charge.objects.aggregate(total=Sum("amount_yen"))["total"]
    assert prove_ledger().is_ok


def employee(run: AssessmentRun) -> CollectionShare:
    """Somebody whose wages carry tax in every month and who draws no pension a share could move to."""
    pensioners = SourceDocument.objects.filter(kind="pension").values("party")
    shares = CollectionShare.objects.filter(run=run, method="wage", total_yen__gt=12_000).exclude(party__in=pensioners)
    return next(share for share in shares.order_by("total_yen") if all(share.instalments))


def _left(paper: SourceDocument) -> DocumentRow:
    """The payer's correction of a pay report: ordinary collection from now on."""
    return DocumentRow(
        kind=paper.kind, tax_year=paper.tax_year, line_no=900_000 + (paper.line_no or 0), filing_kind="2",
        business_key=paper.business_key, arrived_on=date(2026, 5, 20), name=paper.name, name_kana=paper.name_kana,
        birth_on=paper.birth_on, address=paper.address, content={**paper.items, "is_ordinary_collection": 1},
        relatives=paper.relatives, withholder_id=paper.withholder_id,
    )  # fmt: skip


def test_who_leaves_the_employer_between_the_cuts_is_billed_and_the_months_come_to_nothing(
    city: CityDeliveries, wage_run: AssessmentRun
) -> None:
    release(wage_run, date(2026, 5, 12))
    leaver = employee(wage_run)
    before = WithheldShare.objects.filter(employee=leaver.party)
    assert sum(before.values_list("amount_yen", flat=True)) == leaver.total_yen
    for paper in SourceDocument.objects.filter(party=leaver.party, kind="wage", withholder__isnull=False):
        documents_register([_left(paper)], received_file_id=paper.received_file_id)
    run = run_through(RunKind.INITIAL_ORDINARY, date(2026, 6, 1), date(2026, 6, 3))
    release(run, date(2026, 6, 5))
    decision = Decision.objects.get(run=run, party=leaver.party)
    assert (decision.version, decision.cause, decision.previous.run) == (2, "correction", wage_run)
    assert set(WithheldShare.objects.filter(employee=leaver.party).values_list("amount_yen", flat=True)) == {0}
    bills = Charge.objects.filter(notice_no=decision.notice_no, method="ordinary")
    assert sum(bills.values_list("amount_yen", flat=True)) == decision.annual_yen == leaver.total_yen
    assert prove_ledger().is_ok


def test_papers_that_did_not_count_are_kept_with_their_reason(wage_run: AssessmentRun) -> None:
    run = run_through(RunKind.TRIAL, date(2026, 5, 8), date(2026, 5, 11))
    filers = SourceDocument.objects.filter(kind="return").values("party")
    reports_beside_returns = SourceDocument.objects.filter(
        kind__in=["wage", "pension"], state="active", party__in=filers
    )
    left_out = DocumentExclusion.objects.filter(
        run=run, reason_code="return_filed", document__kind__in=["wage", "pension"]
    )
    assert left_out.count() == reports_beside_returns.count() > 5
    for exclusion in left_out.select_related("document"):
        facts = ResidentFacts.objects.get(run=run, party=exclusion.document.party)
        assert exclusion.adopted_documents == facts.document_ids
