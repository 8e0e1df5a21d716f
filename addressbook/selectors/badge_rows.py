"""What the badges of the 宛名 duty say of many parties, in one statement: every page and every list asks it.

Raw SQL, because five questions about the same parties are one round trip and one plan instead of five.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import connection

_ROWS = """
WITH asked AS (SELECT unnest(%(ids)s::uuid[]) AS id)
SELECT a.id, 'state', v.state, CASE v.state WHEN 'dead' THEN v.died_on WHEN 'moved_out' THEN v.left_on END
FROM asked a JOIN addressbook_partyversion v ON v.party_id = a.id
WHERE v.superseded_at IS NULL AND v.valid_from <= %(on)s AND (v.valid_to IS NULL OR v.valid_to > %(on)s)
  AND v.state IN ('dead', 'moved_out', 'erased')
UNION ALL
SELECT DISTINCT a.id, 'link', l.kind, NULL::date
FROM asked a JOIN addressbook_partylink l ON l.party_id = a.id
WHERE l.superseded_at IS NULL AND l.valid_from <= %(on)s AND (l.valid_to IS NULL OR l.valid_to > %(on)s)
UNION ALL
SELECT DISTINCT a.id, 'delivery', '', NULL::date
FROM asked a JOIN addressbook_deliveryaddress d ON d.party_id = a.id
WHERE d.superseded_at IS NULL AND d.valid_from <= %(on)s AND (d.valid_to IS NULL OR d.valid_to > %(on)s)
UNION ALL
SELECT DISTINCT a.id, 'candidate', '', NULL::date
FROM asked a JOIN addressbook_mergecandidate c ON c.party_id = a.id WHERE c.state = 'open'
UNION ALL
SELECT DISTINCT a.id, 'opponent', '', NULL::date
FROM asked a JOIN addressbook_protection p ON p.opponent_party_id = a.id
WHERE p.state = '1' AND (p.valid_from <= %(on)s OR p.accepted_on <= %(on)s)
UNION
SELECT DISTINCT a.id, 'opponent', '', NULL::date
FROM asked a JOIN addressbook_protectionopponent o ON o.party_id = a.id
JOIN addressbook_protection p ON p.id = o.protection_id
WHERE p.state = '1' AND (p.valid_from <= %(on)s OR p.accepted_on <= %(on)s)
ORDER BY 1, 2, 3
"""


def badge_rows(party_ids: Sequence[UUID], on: date) -> list[tuple[UUID, str, str, date | None]]:
    """(party, what, which, day): `state` with its code and day, `link` with its kind, `delivery`, `candidate`,
    `opponent` (of a standing protection; never whose, N-087)."""
    if not party_ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, {"ids": list(party_ids), "on": on})
        return list(cursor.fetchall())
