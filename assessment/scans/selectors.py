"""紙の画像を探す: of a party, of a source document, by 受付番号, and those that wait for their masks."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q, QuerySet

from addressbook.disclosure import hidden_among
from addressbook.models import Party
from assessment.models import SourceDocument
from assessment.scans.models import ScannedPaper, ScanState
from assessment.sources import matching
from taxsys.platform import clock


def scans_all() -> QuerySet[ScannedPaper]:
    """Every paper with its party and document, newest first."""
    return ScannedPaper.objects.select_related("party", "document__party")


def scans_of_party(party_id: UUID) -> QuerySet[ScannedPaper]:
    """画像 of a party, of those merged into it, and of the source documents bound to them."""
    people = Party.objects.filter(Q(pk=party_id) | Q(merged_into=party_id)).values("pk")
    return scans_all().filter(Q(party__in=people) | Q(document__party__in=people))


def scans_of_document(document_id: int) -> QuerySet[ScannedPaper]:
    """画像 of one source document."""
    return scans_all().filter(document_id=document_id)


def scans_listed(*, state: str = "", reception_no: str = "") -> QuerySet[ScannedPaper]:
    """画像 of the desk, by state and 受付番号 (exact)."""
    found = scans_all()
    if state:
        found = found.filter(state=state)
    return found.filter(reception_no=reception_no) if reception_no else found


def waiting_count() -> int:
    """How many papers wait for their masks."""
    return ScannedPaper.objects.filter(state=ScanState.WAITING).count()


def scan_get(scan_id: UUID) -> ScannedPaper | None:
    """One paper, None where there is none."""
    return scans_all().filter(pk=scan_id).first()


def owner_of(scan: ScannedPaper) -> UUID | None:
    """Whose paper it is; None for one of a source document that is not matched yet."""
    party: Party | None = scan.party if scan.party_id else scan.document.party if scan.document else None
    return (party.merged_into_id or party.pk) if party else None


def hidden_scans(scans: Sequence[ScannedPaper]) -> set[UUID]:
    """Which papers may show the address of a protected person (支援措置): those of hidden people, and of unmatched
    documents that a hidden person may have filed."""
    owners = {scan.pk: owner_of(scan) for scan in scans}
    known = sorted({owner for owner in owners.values() if owner})
    hidden = hidden_among(known, clock.today()) if known else set()
    found = {key for key, owner in owners.items() if owner in hidden}
    unknown = [scan for scan in scans if owners[scan.pk] is None and scan.document]
    return found | _maybe_hidden(unknown)


def _maybe_hidden(scans: Sequence[ScannedPaper]) -> set[UUID]:
    papers: dict[int, SourceDocument] = {scan.document.pk: scan.document for scan in scans if scan.document}
    if not papers:
        return set()
    results = matching.candidates_of(list(papers.values()), by_number=False)
    meant = {pk: [one.party_id for one in result.candidates] for pk, result in results.items()}
    hidden = hidden_among(sorted({key for keys in meant.values() for key in keys}), clock.today())
    return {scan.pk for scan in scans if set(meant.get(scan.document_id or 0, ())) & hidden}
