"""試算の基礎を作る: decided facts of the year read from the database by COPY, without any party's id (reads only)."""

# ruff: noqa: S608 -- column names of the rules' own set; values travel as parameters

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import date

import numpy as np
from django.conf import settings
from django.db import connection
from django.db.models import F

from addressbook.codes import AddressKind
from addressbook.models import Town
from assessment.decisions.selectors import standing_decisions
from assessment.models import AssessmentRun, RunState
from assessment.resident.bulk.columns import columns_read
from assessment.resident.rules.facts import RESIDENT_FACTS
from assessment.resident.rules.pipeline import PIPELINE_VERSION, compute, resident_law
from assessment.resident.runs import TAX_KIND
from assessment.resident.what_if.base import FORMAT, PARTS, Base, Head, base_make, joined
from assessment.resident.what_if.terms import BANDED, TERMS, terms
from collection.bulk.staging import stage, stage_query
from taxsys.kernel.columns import Array, Batch, Column
from taxsys.params.model import ParameterSet
from taxsys.platform import clock
from taxsys.platform.files.municipalities import name_of

PART_ROWS = 40_000
_DIMENSIONS = tuple(Column(name, "count", name) for name in ("age", "household", "district"))
_DECIDED = tuple(Column(name, "yen", name) for name in PARTS)
_CHOME = re.compile(r"[一二三四五六七八九十]+丁目$")
_NUMBER = re.compile(r"[0-9０-９]")


def released_runs(tax_year: int) -> tuple[int, ...]:
    """The runs whose decisions can stand in the year."""
    runs = AssessmentRun.objects.filter(tax_kind=TAX_KIND, tax_year=tax_year, state=RunState.RELEASED)
    return tuple(runs.order_by("pk").values_list("pk", flat=True))


def base_key(tax_year: int, run_ids: tuple[int, ...], law: ParameterSet) -> str:
    """Names exactly the base of these runs under this law and these terms."""
    told = [FORMAT, PIPELINE_VERSION, tax_year, list(run_ids), law.hash, TERMS.read_text(encoding="utf-8")]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()[:32]


def base_build(tax_year: int) -> Base:
    """The base of the decisions in force now, in the caller's transaction. No row: nothing is decided in the year."""
    law = resident_law(tax_year, settings.TAXSYS_MUNICIPALITY_CODE)
    run_ids = released_runs(tax_year)
    with connection.cursor() as cursor:
        query, params = (
            standing_decisions(tax_year=tax_year)
            .values("party_id", "run_id", birth_on=F("party__birth_on"))
            .query.sql_with_params()
        )
        stage_query(cursor, "what_if_decided", query, params)
    districts = _districts_stage(date(tax_year, 1, 1))
    parts = [_part(rows, law) for rows in _read(tax_year)]
    facts, before = joined([one[0] for one in parts]), joined([one[1] for one in parts])
    groups, decided = joined([one[2] for one in parts]), joined([one[3] for one in parts])
    if not parts:
        facts, groups = RESIDENT_FACTS.empty(0), {name: np.zeros(0, np.int64) for name in (*BANDED, "district")}
        before = decided = {name: np.zeros(0, np.int64) for name in PARTS}
    differs = np.zeros(len(groups["district"]), dtype=np.bool_)
    for name in PARTS:
        differs |= before[name] != decided[name]
    groups["district"], names = _districts_merged(groups["district"], districts)
    head = Head(
        tax_year=tax_year,
        key=base_key(tax_year, run_ids, law),
        run_ids=run_ids,
        law_hash=law.hash,
        built_on=clock.today().isoformat(),
        decided_yen=sum(int(decided[name].sum()) for name in PARTS),
        differing=int(differs.sum()),
        districts=names,
    )
    return base_make(head, facts, before, groups)


