"""Reading of many people's papers in one statement each, as plain rows for the consolidation."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from assessment.resident.bulk.losses import ledgers_of
from assessment.resident.consolidation import Paper, Subject
from assessment.resident.separate_boxes import CarriedLoss
from assessment.sources.models import DOMICILED
from taxsys.platform.among import uuid_array


def population(*, tax_year: int, documents_until: date, unseen_only: bool, wage_only: bool) -> list[UUID]:
    """People of whom a live paper of the year arrived in time, and those with premises here, ordered by id.

    `unseen_only`: only those without a released decision, or with a paper that arrived after the day their newest
    released run looked at. `wage_only`: only those with a pay slip of a withholder.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            # One pass over both tables, no join between them: fresh tables have no statistics to plan a join by.
            """SELECT party_id
                 FROM (SELECT party_id, arrived_on, kind = 'wage' AND withholder_id IS NOT NULL AS has_payer,
                              NULL::date AS seen_until
                         FROM assessment_sourcedocument
                        WHERE tax_year = %(year)s AND state = 'active' AND party_id IS NOT NULL
                              AND arrived_on <= %(until)s
                       UNION ALL
                       SELECT t.party_id, r.received_on, false, NULL
                         FROM assessment_taxablepopulation AS t JOIN premises_premises AS r ON r.party_id = t.party_id
                              AND r.first_year <= %(year)s AND (r.last_year IS NULL OR r.last_year >= %(year)s)
                        WHERE t.tax_year = %(year)s AND t.basis = 'premises' AND r.received_on <= %(until)s
                       UNION ALL
                       SELECT c.party_id, NULL, false, r.documents_until
                         FROM assessment_decision AS c JOIN assessment_assessmentrun AS r ON r.id = c.run_id
                        WHERE c.tax_kind = '10' AND c.tax_year = %(year)s AND r.state = 'released'
                              AND r.kind NOT IN ('moves', 'relief', 'replaced_law')) AS d
                GROUP BY party_id
               HAVING max(arrived_on) IS NOT NULL
                      AND (NOT %(unseen)s OR max(seen_until) IS NULL OR max(arrived_on) > max(seen_until))
                      AND (NOT %(wage)s OR bool_or(has_payer))
                ORDER BY party_id""",
            {"year": tax_year, "until": documents_until, "unseen": unseen_only, "wage": wage_only},
        )
        return [row[0] for row in cursor.fetchall()]


def papers_of(party_ids: Sequence[UUID], *, tax_year: int, documents_until: date) -> dict[UUID, list[Paper]]:
    """Live papers of these people that arrived until the day given."""
    found: dict[UUID, list[Paper]] = {party: [] for party in party_ids}
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT party_id, id, kind, items, arrived_on, withholder_id,
                      CASE WHEN relatives <> '[]'::jsonb THEN relatives END, business_key
                 FROM assessment_sourcedocument
                WHERE party_id = ANY(%s::uuid[]) AND tax_year = %s AND state = 'active' AND arrived_on <= %s""",
            [uuid_array(party_ids), tax_year, documents_until],
        )
        for party, pk, kind, items, arrived_on, withholder, relatives, key in cursor.fetchall():
            listed = json.loads(relatives) if relatives else ()
            found[party].append(Paper(pk, kind, json.loads(items), arrived_on, withholder, listed, key))
    return found


def subjects_of(party_ids: Sequence[UUID], *, tax_year: int) -> Mapping[UUID, Subject]:
    """These people on 1 January of the year; who is not in the frozen population has no domicile here."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT p.id, p.birth_on, p.sex, coalesce(t.basis, ''), coalesce(t.is_on_livelihood_aid, false),
                      coalesce(t.basis, '') = 'premises' AND EXISTS (
                          SELECT FROM premises_domicileanswer AS a JOIN premises_premises AS r ON r.id = a.premises_id
                           WHERE r.party_id = p.id AND a.tax_year = %(year)s AND a.is_exempt)
                 FROM addressbook_party AS p
                 LEFT JOIN assessment_taxablepopulation AS t ON t.party_id = p.id AND t.tax_year = %(year)s
                WHERE p.id = ANY(%(people)s::uuid[])""",
            {"year": tax_year, "people": uuid_array(party_ids)},
        )
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    ledgers = ledgers_of(party_ids, before_year=tax_year)
    return {
        party: Subject(
            birth_on=birth_on,
            sex=sex,
            tax_year=tax_year,
            is_domiciled=basis in DOMICILED,
            has_local_premises=basis == "premises",
            is_exempt_at_domicile=is_exempt,
            receives_livelihood_aid=is_aided,
            losses={
                kind: CarriedLoss(ledger.open_yen(tax_year), ledger.lapsing_yen(tax_year))
                for kind, ledger in ledgers.get(party, {}).items()
            },
        )
        for party, birth_on, sex, basis, is_aided, is_exempt in rows
    }
