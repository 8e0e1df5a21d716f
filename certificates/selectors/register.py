"""証明書交付簿の照会 (reads of the issue register)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from certificates.models import CertificateIssue, CertificateRequest, IssueHold


@dataclass(frozen=True, slots=True)
class DayOfIssues:
    """交付簿 of a day: the rows in order, and what they come to (void ones apart)."""

    rows: Sequence[CertificateIssue]
    papers: int
    copies: int
    fee_yen: int
    voids: int
    refused: int


def _issues() -> "QuerySet[CertificateIssue]":
    return CertificateIssue.objects.select_related("subject", "void", "request")


def issues_of_day(on: date) -> DayOfIssues:
    """Everything issued on the day, by number, with counts and fees. A fee given back does not count."""
    rows = list(_issues().filter(issued_on=on).order_by("certificate_no"))
    standing = [row for row in rows if not row.is_void]
    kept = [row for row in rows if not row.is_void or not row.void.is_fee_returned]
    return DayOfIssues(
        rows=rows,
        papers=len(standing),
        copies=sum(row.copies for row in standing),
        fee_yen=sum(row.fee_yen for row in kept),
        voids=len(rows) - len(standing),
        refused=CertificateRequest.objects.filter(received_on=on, state="refused").count(),
    )


def issues_of_party(party_id: UUID) -> Sequence[CertificateIssue]:
    """証明書 issued about a party, newest first."""
    return list(_issues().filter(subject_id=party_id).order_by("-pk"))


def refusals_of_party(party_id: UUID) -> Sequence[CertificateRequest]:
    """Requests about a party that got no paper, newest first."""
    return list(CertificateRequest.objects.filter(subject_id=party_id, state="refused").order_by("-received_at"))


def holds_open(party_id: UUID) -> Sequence[IssueHold]:
    """発行停止 in force of a party."""
    return list(IssueHold.objects.filter(party_id=party_id, lifted_on__isnull=True).order_by("pk"))
