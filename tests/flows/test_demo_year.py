"""The demonstration's year runs through its jobs and ends with a proved ledger."""

from datetime import date

import pytest
from django.db.models import Sum

from assessment.decisions.selectors import standing_decisions
from assessment.models import AssessmentRun, Decision, RunState, SourceDocument, TakenOverFigures, YearComparison
from collection.models import Charge, DebitBatch, DebitRequest
from intermediary.models import CopyRecord, ProvisionRecord
from taxsys.platform.files.models import ReceivedFile, RefusedAttempt
from taxsys.platform.jobs.models import JobRun
from taxsys.platform.jobs.selectors import run_counts
from taxsys.platform.printing.models import PackageState, PrintPackage
from taxsys.web.demo import run_year
from taxsys.web.demo.steps.bridge import example_lines
from tests.flows.conftest import small_demo


@pytest.mark.django_db(transaction=True)
def test_a_small_city_goes_from_files_to_released_decisions(data_folder: object) -> None:
    lines: list[str] = []
    demo = small_demo(size=150, seed=3, say=lines.append)
    run_year(demo)
    trial = AssessmentRun.objects.get(tax_year=2027)
    assert (trial.kind, trial.state, trial.decisions.count()) == ("trial", RunState.COMPUTED, 0)
    others = AssessmentRun.objects.exclude(pk=trial.pk)
    assert set(others.values_list("state", flat=True)) == {RunState.RELEASED}
    kinds = AssessmentRun.objects.filter(tax_year=2026).order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["initial_wage", "initial_ordinary", "correction"]
    this_year = Decision.objects.filter(tax_year=2026).order_by("version")
    current = {one.party_id: one.annual_yen for one in this_year}
    assert sum(current.values()) == Charge.objects.aggregate(total=Sum("amount_yen"))["total"] > 0
    fates = dict(ReceivedFile.objects.values_list("name", "state"))
    assert {name for name, state in fates.items() if state != ReceivedFile.State.APPLIED} == {
        "koza_irai.csv",  # two faulty lines
        "kekka_91_20260630_1_.txt",  # cut short
    }
    assert fates["kekka_91_20260630_1_.txt"] == ReceivedFile.State.QUARANTINED
    assert RefusedAttempt.objects.get().code == "L0105"
    assert SourceDocument.objects.count() == sum(
        run_counts(run).get("登録", 0) + run_counts(run).get("訂正", 0)
        for run in JobRun.objects.filter(job_id__startswith="B-PI-0")
    )
    # Last year came over from the former system, and every difference to it has its reasons.
    assert standing_decisions(tax_year=2025).count() == TakenOverFigures.objects.count() > 50
    compared = YearComparison.objects.all()
    assert compared.filter(kind="continuing").count() > 50
    assert compared.exclude(unexplained_yen=0).count() == 0
    said = [line for line in lines if "受付不可" in line]
    jobs = [line for line in lines if " B-" in line]
    assert (len(jobs), len(said)) == (JobRun.objects.count(), 2)
    paid_by_bank = Charge.objects.filter(debit_requests__state="debited")
    assert paid_by_bank.exists()
    assert not paid_by_bank.filter(slip_lines__isnull=False).exists()
    assert DebitRequest.objects.filter(state="failed", batch__attempt_no=1).exists()
    assert DebitBatch.objects.exclude(state="answered").count() == 0
    copies = CopyRecord.objects.order_by("party", "-version").distinct("party")
    assert set(copies.values_list("decision_id", flat=True)) == {
        one.pk for one in Decision.objects.filter(tax_year=2026).order_by("party", "-version").distinct("party")
    }
    assert ProvisionRecord.objects.get().outcome == "answered"
    command = example_lines(8123)[1]
    assert "http://127.0.0.1:8123/api/v1/income/lookup" in command
    packages = list(PrintPackage.objects.order_by("pk"))
    assert [one.kind for one in packages][:2] == ["withholding_notice", "tax_notice"]
    assert {one.state for one in packages} == {PackageState.MAILED}
    assert packages[0].posted_on < date(2026, 6, 1) < packages[1].posted_on
    assert all(one.pieces == one.mailed_pieces > 0 for one in packages)
