"""アクセス記録の点検への回答: who lives or lived with whom, who is protected, which party bears a 宛名番号 (N-071)."""

from collections.abc import Sequence

from django.db import connection

from addressbook.models import Party
from addressbook.selectors.protections import all_protected_parties
from taxsys.platform.audit.relations import Related

# Everybody whose membership in a household meets an owner's in the same household, with the days they share.
_TOGETHER = """
SELECT mine.party_id::text, other.party_id::text,
       greatest(mine.valid_from, other.valid_from), least(mine.valid_to, other.valid_to)
  FROM addressbook_householdmembership mine
  JOIN addressbook_householdmembership other
    ON other.household_no = mine.household_no AND other.party_id <> mine.party_id AND other.superseded_at IS NULL
   AND other.valid_from < coalesce(mine.valid_to, 'infinity') AND mine.valid_from < coalesce(other.valid_to, 'infinity')
 WHERE mine.party_id = ANY(%s::uuid[]) AND mine.superseded_at IS NULL
 ORDER BY 1, 2, 3
"""


class PartyRelations:
    """The address book's answers (taxsys.platform.audit.relations.Relations)."""

    def households(self, owners: Sequence[str]) -> list[Related]:
        """Members beside each owner, with the days together."""
        if not owners:
            return []
        with connection.cursor() as cursor:
            cursor.execute(_TOGETHER, [list(owners)])
            return [Related(*row) for row in cursor.fetchall()]

    def protected(self) -> list[str]:
        """Protected parties and those named beside them, today."""
        return sorted(str(party_id) for party_id in all_protected_parties())

    def key_of(self, person_no: str) -> str:
        """The party's id as text, of the survivor where parties were merged; "" where there is none."""
        party = Party.objects.filter(person_no=person_no).first()
        return str(party.merged_into_id or party.pk) if party else ""

    def labels(self, keys: Sequence[str]) -> dict[str, str]:
        """Party id → 宛名番号."""
        rows = Party.objects.filter(pk__in=list(keys)).values_list("pk", "person_no")
        return {str(party_id): person_no for party_id, person_no in rows}
