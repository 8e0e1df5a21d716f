"""課税計算の実行 (writes of a run): open → compute in chunks → check → release by a second person.

Trial first: the rows of a run are nobody's debt. Release makes decisions and levies of them; from then on they are the
decisions' snapshot. R-004, R-016, R-019; 地方税法319条の2, 321条の4.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import numpy as np
from django.db import transaction
from django.db.models import Max

from assessment.errors import RunNotReady
from assessment.models import (
    AssessmentRun,
    CollectionShare,
    Decision,
    DecisionCause,
    ResidentFacts,
    ResidentResult,
    RunKind,
    RunState,
    SourceDocument,
    SourceState,
)
from assessment.resident import collection_split as split
from assessment.resident.facts import BuiltFacts, facts_build, parties_with_documents
from assessment.resident.rules.facts import RESIDENT_FACTS
from assessment.resident.rules.pipeline import RESIDENT_RESULT, compute, pipeline_of, resident_law
from collection.bulk.levy import LevyRow
from collection.services.levy import levy_adjust, levy_post
from taxsys.kernel.columns import Batch
from taxsys.params.model import ParameterSet
from taxsys.platform import clock
from taxsys.platform.outbox.services import outbox_put

TAX_KIND = "10"


def law_of(run: AssessmentRun, city_code: str) -> ParameterSet:
    """The legal values of the run's year for the city."""
    return resident_law(run.tax_year, city_code)


@transaction.atomic
def run_open(
    *, tax_year: int, kind: str, documents_until: date, requested_by: str, city_code: str, job_run_id: int | None = None
) -> AssessmentRun:
    """Open a run with the parameter set and pipeline it will use."""
    law = resident_law(tax_year, city_code)
    return AssessmentRun.objects.create(
        tax_kind=TAX_KIND,
        tax_year=tax_year,
        kind=kind,
        business_on=clock.today(),
        documents_until=documents_until,
        parameter_hash=law.hash,
        pipeline_version=pipeline_of(law).version,
        job_run_id=job_run_id,
        requested_by=requested_by,
        recorded_at=clock.now(),
    )


def run_population(run: AssessmentRun) -> list[UUID]:
    """Whom the run concerns, ordered: people with papers in time whose newest paper no released run has seen yet."""
    candidates = parties_with_documents(tax_year=run.tax_year, documents_until=run.documents_until)
    if run.kind == RunKind.TRIAL:
        return candidates
    newest = dict(
        SourceDocument.objects.filter(
            tax_year=run.tax_year,
            state=SourceState.ACTIVE,
            party__isnull=False,
            arrived_on__lte=run.documents_until,
        )
        .values_list("party_id")
        .annotate(newest=Max("arrived_on"))
    )
    seen = dict(
        current_decisions(run.tax_year).values_list("party_id").annotate(until=Max("run__documents_until"))
    )  # fmt: skip
    return [party for party in candidates if party not in seen or newest[party] > seen[party]]


def current_decisions(tax_year: int):  # type: ignore[no-untyped-def]  # a queryset
    """Decisions in force: of runs that were not recalled; the highest version of a person is the current one."""
    return Decision.objects.filter(tax_kind=TAX_KIND, tax_year=tax_year, run__state=RunState.RELEASED)


@transaction.atomic
def run_compute_chunk(run: AssessmentRun, party_ids: Sequence[UUID], *, city_code: str) -> dict[str, int]:
    """Facts, results and collection shares of these people as rows of the run. Idempotent: earlier rows are replaced.

    In the salary cut of May only people with a withholder get rows. A row that a guard stops is kept with its code and
    gets no share. Answers counts and yen.
    """
    if run.state not in {RunState.PREPARED, RunState.COMPUTED}:
        raise RunNotReady(f"この計算は「{run.get_state_display()}」のため計算できません。")
    built = facts_build(tax_year=run.tax_year, party_ids=party_ids, documents_until=run.documents_until)
    if run.kind == RunKind.INITIAL_WAGE:
        built = _only(built, [row for row, one in enumerate(built.found) if one.withholder_id is not None])
    for model in (ResidentFacts, ResidentResult, CollectionShare):
        model.objects.filter(run=run, party_id__in=party_ids).delete()
    if not built.party_ids:
        return {"対象": 0, "停止": 0, "年税額": 0}
    law = law_of(run, city_code)
    computed = compute(built.batch, law)
    stops = {failure.row: failure for failure in computed.failures}
    ResidentFacts.objects.bulk_create(
        [
            ResidentFacts(run=run, party_id=party, document_ids=built.found[row].adopted, **_row(built.batch, row))
            for row, party in enumerate(built.party_ids)
        ],
        batch_size=1000,
    )
    ResidentResult.objects.bulk_create(
        [
            ResidentResult(
                run=run,
                party_id=party,
                stop_code=stops[row].code if row in stops else "",
                stop_message_ja=stops[row].message_ja[:200] if row in stops else "",
                **_row(computed.columns, row),
            )
            for row, party in enumerate(built.party_ids)
        ],
        batch_size=1000,
    )
    _shares_store(run, built, computed.columns, law, stopped=set(stops))
    return {
        "対象": len(built.party_ids),
        "停止": len(stops),
        "年税額": int(computed.columns["annual_tax_yen"].sum()),
    }


