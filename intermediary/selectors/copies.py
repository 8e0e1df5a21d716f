"""Reads of copies: the newest version of each, what it should say, and the comparison of all copies with the books."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef

from assessment.models import Decision, DecisionCause, RunState
from intermediary.models import CopyRecord, ReplyHold, Revision
from intermediary.selectors.standing import standing_of

_CHUNK = 2000


def latest_copies(party_ids: Sequence[UUID], tax_year: int) -> dict[UUID, CopyRecord]:
    """The newest version of each person's copy of the year."""
    found = (
        CopyRecord.objects.filter(tax_year=tax_year, party_id__in=party_ids)
        .order_by("party_id", "-version")
        .distinct("party_id")
    )
    return {record.party_id: record for record in found}


def holds_open(party_ids: Sequence[UUID] | None = None) -> dict[UUID, bool]:
    """People whose automatic answers are held → whether they are nondisclosed too."""
    rows = ReplyHold.objects.filter(lifted_on__isnull=True)
    if party_ids is not None:
        rows = rows.filter(party_id__in=party_ids)
    found: dict[UUID, bool] = {}
    for party_id, is_nondisclosed in rows.values_list("party_id", "is_nondisclosed"):
        found[party_id] = found.get(party_id, False) or is_nondisclosed
    return found


def copies_with_stale_flags() -> list[tuple[UUID, int]]:
    """(person, year) whose newest copy does not carry the holds in force; they get a version without a message."""
    newer = CopyRecord.objects.filter(
        party=OuterRef("party"), tax_year=OuterRef("tax_year"), version__gt=OuterRef("version")
    )
    held = ReplyHold.objects.filter(party=OuterRef("party"), lifted_on__isnull=True)
    rows = CopyRecord.objects.filter(~Exists(newer)).exclude(revision=Revision.CANCELLED)
    missing = rows.filter(Exists(held), is_reply_held=False)
    surplus = rows.filter(~Exists(held), is_reply_held=True)
    return sorted({*missing.values_list("party_id", "tax_year"), *surplus.values_list("party_id", "tax_year")})


@dataclass(slots=True)
class Reconciliation:
    """副本と原本の照合: counts, and who differs and how (party, tax year → what)."""

    compared: int = 0
    missing: list[UUID] = field(default_factory=list)
    extra: list[UUID] = field(default_factory=list)
    differing: dict[UUID, list[str]] = field(default_factory=dict)

    @property
    def differences(self) -> int:
        """How many people's copies are not what the books say."""
        return len(self.missing) + len(self.extra) + len(self.differing)


# People of a year whose decision in force and newest copy do not belong together; a cancellation wants a cancelled one.
_UNLIKE = """
WITH standing AS (
    SELECT DISTINCT ON (d.party_id) d.party_id, d.id, d.cause
      FROM assessment_decision d JOIN assessment_assessmentrun r ON r.id = d.run_id
     WHERE d.tax_kind = '10' AND d.tax_year = %(year)s AND r.state = 'released' AND d.cause <> 'taken_over'
     ORDER BY d.party_id, d.version DESC),
copies AS (
    SELECT DISTINCT ON (party_id) party_id, decision_id, revision
      FROM intermediary_copyrecord WHERE tax_year = %(year)s ORDER BY party_id, version DESC)
SELECT COALESCE(s.party_id, c.party_id) AS party_id,
       CASE WHEN s.id IS NULL OR s.cause = 'cancellation' THEN 'extra' ELSE 'missing' END AS what
  FROM standing s FULL JOIN copies c ON c.party_id = s.party_id
 WHERE CASE WHEN s.id IS NULL OR s.cause = 'cancellation' THEN c.party_id IS NOT NULL AND c.revision <> '9'
            ELSE c.party_id IS NULL OR c.revision = '9' OR c.decision_id <> s.id END
"""
_NOT_WAITING = """
   AND NOT EXISTS (SELECT FROM outbox_outboxmessage m
                    WHERE m.topic = ANY(%(topics)s) AND m.subject_key = COALESCE(s.party_id, c.party_id)::text
                      AND NOT EXISTS (SELECT FROM outbox_outboxdelivery o
                                       WHERE o.message_id = m.id AND o.consumer = %(consumer)s AND o.state = 'done'))
"""


def copies_unlike(tax_year: int, *, topics: Sequence[str] = (), consumer: str = "") -> list[tuple[UUID, str]]:
    """(person, "missing" or "extra") over the whole population; with `topics`, without those that still wait."""
    with connection.cursor() as cursor:
        cursor.execute(
            _UNLIKE + (_NOT_WAITING if topics else "") + " ORDER BY 1",
            {"year": tax_year, "topics": list(topics), "consumer": consumer},
        )
        return [(UUID(str(party)), str(what)) for party, what in cursor.fetchall()]


def years_told_or_decided() -> list[int]:
    """Tax years that have decisions in force or copies."""
    decided = Decision.objects.filter(run__state=RunState.RELEASED).exclude(cause=DecisionCause.TAKEN_OVER)
    return sorted(
        {
            *decided.values_list("tax_year", flat=True).distinct(),
            *CopyRecord.objects.values_list("tax_year", flat=True).distinct(),
        }
    )


def copies_flagless(tax_year: int, hidden: set[UUID]) -> list[UUID]:
    """People to be protected whose newest copy of the year can still be answered automatically; must be none."""
    return sorted(
        party
        for party, record in latest_copies(sorted(hidden), tax_year).items()
        if record.revision != Revision.CANCELLED and not (record.is_reply_held and record.is_nondisclosed)
    )


def reconcile(tax_year: int) -> Reconciliation:
    """Every copy of the year against the books, item by item (R-266, N-047). 0 differences are expected."""
    found = Reconciliation()
    for party, what in copies_unlike(tax_year):
        (found.missing if what == "missing" else found.extra).append(party)
    apart = set(found.missing) | set(found.extra)
    people = sorted(CopyRecord.objects.filter(tax_year=tax_year).values_list("party_id", flat=True).distinct())
    for start in range(0, len(people), _CHUNK):
        part = people[start : start + _CHUNK]
        copies, standing = latest_copies(part, tax_year), standing_of(part, tax_year)
        for party in part:
            found.compared += 1
            if party in apart or party not in standing or standing[party].is_cancellation:
                continue
            wanted, told = standing[party].items, copies[party].items
            if differing := sorted(name for name in wanted.keys() | told.keys() if wanted.get(name) != told.get(name)):
                found.differing[party] = differing
    return found
