"""前年度課税の移行 (writes): decisions of the former system become last year's decisions here, without any levy.

Facts and printed figures are stored as they came; the rules of that year compute the facts again, and every difference
is listed (parallel run). The decided amount stays the one that was notified. F-PI-004; R-019.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connection, transaction

from addressbook.codes import PartyState
from addressbook.models import Party
from addressbook.services.former import FormerResidentRow, former_residents_ensure
from assessment.decisions.selectors import RESIDENT_TAX, standing_decisions
from assessment.errors import RunNotReady
from assessment.models import AssessmentRun, Decision, RunKind, RunState, TakenOverFigures
from assessment.resident.bulk import rows as bulk
from assessment.resident.consolidation import Consolidated
from assessment.resident.facts import BuiltFacts
from assessment.resident.rules.facts import RESIDENT_FACTS
from assessment.resident.rules.pipeline import compute, pipeline_of, resident_law
from assessment.resident.takeover_models import FIGURES
from taxsys.platform import clock
from taxsys.platform.files.payloads.spreadsheet import table_csv

Line = Mapping[str, Any]
_FACTS = tuple(column for column in RESIDENT_FACTS if column.name != "is_domiciled")
_GONE = {"2": PartyState.MOVED_OUT, "3": PartyState.DEAD}


@transaction.atomic
def takeover_open(*, tax_year: int, requested_by: str, city_code: str, job_run_id: int | None = None) -> AssessmentRun:
    """Open the run of a take-over. Raises RunNotReady where the year has decisions of this system or of a take-over."""
    if standing_decisions(tax_year=tax_year).exists():
        raise RunNotReady(f"{tax_year}年度には既に決定があります。移行は決定のない年度にだけできます。")
    law = resident_law(tax_year, city_code)
    return AssessmentRun.objects.create(
        tax_kind=RESIDENT_TAX,
        tax_year=tax_year,
        kind=RunKind.TAKEN_OVER,
        business_on=clock.today(),
        documents_until=clock.today(),
        parameter_hash=law.hash,
        pipeline_version=pipeline_of(law).version,
        title_ja="前年度課税の移行",
        job_run_id=job_run_id,
        requested_by=requested_by,
        recorded_at=clock.now(),
    )


@transaction.atomic
def takeover_lines(run: AssessmentRun, lines: Sequence[Line], *, city_code: str) -> tuple[dict[str, int], list[str]]:
    """Store facts, recomputed results and printed figures of these lines. Idempotent: earlier rows are replaced.

    People who are gone since are registered in the state they left in. Answers counts, and the person numbers of
    residents whom the register does not know (they are set aside).
    """
    if run.state not in {RunState.PREPARED, RunState.COMPUTED}:
        raise RunNotReady(f"この移行は「{run.get_state_display()}」のため取り込めません。")
    foreign = {int(line["tax_year"]) for line in lines} - {run.tax_year}
    if foreign:
        raise RunNotReady(f"課税年度 {run.tax_year} のファイルに {sorted(foreign)} 年度の行があります。")
    parties = _parties(lines, run.tax_year)
    unknown = [str(line["person_no"]) for line in lines if line["person_no"] not in parties]
    kept = sorted((line for line in lines if line["person_no"] in parties), key=lambda line: parties[line["person_no"]])
    if not kept:
        return {"移行": 0, "宛名なし": len(unknown), "差異": 0}, unknown
    ids = [parties[line["person_no"]] for line in kept]
    batch = RESIDENT_FACTS.batch(
        {column.name: np.array([int(line.get(column.name) or 0) for line in kept]) for column in _FACTS}
        | {"dividend_ordinary_yen": np.array([int(line.get("dividend_income_yen") or 0) for line in kept])}
    )
    bulk.rows_clear(run.pk, ids)
    TakenOverFigures.objects.filter(run=run, party_id__in=ids).delete()
    computed = compute(batch, resident_law(run.tax_year, city_code))
    bulk.facts_copy(run.pk, BuiltFacts(ids, batch, [Consolidated({}, [])] * len(ids), [None] * len(ids)))
    bulk.results_copy(run.pk, ids, computed.columns, stops={failure.row: failure for failure in computed.failures})
    recomputed = computed.columns["annual_tax_yen"].tolist()
    rows = [_figures(run, party, line, yen) for party, line, yen in zip(ids, kept, recomputed, strict=True)]
    TakenOverFigures.objects.bulk_create(rows, batch_size=2000)
    differing = sum(row.difference_yen != 0 for row in rows)
    return {"移行": len(rows), "宛名なし": len(unknown), "差異": differing}, unknown


def _parties(lines: Sequence[Line], tax_year: int) -> dict[str, UUID]:
    gone = [
        FormerResidentRow(
            person_no=str(line["person_no"]),
            name=str(line["name"]),
            name_kana=str(line.get("kana") or ""),
            birth_on=line["birth"],
            sex=str(line.get("sex") or "0"),
            address_text=str(line["address"]),
            state=_GONE[str(line["state"])],
            since_on=date(tax_year, 1, 1),
            left_on=line.get("left_on") or date(tax_year, 12, 31),
        )
        for line in lines
        if str(line["state"]) in _GONE
    ]
    living = [str(line["person_no"]) for line in lines if str(line["state"]) not in _GONE]
    known = dict(Party.objects.filter(person_no__in=living).values_list("person_no", "id"))
    return known | former_residents_ensure(gone, source="takeover")


def _figures(run: AssessmentRun, party: UUID, line: Line, recomputed_yen: int) -> TakenOverFigures:
    printed = {name: int(line[f"legacy_{name}"]) for name in FIGURES}
    return TakenOverFigures(
        run=run,
        party_id=party,
        notice_no=str(line["notice_no"]),
        decided_on=line["decided_on"],
        recomputed_yen=recomputed_yen,
        difference_yen=recomputed_yen - printed["annual_tax_yen"],
        **printed,
    )


@transaction.atomic
def takeover_decide(run: AssessmentRun, *, released_by: str) -> dict[str, int]:
    """Decisions of every taken-over line without a stopped row: version 1, the notified amount, nothing levied.

    By a second person; idempotent by (run, person).
    """
    if run.requested_by == released_by:
        raise RunNotReady("起案者本人は決裁できません。別の職員が決裁してください。")
    with connection.cursor() as cursor:
        # Set-based: one row a person of the city.
        cursor.execute(
            """INSERT INTO assessment_decision (party_id, tax_kind, tax_year, version, cause, decided_on, run_id,
                      annual_yen, notice_no, reason_ja, released_by, recorded_at, previous_id)
               SELECT t.party_id, %s, %s, 1, 'taken_over', t.decided_on, t.run_id, t.annual_tax_yen, t.notice_no,
                      '', %s, %s, NULL
                 FROM assessment_takenoverfigures t JOIN assessment_residentresult r
                      ON r.run_id = t.run_id AND r.party_id = t.party_id AND r.stop_code = ''
                WHERE t.run_id = %s ORDER BY t.party_id
               ON CONFLICT DO NOTHING""",
            [run.tax_kind, run.tax_year, released_by, clock.now(), run.pk],
        )
        made = cursor.rowcount
    return {"決定": made}


def takeover_counts(run: AssessmentRun) -> dict[str, int]:
    """件数: lines, those whose recomputed tax differs, stopped rows, decisions."""
    rows = TakenOverFigures.objects.filter(run=run)
    return {
        "lines": rows.count(),
        "differing": rows.exclude(difference_yen=0).count(),
        "decisions": Decision.objects.filter(run=run).count(),
    }


def difference_list(run: AssessmentRun) -> bytes:
    """並行計算の差異一覧 (CSV): person number, printed and recomputed tax; no name, no address."""
    header = ["宛名番号", "通知書番号", "移行元の年税額", "再計算の年税額", "差"]
    rows = TakenOverFigures.objects.filter(run=run).exclude(difference_yen=0).select_related("party")
    lines = [
        (row.party.person_no, row.notice_no, row.annual_tax_yen, row.recomputed_yen, row.difference_yen)
        for row in rows.order_by("party__person_no")
    ]
    return table_csv(header, lines)