def _only(built: BuiltFacts, rows: list[int]) -> BuiltFacts:
    index = np.array(rows, dtype=np.intp)
    return BuiltFacts(
        [built.party_ids[row] for row in rows],
        {name: values[index] for name, values in built.batch.items()},
        [built.found[row] for row in rows],
        [built.births[row] for row in rows],
    )


def _row(batch: Batch, row: int) -> dict[str, int]:
    return {name: values[row].item() for name, values in batch.items()}


def _shares_store(
    run: AssessmentRun, built: BuiltFacts, result: Batch, law: ParameterSet, *, stopped: set[int]
) -> None:
    without = compute(built.batch | {"pension_receipts_yen": np.zeros_like(built.batch["pension_receipts_yen"])}, law)
    rows = []
    for row, party in enumerate(built.party_ids):
        if row in stopped:
            continue
        found = built.found[row]
        annual = split.TaxParts(
            int(result["city_tax_yen"][row]),
            int(result["prefectural_tax_yen"][row]),
            int(result["forest_tax_yen"][row]),
        )
        pension = split.TaxParts(0, 0)
        receipts = int(built.batch["pension_receipts_yen"][row])
        if receipts >= split.PENSION_MINIMUM_YEN and split.is_pension_age(built.births[row], run.tax_year):
            pension = split.TaxParts(
                max(0, int(result["income_levy_city_yen"][row] - without.columns["income_levy_city_yen"][row])),
                max(
                    0,
                    int(result["income_levy_prefecture_yen"][row] - without.columns["income_levy_prefecture_yen"][row]),
                ),
            )
        per_capita = (
            int(result["per_capita_city_yen"][row] + result["per_capita_prefecture_yen"][row]) + annual.forest_yen
        )
        for share in split.shares(annual, pension, per_capita, law, has_withholder=found.withholder_id is not None):
            rows.append(
                CollectionShare(
                    run=run,
                    party_id=party,
                    method=share.method,
                    withholder_id=found.withholder_id if share.method == split.WAGE else None,
                    employee_no=found.employee_no if share.method == split.WAGE else "",
                    city_yen=share.parts.city_yen,
                    prefecture_yen=share.parts.prefecture_yen,
                    forest_yen=share.parts.forest_yen,
                    total_yen=share.parts.total_yen,
                    due_keys=list(share.keys),
                    instalments=list(share.instalments),
                )
            )
    CollectionShare.objects.bulk_create(rows, batch_size=1000)


@transaction.atomic
def run_computed(run: AssessmentRun) -> None:
    """All chunks are done."""
    run.state = RunState.COMPUTED
    run.save(update_fields=["state"])


@transaction.atomic
def run_release_chunk(
    run: AssessmentRun, party_ids: Sequence[UUID], *, first_no: int, released_by: str
) -> dict[str, int]:
    """Decisions and levies for these people (ordered as given); `first_no` is the first free notice number.

    A person with an earlier decision of the year keeps the notice number and gets the next version; only differences
    reach the ledger. Idempotent by (run, person) and by the ledger's key.
    """
    if run.requested_by == released_by:
        raise RunNotReady("起案者本人は決裁できません。別の職員が決裁してください。")
    if run.kind == RunKind.TRIAL:
        raise RunNotReady("試算は決定できません。")
    done = set(Decision.objects.filter(run=run, party_id__in=party_ids).values_list("party_id", flat=True))
    earlier = _latest(run.tax_year, party_ids)
    decisions, number = [], first_no
    results = ResidentResult.objects.filter(run=run, party_id__in=party_ids, stop_code="")
    for party_id, annual_yen in results.order_by("party_id").values_list("party_id", "annual_tax_yen"):
        previous = earlier.get(party_id)
        notice_no = previous.notice_no if previous else f"{run.tax_year}-{TAX_KIND}-{number:07d}"
        number += previous is None
        if party_id in done:
            continue
        decisions.append(
            Decision(
                party_id=party_id,
                tax_kind=TAX_KIND,
                tax_year=run.tax_year,
                version=previous.version + 1 if previous else 1,
                cause=DecisionCause.CORRECTION if previous else DecisionCause.INITIAL,
                decided_on=run.business_on,
                run=run,
                annual_yen=annual_yen,
                notice_no=notice_no,
                released_by=released_by,
                recorded_at=clock.now(),
                previous=previous,
            )
        )
    Decision.objects.bulk_create(decisions, batch_size=1000)
    _levy(run, decisions, earlier, actor=released_by)
    for decision in decisions:
        outbox_put(
            topic="copy.changed",
            subject_key=str(decision.party_id),
            payload={"tax_year": run.tax_year, "version": decision.version},
            dedupe_key=f"copy:{decision.party_id}:{run.tax_year}:{decision.version}",
        )
    return {"決定": len(decisions), "年税額": sum(one.annual_yen for one in decisions)}