def _read(tax_year: int) -> Iterator[Batch]:
    """Facts, decided taxes and dimensions of the staged people, some thousand rows at a time."""
    columns = [*RESIDENT_FACTS, *_DECIDED, *_DIMENSIONS]
    chosen = [*(f"f.{c.name}" for c in RESIDENT_FACTS), *(f"r.{c.name}" for c in _DECIDED)]
    with connection.cursor() as cursor:
        stage_query(
            cursor,
            "what_if_people",
            """SELECT b.party_id, b.run_id, coalesce(extract(year FROM age(%(day)s::date, b.birth_on))::int, -1) AS age,
                      coalesce(h.people, 0)::int AS household, coalesce(d.no, -1)::int AS district,
                      ((row_number() OVER (ORDER BY b.run_id, b.party_id) - 1) / %(rows)s)::int AS part
                 FROM what_if_decided b
                 LEFT JOIN what_if_members m ON m.party_id = b.party_id
                 LEFT JOIN what_if_households h ON h.household_no = m.household_no
                 LEFT JOIN what_if_places d ON d.party_id = b.party_id""",
            {"day": date(tax_year, 1, 1), "rows": PART_ROWS},
        )
        cursor.execute("SELECT coalesce(max(part), -1) FROM what_if_people")
        last = int(cursor.fetchone()[0])
    for part in range(last + 1):
        yield columns_read(
            f"SELECT {', '.join(chosen)}, b.age, b.household, b.district FROM what_if_people b"
            " JOIN assessment_residentfacts f ON f.run_id = b.run_id AND f.party_id = b.party_id"
            " JOIN assessment_residentresult r ON r.run_id = b.run_id AND r.party_id = b.party_id"
            " WHERE b.part = %(part)s",
            {"part": part},
            ids=(),
            columns=columns,
        )[1]


def _part(rows: Batch, law: ParameterSet) -> tuple[Batch, Batch, Batch, Batch]:
    """Facts, taxes under the law in force, groups and decided taxes of one part."""
    facts = {name: rows[name] for name in RESIDENT_FACTS.names}
    computed = compute(facts, law).columns
    before = {name: computed[name].copy() for name in PARTS}
    bands = terms().bands
    groups: Batch = {
        "income": bands["income"].of(computed["total_income_yen"]),
        "age": bands["age"].of(rows["age"], rows["age"] >= 0),
        "household": bands["household"].of(rows["household"], rows["household"] > 0),
        "district": rows["district"].astype(np.int64),
    }
    return facts, before, groups, {name: rows[name] for name in PARTS}


def _districts_stage(day: date) -> tuple[str, ...]:
    """Stage household and town of everybody on the day; answers the districts' names by number."""
    with connection.cursor() as cursor:
        span = {"day": day, "kind": AddressKind.RESIDENCE.value, "city": settings.TAXSYS_MUNICIPALITY_CODE}
        known = "superseded_at IS NULL AND valid_from <= %(day)s AND (valid_to IS NULL OR valid_to > %(day)s)"
        stage_query(
            cursor,
            "what_if_members",
            f"SELECT party_id, household_no FROM addressbook_householdmembership WHERE {known} AND household_no <> ''",
            span,
        )
        stage_query(
            cursor, "what_if_households", "SELECT household_no, count(*) AS people FROM what_if_members GROUP BY 1"
        )
        stage_query(
            cursor,
            "what_if_towns",
            f"""SELECT a.party_id, a.town_code, a.full_text FROM addressbook_address a
                  JOIN what_if_decided USING (party_id)
                 WHERE {known} AND kind = %(kind)s AND municipality_code = %(city)s AND town_code <> ''""",
            span,
        )
        cursor.execute("SELECT town_code, min(full_text) FROM what_if_towns GROUP BY 1 ORDER BY 1")
        district_of = _district_names(dict(cursor.fetchall()))
        names = tuple(sorted(set(district_of.values())))
        numbers = [(code, names.index(name)) for code, name in district_of.items()]
        stage(cursor, "what_if_town_no", (("town_code", "text"), ("no", "int4")), numbers)
        stage_query(
            cursor, "what_if_places", "SELECT party_id, no FROM what_if_towns JOIN what_if_town_no USING (town_code)"
        )
    return names


def _district_names(examples: Mapping[str, str]) -> dict[str, str]:
    """District of each town code: the town's name without 丁目, read from an address where the master lacks it."""
    city = settings.TAXSYS_MUNICIPALITY_CODE
    known = dict(Town.objects.filter(municipality_code=city).values_list("town_code", "name"))
    place = name_of(city) or ""
    found = {}
    for code, text in examples.items():
        name = known.get(code) or _NUMBER.split(text.removeprefix(place))[0]
        found[code] = _CHOME.sub("", name.strip()) or terms().district_unknown
    return found


def _districts_merged(numbers: Array, names: tuple[str, ...]) -> tuple[Array, tuple[str, ...]]:
    """Districts of fewer people than may be shown become one, so that the cut hangs on the base alone."""
    counts = np.bincount(numbers[numbers >= 0], minlength=len(names))
    large = [number for number in range(len(names)) if counts[number] >= terms().minimum_people]
    table = np.full(len(names) + 1, len(large), dtype=np.int64)  # the last: outside the city (-1)
    table[large] = np.arange(len(large))
    table[-1] = len(large) + 1
    return table[numbers], (*(names[one] for one in large), terms().district_other, terms().district_unknown)
