"""紙の資料の登録 (writes): one paper as keyed becomes a source document, the same way as a line of a file. F-PI-006.

Idempotent by the page's key. What no paper can say is refused; what a paper may well say is kept with the clerk's eyes
on it (`kept_warnings`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from addressbook.models import Party
from assessment.entry.checks import Problem, problems
from assessment.entry.declaration import PaperForm
from assessment.entry.mapping import birth_of, mapped
from assessment.entry.models import BundlePaper, PaperEntry
from assessment.errors import EntryRefused
from assessment.models import MatchMethod, SourceDocument
from assessment.resident.rules.pipeline import resident_law
from assessment.sources.services import CANCELLATION, CORRECTION, DocumentRow, documents_register
from assessment.sources.states import REPLACEABLE
from assessment.withholders.selectors import withholder_by_number
from taxsys.params.model import ParameterSet
from taxsys.platform import clock
from taxsys.platform.staff.models import Staff

MANUAL_REASON = "紙の資料の入力で選んだ宛名"


@dataclass(frozen=True, kw_only=True, slots=True)
class EnteredPaper:
    """One paper as it is to be registered. `original_id`: the document that a correction or cancellation speaks of."""

    key: UUID
    form: PaperForm
    tax_year: int
    values: Mapping[str, Any]
    party_id: UUID | None = None
    original_id: int | None = None
    paper: BundlePaper | None = None


def paper_problems(form: PaperForm, values: Mapping[str, Any], *, tax_year: int) -> list[Problem]:
    """Everything wrong with these boxes under the law of the year, and a payer nobody knows."""
    found = problems(form, values, income_year=tax_year - 1, law=_law(tax_year))
    designation = values.get("designation_no")
    if designation and withholder_by_number(designation) is None:
        found.append(Problem("designation_no", "この指定番号の特別徴収義務者は登録されていません。", is_stop=False))
    if form.has_payer and not designation and not values.get("payer_number"):
        found.append(
            Problem(
                "payer_number",
                "支払者の番号がないため、重複・訂正を自動では見つけられません。",
                is_stop=False,
            )
        )
    return found


def _law(tax_year: int) -> ParameterSet | None:
    try:
        return resident_law(tax_year, settings.TAXSYS_MUNICIPALITY_CODE)
    except LookupError:
        return None


def originals_of(party_id: UUID, form: PaperForm, tax_year: int) -> list[SourceDocument]:
    """Papers of the person that a correction or cancellation of this form may speak of, newest first."""
    return list(
        SourceDocument.objects.filter(
            party_id=party_id, kind=form.kind, tax_year=tax_year, state__in=REPLACEABLE
        ).select_related("withholder").order_by("-arrived_on", "-pk")
    )  # fmt: skip


@transaction.atomic
def paper_register(entered: EnteredPaper, *, actor: Staff) -> PaperEntry:
    """紙の資料を登録する: the entry with its document; the same key again answers the entry that stands.

    Raises EntryRefused (with the box) for what no paper can say, a merged party, or an original of somebody else.
    """
    standing = PaperEntry.objects.filter(key=entered.key).select_related("document").first()
    if standing is not None:
        return standing
    form, values = entered.form, entered.values
    found = paper_problems(form, values, tax_year=entered.tax_year)
    for problem in found:
        if problem.is_stop:
            raise EntryRefused(problem.message_ja, field=problem.box)
    _party_check(entered.party_id)
    original = _original(entered)
    entry = PaperEntry.objects.create(
        key=entered.key,
        form_code=form.code,
        paper=entered.paper,
        kept_warnings=sorted({problem.box for problem in found}),
        entered_by=actor,
        entered_at=clock.now(),
    )
    row = _row(entered, entry, original)
    documents_register([row], received_file_id=None, actor_id=actor.staff_no)
    entry.document = SourceDocument.objects.get(received_file=None, line_no=entry.entry_no, kind=form.kind)
    entry.save(update_fields=["document"])
    return entry


def _party_check(party_id: UUID | None) -> None:
    if party_id and not Party.objects.filter(pk=party_id, merged_into__isnull=True).exists():
        raise EntryRefused("宛名が見つかりません。名寄せで統合された宛名は統合先を選んでください。", field="person_no")


def _original(entered: EnteredPaper) -> SourceDocument | None:
    """The document that this paper replaces or ends, where one was chosen. Raises EntryRefused."""
    if entered.values.get("filing_kind") not in {CORRECTION, CANCELLATION} or entered.original_id is None:
        return None
    found = SourceDocument.objects.select_for_update().filter(
        pk=entered.original_id, kind=entered.form.kind, tax_year=entered.tax_year, state__in=REPLACEABLE
    ).first()  # fmt: skip
    if found is None or found.party_id != entered.party_id:
        raise EntryRefused(
            "元の資料がこの人の有効な資料ではありません。画面を開き直して選び直してください。", field="filing_kind"
        )
    return found


def _row(entered: EnteredPaper, entry: PaperEntry, original: SourceDocument | None) -> DocumentRow:
    form, values = entered.form, entered.values
    paper = mapped(form, values, tax_year=entered.tax_year, entry_no=entry.entry_no)
    agent = withholder_by_number(str(values.get("designation_no") or ""))
    return DocumentRow(
        kind=form.kind,
        tax_year=entered.tax_year,
        line_no=entry.entry_no,
        business_key=original.business_key if original else paper.business_key,
        filing_kind=str(values.get("filing_kind") or "0"),
        arrived_on=date.fromisoformat(values["arrived_on"]),
        name=str(values.get("name") or ""),
        name_kana=str(values.get("name_kana") or ""),
        birth_on=birth_of(values),
        address=str(values.get("address") or ""),
        content=paper.content,
        relatives=paper.relatives,
        withholder_id=agent.pk if agent else None,
        party_id=entered.party_id,
        match_method=MatchMethod.MANUAL if entered.party_id else MatchMethod.NONE,
        match_evidence={"reason": MANUAL_REASON} if entered.party_id else {},
    )