def _latest(tax_year: int, party_ids: Sequence[UUID]) -> dict[UUID, Decision]:
    ordered = Decision.objects.filter(tax_kind=TAX_KIND, tax_year=tax_year, party_id__in=party_ids).order_by("version")
    return {decision.party_id: decision for decision in ordered}


def _levy(run: AssessmentRun, decisions: Sequence[Decision], earlier: dict[UUID, Decision], *, actor: str) -> None:
    by_party = {decision.party_id: decision for decision in decisions}
    shares = CollectionShare.objects.filter(run=run, party_id__in=by_party).select_related("withholder")
    fresh: list[LevyRow] = []
    changed: list[LevyRow] = []
    for share in shares.order_by("party_id", "method"):
        target = changed if share.party_id in earlier else fresh
        target.extend(_levy_rows(run, share, by_party[share.party_id]))
    key = f"run:{run.pk}:{decisions[0].notice_no}" if decisions else ""
    if fresh:
        levy_post(
            fresh, dedupe_key=key, occurred_on=run.business_on, actor=actor, legal_ground="地方税法319条の2・321条の4"
        )
    if changed:
        levy_adjust(
            changed,
            dedupe_key=f"{key}:adjust",
            occurred_on=run.business_on,
            actor=actor,
            legal_ground="地方税法321条の6",
        )


def _levy_rows(run: AssessmentRun, share: CollectionShare, decision: Decision) -> list[LevyRow]:
    parts = split.apportion(split.TaxParts(share.city_yen, share.prefecture_yen, share.forest_yen), share.instalments)
    dues = [split.due_on(share.method, key, run.tax_year) for key in share.due_keys]
    withholder = share.withholder
    return [
        LevyRow(
            source_ref=f"decision:{decision.party_id}:{run.tax_year}",
            party_id=withholder.party_id if withholder else share.party_id,
            tax_kind=TAX_KIND,
            levy_year=run.tax_year,
            tax_year=run.tax_year,
            method=share.method,
            notice_no=withholder.designation_no if withholder else decision.notice_no,
            instalment_no=number,
            due_on=due,
            statutory_due_on=min(dues),
            city_yen=part.city_yen,
            prefecture_yen=part.prefecture_yen,
            forest_yen=part.forest_yen,
            employee_id=share.party_id if withholder else None,
        )
        for number, (part, due) in enumerate(zip(parts, dues, strict=True), start=1)
        if part.total_yen
    ]


@transaction.atomic
def run_released(run: AssessmentRun, *, released_by: str) -> None:
    """The run is let go: its rows are the snapshot of its decisions from now on."""
    run.state = RunState.RELEASED
    run.released_by = released_by
    run.released_at = clock.now()
    run.save(update_fields=["state", "released_by", "released_at"])


def notice_numbers_used(tax_year: int) -> int:
    """How many notice numbers of the year are taken (they run without gaps)."""
    return Decision.objects.filter(tax_kind=TAX_KIND, tax_year=tax_year, version=1).count()


def persons_without_decision(tax_year: int, party_ids: Sequence[str]) -> int:
    """How many of these people will need a new notice number."""
    known = Decision.objects.filter(tax_kind=TAX_KIND, tax_year=tax_year, party_id__in=party_ids)
    return len(party_ids) - known.values("party_id").distinct().count()


def stored_facts(run: AssessmentRun, party_id: UUID) -> Batch:
    """The facts of one person as stored, as a batch of length one, for explanation and what-if."""
    row = ResidentFacts.objects.get(run=run, party_id=party_id)
    return RESIDENT_FACTS.batch({column.name: [getattr(row, column.name)] for column in RESIDENT_FACTS})


def stored_result(run: AssessmentRun, party_id: UUID) -> dict[str, int]:
    """The stored result columns of one person."""
    row = ResidentResult.objects.get(run=run, party_id=party_id)
    return {column.name: int(getattr(row, column.name)) for column in RESIDENT_RESULT}
