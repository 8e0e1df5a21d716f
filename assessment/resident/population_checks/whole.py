"""計算の全体の検査: law, dates and rules of the run as a whole, and that the rules give the stored rows again.

These speak of the run, not of a person; `results_again` names the people besides.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from django.conf import settings
from django.db import connection

from assessment.models import AssessmentRun, FindingSeverity, RunKind
from assessment.resident.bulk.columns import columns_read, uuids_of
from assessment.resident.collection_split import KEYS
from assessment.resident.due_dates import run_due_dates
from assessment.resident.reviewed import law_refusal_ja
from assessment.resident.rules.facts import RESIDENT_FACTS
from assessment.resident.rules.pipeline import RESIDENT_RESULT, compute, pipeline_of
from assessment.resident.runs.opening import law_of
from taxsys.kernel.calendar import next_business_day

SLICE_PERSONS = 40_000


@dataclass(frozen=True, slots=True)
class RunCheck:
    """`find` answers why the run as a whole is faulty ("" when sound) and the people it can name."""

    id: str
    title_ja: str
    guards: str
    find: Callable[[AssessmentRun], tuple[str, list[UUID]]]
    remedy_ja: str
    severity: str = FindingSeverity.STOP

    @property
    def message_ja(self) -> str:
        """What stands on the work list."""
        return f"満たされていません: {self.title_ja}。{self.remedy_ja}"


def _law_reviewed(run: AssessmentRun) -> tuple[str, list[UUID]]:
    if run.kind == RunKind.TRIAL:
        return "", []
    return law_refusal_ja(law_of(run, settings.TAXSYS_MUNICIPALITY_CODE), settings.TAXSYS_MUNICIPALITY_CODE), []


def _law_unchanged(run: AssessmentRun) -> tuple[str, list[UUID]]:
    law = law_of(run, settings.TAXSYS_MUNICIPALITY_CODE)
    if run.parameter_hash != law.hash:
        return "計算の後に法定値が変わりました。", []
    if run.pipeline_version != pipeline_of(law).version:
        return "計算の後に計算式の版が変わりました。", []
    return "", []


def _due_dates_sound(run: AssessmentRun) -> tuple[str, list[UUID]]:
    for method in KEYS:
        dues = list(run_due_dates(run, method))
        if dues != sorted(set(dues)):
            return "納期限が期別の順に並んでいません。", []
        if any(due_on != next_business_day(due_on) for due_on in dues):
            return "納期限が休日にあたります。", []
        if not all(run.tax_year <= due_on.year <= run.tax_year + 1 for due_on in dues):
            return "納期限が課税年度の外にあります。", []
    return "", []


def _dates_sound(run: AssessmentRun) -> tuple[str, list[UUID]]:
    if run.documents_until > run.business_on:
        return "資料の締切日が業務日より後です。", []
    if run.documents_until.year < run.tax_year and run.kind != RunKind.TRIAL:
        return "資料の締切日が課税年度より前です。", []
    return "", []


def _somebody(run: AssessmentRun) -> tuple[str, list[UUID]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM assessment_residentresult WHERE run_id = %s)"
            " OR NOT EXISTS (SELECT FROM assessment_sourcedocument WHERE tax_year = %s AND state = 'active'"
            "                   AND party_id IS NOT NULL AND arrived_on <= %s AND %s IN ('initial_wage', 'trial'))",
            [run.pk, run.tax_year, run.documents_until, run.kind],
        )
        return ("", []) if cursor.fetchone()[0] else ("計算結果が1件もありません。", [])


def _results_again(run: AssessmentRun) -> tuple[str, list[UUID]]:
    law = law_of(run, settings.TAXSYS_MUNICIPALITY_CODE)
    people: list[UUID] = []
    for keys, facts, stored in _slices(run):
        again = compute(facts, law).columns
        differs = np.zeros(len(keys), dtype=np.bool_)
        for name, values in stored.items():
            differs |= values != again[name]
        people += uuids_of(keys[np.flatnonzero(differs)])
    return (f"{len(people):,}人の計算結果が、保存した事実から計算し直した額と違います。" if people else ""), people


def _slices(run: AssessmentRun) -> Iterator[tuple[np.ndarray, dict[str, np.ndarray], dict[str, np.ndarray]]]:
    """Party, facts and results of the run's sound rows, some ten thousand at a time."""
    columns = [*RESIDENT_FACTS, *RESIDENT_RESULT]
    listed = ", ".join(
        [*(f"f.{column.name}" for column in RESIDENT_FACTS), *(f"r.{column.name}" for column in RESIDENT_RESULT)]
    )
    last = UUID(int=0)
    while True:
        keys, batch = columns_read(
            f"SELECT r.party_id, {listed} FROM assessment_residentresult AS r"  # noqa: S608 -- column names of the rules
            "  JOIN assessment_residentfacts AS f ON f.run_id = r.run_id AND f.party_id = r.party_id"
            " WHERE r.run_id = %(run)s AND r.stop_code = '' AND r.party_id > %(last)s"
            " ORDER BY r.party_id LIMIT %(limit)s",
            {"run": run.pk, "last": last, "limit": SLICE_PERSONS},
            ids=("party",),
            columns=columns,
        )
        rows = len(keys["party"])
        if rows == 0:
            return
        yield (
            keys["party"],
            {column.name: batch[column.name] for column in RESIDENT_FACTS},
            {column.name: batch[column.name] for column in RESIDENT_RESULT},
        )
        if rows < SLICE_PERSONS:
            return
        last = uuids_of(keys["party"][-1:])[0]


WHOLE: tuple[RunCheck, ...] = (
    RunCheck(
        "law_reviewed",
        "計算に使った法定値の組が審査済である",
        "I1・I4・R-019",
        _law_reviewed,
        "法定値の差分を二人で審査し、審査済の指紋に加えてから計算し直してください。",
    ),
    RunCheck(
        "law_unchanged",
        "計算の後に法定値も計算式も変わっていない",
        "I1・R-019",
        _law_unchanged,
        "新しい法定値・計算式で計算し直してください。",
    ),
    RunCheck(
        "due_dates_sound",
        "納期限が課税年度の開庁日で、期別の順に並んでいる",
        "I1・地方税法320条・20条の5第2項",
        _due_dates_sound,
        "撤回で定めた新しい納期限を確かめてください。",
    ),
    RunCheck(
        "dates_sound",
        "資料の締切日が課税年度の中で業務日以前である",
        "I10・R-016",
        _dates_sound,
        "締切日を正しく入れて、計算を依頼し直してください。",
    ),
    RunCheck(
        "somebody_computed",
        "対象者のある計算に結果がある",
        "R-016",
        _somebody,
        "資料の取込と対象者の抽出が済んでいるか確かめてください。",
    ),
    RunCheck(
        "results_again",
        "保存した事実から計算し直すと、保存した結果になる",
        "I1・I3・I14",
        _results_again,
        "計算の後に書き換えられた行があります。電算担当に連絡し、計算し直してください。",
    ),
)
