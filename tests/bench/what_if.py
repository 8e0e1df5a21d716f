"""A what-if over the whole city, from click to table, against the bare rules over the same people in the same run.

The floor is `compute` over full-width columns already in memory, which no what-if can do without. Beside it: the
encrypted base read from its file (the first what-if of a process), edits to answer, and the page drawn. The people are
random ones whose rare incomes are rare (2 %), as in a city; the database is not asked (it holds one row a run).
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django
from django.apps import apps

if not apps.ready:
    django.setup()

import numpy as np
from django.template.loader import render_to_string
from django.test import override_settings

from assessment.resident.rules.pipeline import compute
from assessment.resident.what_if import store
from assessment.resident.what_if.answer import after_compute, sums_of
from assessment.resident.what_if.base import Base
from assessment.resident.what_if.disclosure import changed, differences, sketch, veil
from assessment.resident.what_if.edits import edits_read
from assessment.resident.what_if.services import WhatIf
from assessment.resident.what_if.shown import shown_of
from assessment.resident.what_if.views import result_values
from tests.assessment.what_if.bases import LAW, base_of
from tests.conformance.people import random_people

COMMON = (
    "salary_receipts_yen", "pension_receipts_yen", "social_insurance_yen", "spouse_income_yen", "medical_paid_yen",
    "life_general_new_yen", "life_care_yen", "earthquake_yen", "hometown_donation_yen", "dependants_general",
    "dependants_specific", "dependants_elderly", "dependants_under_16", "disability_code",
)  # fmt: skip
TEXTS = {"resident.per_capita.city": "3500", "resident.rate.city": "5.5%"}
RUNS = 5


def city_people(rows: int) -> dict[str, Any]:
    """Random people whose rare facts are rare, and whom no guard stops."""
    people = random_people(1, rows)
    rare = np.random.default_rng(2).random(rows) >= 0.02
    for name, values in people.items():
        if name not in COMMON and values.dtype != np.bool_:
            people[name] = np.where(rare, 0, values).astype(values.dtype)
    heads = sum(people[name] for name in COMMON if name.startswith("dependants_"))
    people["dependants_abroad"] = np.minimum(people["dependants_abroad"], heads)
    stopped = np.fromiter(compute(people, LAW).failed_rows, np.intp)
    for name in people:
        people[name][stopped] = 0
    return people


def timed(act: Callable[[], Any], runs: int = 1) -> tuple[float, Any]:
    """Least seconds of some runs, and the answer."""
    best, answer = 1e9, None
    for _ in range(runs):
        started = time.perf_counter()
        answer = act()
        best = min(best, time.perf_counter() - started)
    return best, answer


def answered(base: Base) -> WhatIf:
    """Edits to answer, as the service does it."""
    edits = edits_read(LAW, TEXTS)
    after = after_compute(base, LAW.overlay({edit.id: edit.value for edit in edits}))
    sums = sums_of(base, after)
    mark = sketch(base, after)
    apart = np.concatenate([changed(base, after, sums), differences(mark, [np.zeros_like(mark)] * 100)])
    return WhatIf(2026, 2026, edits, base, shown_of(base, after, sums, veil(base, sums, apart)), False)


def page(answer: WhatIf) -> str:
    """The page of the answer."""
    values = {"tax_year": 2026, "law_year": 2026, "base": answer.base, "least": 10, "seconds": "0.0"}
    return render_to_string("assessment/what_if_result.html", {**values, **result_values(answer, TEXTS)})


def main() -> None:
    """Measure and print; the first argument is the number of people (330,000)."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 330_000
    people = city_people(count)
    floor, _ = timed(lambda: compute(people, LAW), RUNS)
    with tempfile.TemporaryDirectory() as folder, override_settings(TAXSYS_DATA_DIR=folder, TAXSYS_CREATE_KEYS=True):
        store.base_keep(base_of(people))
        size = sum(path.stat().st_size for path in Path(folder).rglob("base.*.bin"))
        store.forget()
        reading, base = timed(lambda: store.base_stored(2026))
        answering, answer = timed(lambda: answered(base), RUNS)
        drawing, text = timed(lambda: page(answer), RUNS)
    if answer.shown.total.people != count or "<svg" not in text:
        raise RuntimeError("the answer is not the whole city's")
    whole = reading + answering + drawing
    print(f"what-if: {count:,} people; the rules alone {floor:.2f} s ({count / floor:,.0f} persons/s)")
    print(f"what-if: base read   {reading:6.2f} s   ({size / count:.0f} bytes a person on disk)")
    print(f"what-if: answer      {answering:6.2f} s   {answering / floor:4.1f} x the rules alone")
    print(f"what-if: page drawn  {drawing:6.2f} s")
    print(f"what-if: first click {whole:6.2f} s   {whole / floor:4.1f} x the rules alone   (target 2 s)")


if __name__ == "__main__":
    main()
