"""政策試算の実行: edits → answer, on record; nothing of the registers is touched (F-PL-034).

Writes access events and files of the what-if store, and nothing else. Every what-if is an event naming each edited
value, whether it was answered, refused, or could not be computed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from django.conf import settings
from django.db import connection, transaction

from assessment.models import Decision
from assessment.resident.rules.pipeline import PIPELINES, pipeline_of, resident_law
from assessment.resident.what_if import store
from assessment.resident.what_if.answer import AnswerRefused, after_compute, sums_of
from assessment.resident.what_if.base import Base
from assessment.resident.what_if.building import base_build, base_key, released_runs
from assessment.resident.what_if.disclosure import changed, differences, sketch, veil
from assessment.resident.what_if.edits import Edit, EditsRefused, edits_read
from assessment.resident.what_if.shown import Shown, shown_of
from assessment.resident.what_if.terms import terms
from taxsys.params.errors import MissingParameterError
from taxsys.params.model import ParameterSet
from taxsys.platform.audit.services import AccessRow, access_record_many

RECORD_TYPE = "what_if"
_LOCK = 4_711_034  # pg_advisory_xact_lock: one base is built, and one answer compared with the earlier ones, at a time
_RECORD_ID = 80


@dataclass(frozen=True)
class WhatIf:
    """One answered what-if."""

    tax_year: int
    law_year: int
    edits: tuple[Edit, ...]
    base: Base
    shown: Shown
    is_behind: bool


def law_for(law_year: int) -> ParameterSet:
    """The law of the year, complete for its rules. Raises AnswerRefused with the value that is not there."""
    if law_year not in PIPELINES:
        raise AnswerRefused("year", f"課税年度 {law_year} の計算は用意されていません。")
    law = resident_law(law_year, settings.TAXSYS_MUNICIPALITY_CODE)
    try:
        for rule in pipeline_of(law).rules:
            for _, key in rule.uses:
                _ = law[key]
    except MissingParameterError as missing:
        raise AnswerRefused("law", str(missing)) from missing
    return law


def base_current(tax_year: int) -> tuple[Base, bool]:
    """The base of the year, built where there is none that holds; and whether decisions have changed since.

    While fewer people than may be shown have another decision than when the base was built, the base stays: a new one
    would differ from it by just these people. Raises AnswerRefused where nothing is decided.
    """
    law = law_for(tax_year)
    runs = released_runs(tax_year)
    base = store.base_stored(tax_year)
    if base is not None and base.head.key == base_key(tax_year, base.head.run_ids, law):
        changed = _changed_people(set(base.head.run_ids) ^ set(runs))
        if changed < terms().minimum_people:
            return base, changed > 0
    with transaction.atomic():
        _one_at_a_time()
        # Whoever waited here finds the base that another request has just built, with the answers given since.
        built = store.base_stored(tax_year)
        if built is not None and built.head.key == base_key(tax_year, released_runs(tax_year), law):
            return built, False
        base = base_build(tax_year)
        if not base.rows:
            raise AnswerRefused("undecided", "この年度の決定がないため、試算できません。")
        store.base_keep(base)
    return base, False


def _changed_people(run_ids: set[int]) -> int:
    if not run_ids:
        return 0
    return Decision.objects.filter(run_id__in=run_ids).values("party_id").distinct().count()


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def what_if(*, tax_year: int, law_year: int, texts: Mapping[str, str]) -> WhatIf:
    """The whole city of `tax_year` under the law of `law_year` with these values replaced.

    Raises EditsRefused (messages by value) or AnswerRefused; nothing is computed in part. The event stands either way.
    """
    edits: tuple[Edit, ...] = ()
    try:
        law = law_for(law_year)
        edits = edits_read(law, texts)
        if not edits and law_year == tax_year:
            raise EditsRefused({"": "変えた値がありません。試算する値を1つ以上変えてください。"})
        answer = _answered(tax_year, law_year, law, edits)
    except EditsRefused as refused:
        rows = [_event(tax_year, key or "edits", "failed", "value") for key in refused.problems]
        access_record_many(rows[:20])
        raise
    except AnswerRefused as refused:
        result = "denied" if refused.code in {"few", "many"} else "failed"
        access_record_many(_events(tax_year, law_year, edits, result, refused.code))
        raise
    access_record_many(_events(tax_year, law_year, edits, "ok", "", people=answer.base.rows))
    return answer


def _answered(tax_year: int, law_year: int, law: ParameterSet, edits: tuple[Edit, ...]) -> WhatIf:
    base, is_behind = base_current(tax_year)
    after = after_compute(base, law.overlay({edit.id: edit.value for edit in edits}))
    sums = sums_of(base, after)
    mark = sketch(base, after)
    with transaction.atomic():
        _one_at_a_time()
        earlier = store.answers_stored(base)
        cover = next((kept for one, kept in earlier if (one == mark).all()), None)
        if cover is None:
            if len(earlier) >= terms().answers:
                raise AnswerRefused("many", f"この年度の試算は上限（{terms().answers:,}通り）に達しました。")
            apart = [changed(base, after, sums), differences(mark, [one for one, _ in earlier])]
            cover = veil(base, sums, np.concatenate(apart))
            store.answer_keep(base, edits_name(law_year, edits), mark, cover)
    return WhatIf(tax_year, law_year, edits, base, shown_of(base, after, sums, cover), is_behind)


def edits_name(law_year: int, edits: tuple[Edit, ...]) -> str:
    """Names a set of edits: 24 hex digits, the same for the same edits."""
    told = "\n".join([str(law_year), *(f"{edit.id}={edit.code}" for edit in edits)])
    return hashlib.sha256(told.encode()).hexdigest()[:24]


def _events(
    tax_year: int, law_year: int, edits: tuple[Edit, ...], result: str, reason: str, *, people: int | None = None
) -> list[AccessRow]:
    """One event for each edited value, one for another year's law; the value is the law's, nobody's."""
    told = [f"{edit.id}={edit.code}" for edit in edits]
    if law_year != tax_year or not told:
        told.insert(0, f"law={law_year}")
    return [_event(tax_year, one, result, reason, people=people) for one in told]


def _event(tax_year: int, told: str, result: str, reason: str, *, people: int | None = None) -> AccessRow:
    return AccessRow(
        action="view",
        record_type=RECORD_TYPE,
        record_id=told[:_RECORD_ID],
        tax_year=tax_year,
        result=result,
        reason=reason,
        count=people,
    )
