"""抽出の実行 (reads): one statement over the decisions in force, put together from declared columns only."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from addressbook import disclosure
from addressbook.selectors.protections import hidden_parties
from assessment.extraction.columns import ADDRESS, NAME
from assessment.extraction.question import Question
from taxsys.kernel import wareki

OUTPUT = "assessment.extraction"
TIMEOUT_MS = 30_000
_SIGNS = {"eq": "=", "ne": "<>", "ge": ">=", "le": "<=", "gt": ">", "lt": "<"}
_VIEW = """
    FROM (SELECT DISTINCT ON (c.party_id) c.* FROM assessment_decision AS c
            JOIN assessment_assessmentrun AS u ON u.id = c.run_id AND u.state = 'released'
           WHERE c.tax_kind = '10' AND c.tax_year = %(year)s ORDER BY c.party_id, c.version DESC) AS d
    JOIN assessment_residentresult AS r ON r.run_id = d.run_id AND r.party_id = d.party_id
    JOIN assessment_residentfacts AS f ON f.run_id = d.run_id AND f.party_id = d.party_id
    JOIN addressbook_party AS b ON b.id = d.party_id
    LEFT JOIN assessment_taxablepopulation AS t ON t.party_id = d.party_id AND t.tax_year = d.tax_year
    LEFT JOIN (SELECT c.run_id, c.party_id,
                      sum(c.total_yen) FILTER (WHERE c.method = 'ordinary')::bigint AS ordinary_yen,
                      sum(c.total_yen) FILTER (WHERE c.method = 'wage')::bigint AS wage_yen,
                      sum(c.total_yen) FILTER (WHERE c.method = 'pension')::bigint AS pension_yen,
                      max(w.designation_no) AS designation_no
                 FROM assessment_collectionshare AS c LEFT JOIN assessment_withholder AS w ON w.id = c.withholder_id
                GROUP BY c.run_id, c.party_id) AS s ON s.run_id = d.run_id AND s.party_id = d.party_id
"""
Cell = str | int


@dataclass(frozen=True, slots=True)
class Extracted:
    """The answer: how many match, and the rows within the limit with their people."""

    total: int
    header: list[str]
    rows: list[list[Cell]]
    party_ids: list[UUID]


def _where(question: Question) -> tuple[str, dict[str, Any]]:
    parts, values = [], {}
    for place, one in enumerate(question.conditions):
        name = f"v{place}"
        if one.operator == "starts":
            parts.append(f"starts_with({one.column.sql}, %({name})s)")
        else:
            parts.append(f"{one.column.sql} {_SIGNS[one.operator]} %({name})s")
        values[name] = one.value
    return (" WHERE " + " AND ".join(f"({part})" for part in parts) if parts else ""), values


def extraction_run(question: Question, *, viewer: Any) -> Extracted:
    """Ask the question. Names and addresses come from the disclosure service, never from the statement."""
    where, values = _where(question)
    values |= {"year": question.tax_year, "hidden": sorted(hidden_parties()), "limit": question.limit}
    listed = ", ".join(one.sql for one in question.columns)
    order = ", ".join([*(f"{one.sql} {'DESC' if down else 'ASC'} NULLS LAST" for one, down in question.order),
                       "b.person_no"])  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(TIMEOUT_MS)])
        cursor.execute(f"SELECT count(*) {_VIEW}{where}", values)
        total = int(cursor.fetchone()[0])
        cursor.execute(f"SELECT d.party_id, {listed} {_VIEW}{where} ORDER BY {order} LIMIT %(limit)s", values)
        found = cursor.fetchall()
        cursor.execute("SELECT set_config('statement_timeout', '0', true)")
    people = [row[0] for row in found]
    shown = _shown(question, people, viewer)
    rows = [
        [shown[column.code][row[0]] if column.code in shown else _cell(column.kind, dict(column.choices), value)
         for column, value in zip(question.columns, row[1:], strict=True)]
        for row in found
    ]  # fmt: skip
    return Extracted(total, [_title(one.title_ja, one.kind) for one in question.columns], rows, people)


def _title(title_ja: str, kind: str) -> str:
    return f"{title_ja}(円)" if kind == "yen" else title_ja


def _shown(question: Question, people: Sequence[UUID], viewer: Any) -> dict[str, dict[UUID, str]]:
    codes = {one.code for one in question.columns}
    shown: dict[str, dict[UUID, str]] = {}
    if NAME in codes:
        shown[NAME] = dict(disclosure.names_for(people, output=OUTPUT))
    if ADDRESS in codes:
        found = disclosure.addresses_for(people, output=OUTPUT, viewer=viewer)
        shown[ADDRESS] = {party: one.text for party, one in found.items()}
    return shown


def _cell(kind: str, words: dict[str, str], value: Any) -> Cell:
    if value is None:
        return ""
    if kind == "flag":
        return "○" if value else ""
    if kind == "date":
        return wareki.format_short(value)
    return words.get(value, value) if kind == "code" else value
