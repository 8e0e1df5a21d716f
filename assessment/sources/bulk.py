"""課税資料 in sets: papers of people who had no address here on 1 January, set aside or taken back."""

from django.db import connection

from assessment.models import SourceState
from assessment.sources.models import DOMICILED
from taxsys.platform import clock

# Nothing moves before the population of the year is frozen: nobody could be told to live elsewhere.
_MOVE = """
    WITH moved AS (
        UPDATE assessment_sourcedocument AS d SET state = %(to)s
         WHERE d.tax_year = %(year)s AND d.state = %(from)s AND d.party_id IS NOT NULL
               AND EXISTS (SELECT FROM assessment_taxablepopulation WHERE tax_year = %(year)s)
               AND %(is_here)s = EXISTS (SELECT FROM assessment_taxablepopulation AS t
                                          WHERE t.tax_year = %(year)s AND t.party_id = d.party_id
                                                AND t.basis = ANY(%(domiciled)s))
        RETURNING d.id, d.party_id)
    INSERT INTO assessment_matchevent (document_id, party_id, method, evidence, is_undo, actor_id, reason, recorded_at)
    SELECT id, party_id, 'none', jsonb_build_object('state', %(to)s::text), false, 'batch', '', %(now)s
      FROM moved ORDER BY id
"""


def elsewhere_move(*, tax_year: int, is_here: bool) -> int:
    """Live papers of people outside the frozen population leave the live ones; `is_here`: those inside come back."""
    places = (SourceState.ELSEWHERE, SourceState.ACTIVE) if is_here else (SourceState.ACTIVE, SourceState.ELSEWHERE)
    with connection.cursor() as cursor:
        cursor.execute(
            _MOVE,
            {
                "year": tax_year,
                "from": places[0],
                "to": places[1],
                "is_here": is_here,
                "now": clock.now(),
                "domiciled": list(DOMICILED),
            },
        )
        return int(cursor.rowcount)
