"""Computing of a run's rows: papers → facts → results → collection shares, by columns."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import numpy as np
from django.db import transaction

from assessment.errors import RunNotReady
from assessment.models import AssessmentRun, RunKind, RunState
from assessment.pensions.selectors import pension_standing
from assessment.resident import collection_split as split
from assessment.resident.bulk import rows as bulk
from assessment.resident.facts import BuiltFacts, facts_build
from assessment.resident.moves.selectors import timelines_of
from assessment.resident.moves.timeline import Timeline
from assessment.resident.pension_split import PensionColumns, PensionKnown, is_pension_age
from assessment.resident.reliefs import reliefs_fit
from assessment.resident.rules.pipeline import compute
from assessment.resident.runs.opening import law_of
from assessment.resident.tax_parts import TaxParts
from taxsys.kernel.columns import Array, Batch
from taxsys.params.model import ParameterSet


@transaction.atomic
def run_compute_chunk(run: AssessmentRun, party_ids: Sequence[UUID], *, city_code: str) -> dict[str, int]:
    """Facts, results and collection shares of these people as rows of the run. Idempotent: earlier rows are replaced.

    In the salary cut of May only people with a withholder get rows. A row that a guard stops is kept with its code and
    gets no share. Answers counts and yen.
    """
    if run.state not in {RunState.PREPARED, RunState.COMPUTED}:
        raise RunNotReady(f"この計算は「{run.get_state_display()}」のため計算できません。")
    built = facts_build(tax_year=run.tax_year, party_ids=party_ids, documents_until=run.documents_until)
    law = law_of(run, city_code)
    reliefs_fit(run, built, law)
    papers = {party: one.withholder_id for party, one in zip(built.party_ids, built.found, strict=True)}
    employers_apply(built, timelines_of(run, built.party_ids, papers=papers))
    pensions_apply(built, pension_standing(run, built.party_ids))
    if run.kind == RunKind.INITIAL_WAGE:
        built = built.only([row for row, one in enumerate(built.found) if one.withholder_id is not None])
    bulk.rows_clear(run.pk, party_ids)
    if not built.party_ids:
        return {"対象": 0, "停止": 0, "年税額": 0}
    computed = compute(built.batch, law)
    stops = {failure.row: failure for failure in computed.failures}
    bulk.facts_copy(run.pk, built)
    bulk.results_copy(run.pk, built.party_ids, computed.columns, stops=stops)
    sound = np.setdiff1d(np.arange(len(built.party_ids)), np.fromiter(stops, np.intp, len(stops)))
    bulk.shares_copy(run.pk, built, sound, collection_shares(built, computed.columns, sound, law))
    bulk.exclusions_copy(run.pk, built)
    bulk.differences_copy(run.pk, built)
    return {
        "対象": len(built.party_ids),
        "停止": len(stops),
        "年税額": int(computed.columns["annual_tax_yen"].sum()),
    }


def employers_apply(built: BuiltFacts, employers: Mapping[UUID, Timeline]) -> None:
    """Notified changes of employer go before what the papers of the year's beginning say (法321条の4・321条の5)."""
    for party, one in zip(built.party_ids, built.found, strict=True):
        now = employers.get(party)
        if now is None or not now.taken:
            continue
        if now.withholder_id != one.withholder_id or now.employee_no is not None:
            one.employee_no = now.employee_no or ""
        one.withholder_id = now.withholder_id


def pensions_apply(built: BuiltFacts, standing: Mapping[UUID, PensionKnown]) -> None:
    """仮徴収 levied, and whose pension is not withheld from any more (法321条の7の7から321条の7の9まで)."""
    for party, one in zip(built.party_ids, built.found, strict=True):
        one.pension = standing.get(party, PensionKnown())


def collection_shares(built: BuiltFacts, result: Batch, rows: Array, law: ParameterSet) -> list[split.Shares]:
    """How the annual amounts of these rows of `built` are to be collected (positions count within `rows`)."""
    annual = TaxParts(result["city_tax_yen"], result["prefectural_tax_yen"], result["forest_tax_yen"])
    per_capita = result["per_capita_city_yen"] + result["per_capita_prefecture_yen"] + result["forest_tax_yen"]
    has_withholder = np.array([one.withholder_id is not None for one in built.found], dtype=np.bool_)
    reduction = _reduction(result) if law["resident.collection.reduction_wage_start"].integer > 1 else None
    whole = annual if reduction is None else annual.plus(reduction)
    # A remission may leave less tax than stands on the pension.
    part = _pension_part(built, result, law, before=reduction).least(whole)
    known = PensionColumns.of([one.pension for one in built.found])
    return split.shares(
        annual.take(rows),
        split.Pensions(part.take(rows), known.take(rows)),
        per_capita[rows],
        law,
        has_withholder=has_withholder[rows],
        reduction=None if reduction is None else reduction.take(rows),
    )


def _reduction(result: Batch) -> TaxParts:
    """定額減税 that is taken off the tax of every row."""
    city, prefecture = (result[f"fixed_reduction_{name}_yen"] for name in ("city", "prefecture"))
    return TaxParts(city, prefecture, np.zeros_like(city))


def _pension_part(
    built: BuiltFacts, result: Batch, law: ParameterSet, *, before: TaxParts | None
) -> TaxParts:  # fmt: skip
    """年金所得に係る所得割 of those whose pension is withheld from, zero of the others (法321条の7の2).

    `before`: 定額減税 that is to be left out of account on both sides (a year that takes it off the instalments).
    """
    birth_known = [is_pension_age(birth_on, law) for birth_on in built.births]
    is_due = built.batch["pension_receipts_yen"] >= law["resident.collection.pension_minimum"].integer
    rows = np.flatnonzero(is_due & np.array(birth_known, dtype=np.bool_))
    parts = {name: np.zeros(len(built.party_ids), dtype=np.int64) for name in ("city", "prefecture")}
    if rows.size:
        facts = {name: values[rows] for name, values in built.batch.items()}
        facts["pension_receipts_yen"] = np.zeros(rows.size, dtype=np.int64)
        without = compute(facts, law).columns
        for name, part in parts.items():
            column, reduced = f"income_levy_{name}_yen", f"fixed_reduction_{name}_yen"
            share = result[column][rows] - without[column]
            if before is not None:
                share += result[reduced][rows] - without[reduced]
            part[rows] = np.maximum(share, 0)
    return TaxParts(parts["city"], parts["prefecture"], np.zeros(len(built.party_ids), dtype=np.int64))


@transaction.atomic
def run_computed(run: AssessmentRun) -> None:
    """All chunks are done."""
    run.state = RunState.COMPUTED
    run.save(update_fields=["state"])
