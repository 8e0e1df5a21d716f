"""証明の内容を作る (building the paper of one request) and the check that what was drawn is about its person (I13)."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from datetime import date
from enum import Enum
from typing import Any

from addressbook.disclosure import address_for
from addressbook.models import Party, PartyVersion
from assessment.models import Decision, ResidentFacts, ResidentResult
from assessment.resident.rules.facts import RESIDENT_FACTS
from assessment.resident.rules.pipeline import RESIDENT_RESULT
from certificates.codes import Relation
from certificates.errors import SubjectMismatch
from certificates.models import CertificateRequest
from certificates.outputs import FOR_OTHERS, OWN
from certificates.papers.tax_certificate import TaxCertificateDrawer
from certificates.papers.tax_certificate_data import TaxCertificate
from certificates.papers.tax_certificate_lines import FiguresDisagree, certificate_lines
from taxsys.kernel import wareki
from taxsys.platform.printing.engine import Book
from taxsys.platform.printing.issuers import office

ADDRESS_LEFT_OUT = "（申出により記載を省略しています）"


@dataclasses.dataclass(frozen=True, slots=True)
class Drawn:
    """A drawn paper: its bytes and their hash, its content as data and the hash of that."""

    pdf: bytes
    pdf_sha256: str
    content: dict[str, Any]
    content_hash: str


def paper_of(
    request: CertificateRequest, decision: Decision, *, certificate_no: str, issued_on: date
) -> TaxCertificate:
    """The paper of a request, read anew from the registers by the request's own subject. Raises FiguresDisagree."""
    subject = Party.objects.get(pk=request.subject_id)
    if decision.party_id != subject.pk or decision.tax_year != request.tax_year:
        raise SubjectMismatch
    facts = ResidentFacts.objects.get(run_id=decision.run_id, party_id=subject.pk)
    result = ResidentResult.objects.get(run_id=decision.run_id, party_id=subject.pk)
    figures = {column.name: int(getattr(result, column.name)) for column in RESIDENT_RESULT}
    if figures["annual_tax_yen"] != decision.annual_yen:
        raise FiguresDisagree("計算結果と賦課決定の年税額が一致しません。")
    issuer = office("certificates")
    lines = certificate_lines(
        request.kind,
        {column.name: int(getattr(facts, column.name)) for column in RESIDENT_FACTS},
        figures,
        prefecture_name=issuer.prefecture_tax_name,
    )
    address, note = _address(request, issued_on)
    return TaxCertificate(
        kind=lines.kind,
        office=issuer,
        certificate_no=certificate_no,
        issued_on=issued_on,
        tax_year=request.tax_year,
        name=subject.name,
        birth_text=_birth_text(subject, issued_on),
        address=address,
        address_note=note,
        incomes=lines.incomes,
        deductions=lines.deductions,
        levies=lines.levies,
        dependants_text=lines.dependants_text,
    )


def _birth_text(subject: Party, on: date) -> str:
    if subject.birth_on:
        return wareki.format_long(subject.birth_on)
    version = PartyVersion.objects.as_of(on).filter(party=subject).first()
    return version.birth_text if version else ""


def _address(request: CertificateRequest, on: date) -> tuple[str, str]:
    """住所 as it may appear for who asks, or the note that stands in its place (F-CT-013)."""
    if request.hides_address:
        return "", ADDRESS_LEFT_OUT
    output = OWN if request.relation in {Relation.SELF, Relation.LEGAL} else FOR_OTHERS
    shown = address_for(request.subject_id, output=output, on=on)
    return ("", ADDRESS_LEFT_OUT) if shown.is_masked or not shown.text else (shown.text, "")


def drawn(request: CertificateRequest, paper: TaxCertificate) -> Drawn:
    """Draw the paper and prove on the drawn page that it is about the request's subject. Raises SubjectMismatch."""
    book = Book(title=f"{paper.kind.value} {paper.certificate_no}", trace=True)
    book.owner(paper.name)
    TaxCertificateDrawer().draw(book, paper)
    _prove_subject(request, paper, book)
    pdf = book.finish()
    content = content_of(paper, subject_id=str(request.subject_id))
    return Drawn(pdf, hashlib.sha256(pdf).hexdigest(), content, content_hash(content))


def _prove_subject(request: CertificateRequest, paper: TaxCertificate, book: Book) -> None:
    """What stands on the page, against the register read once more by the request's subject (I13)."""
    subject = Party.objects.filter(pk=request.subject_id).values("name", "birth_on").get()
    printed = "".join(placed.text for placed in book.placed).replace("　", "").replace(" ", "")
    wanted = [subject["name"], paper.certificate_no, wareki.format_year(request.tax_year)]
    if subject["birth_on"]:
        wanted.append(wareki.format_long(subject["birth_on"]))
    if book.page_count != 1 or any(text.replace("　", "").replace(" ", "") not in printed for text in wanted):
        raise SubjectMismatch


def content_of(paper: TaxCertificate, *, subject_id: str) -> dict[str, Any]:
    """Everything that is printed, as plain data with the subject's id."""
    plain: dict[str, Any] = _plain(paper)
    return {"subject_id": subject_id, **plain}


def content_hash(content: dict[str, Any]) -> str:
    """SHA-256 of the canonical JSON of a content."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    return value
