"""個人住民税の照会: one person's calculation in one run, read back and explained (reads only)."""

from dataclasses import dataclass
from functools import cache
from uuid import UUID

from assessment.amendments.law_archive import law_archived
from assessment.errors import CalculationNotFound
from assessment.models import AssessmentRun, CollectionShare, ResidentFacts, ResidentResult, RunKind, SourceDocument
from assessment.resident.comparison_selectors import comparison_of
from assessment.resident.comparison_words import year_words
from assessment.resident.explain import explanation
from assessment.resident.rules.facts import RESIDENT_FACTS
from assessment.resident.rules.pipeline import PIPELINE_VERSION, RESIDENT_RESULT, resident_law
from assessment.resident.sheet import CalculationSheet, PaperSaid, calculation_sheet
from assessment.resident.spoken import ShareTold
from taxsys.kernel import wareki
from taxsys.kernel.columns import Column, ColumnSet
from taxsys.kernel.pipeline import display_value
from taxsys.params.model import ParameterSet


@dataclass(frozen=True, slots=True)
class Calculation:
    """計算 of one person in one run: stored columns, shares and papers, and the sheet recomputed from the facts.

    `failure_ja` says why there is no sheet; `notices_ja` what changed in law values or rules since the run;
    `year_ja` what changed since last year ("" where the run was not compared).
    """

    run: AssessmentRun
    party_id: UUID
    facts: dict[str, int]
    stored: dict[str, int]
    stop_message_ja: str
    shares: tuple[CollectionShare, ...]
    papers: tuple[SourceDocument, ...]
    sheet: CalculationSheet | None
    failure_ja: str = ""
    notices_ja: tuple[str, ...] = ()
    year_ja: str = ""


def calculation_of(run: AssessmentRun, party_id: UUID, *, municipality_code: str) -> Calculation:
    """The stored calculation with its explanation, in five queries. Raises CalculationNotFound."""
    facts = ResidentFacts.objects.filter(run=run, party_id=party_id).first()
    result = ResidentResult.objects.filter(run=run, party_id=party_id).first()
    if facts is None or result is None:
        raise CalculationNotFound("この計算には、この人の計算結果がありません。")
    shares = tuple(
        CollectionShare.objects.filter(run=run, party_id=party_id).select_related("withholder").order_by("method")
    )
    papers = tuple(SourceDocument.objects.filter(pk__in=facts.document_ids).order_by("kind", "arrived_on", "pk"))
    values = {column.name: int(getattr(facts, column.name)) for column in RESIDENT_FACTS}
    stored = {column.name: int(getattr(result, column.name)) for column in RESIDENT_RESULT}
    sheet, failure = None, ""
    try:
        law = _law_of(run, municipality_code)
        told = explanation(RESIDENT_FACTS.batch({name: [value] for name, value in values.items()}), law)
        sheet = calculation_sheet(
            tax_year=run.tax_year,
            steps=told.steps,
            facts=values,
            stored=stored,
            shares=[share_told(share) for share in shares],
            papers=[PaperSaid(paper_title(paper), paper.items) for paper in papers],
            municipality_code=municipality_code,
            parameter_hash=told.parameter_set_hash,
            is_levied=run.kind != RunKind.TAKEN_OVER,
        )
    except LookupError as error:  # a law value or a year that is not there; the text says which
        failure = f"計算過程を作れません。{error}"
    return Calculation(
        run,
        party_id,
        values,
        stored,
        result.stop_message_ja,
        shares,
        papers,
        sheet,
        failure,
        _notices(run, municipality_code) if sheet else (),
        year_words(comparison, run.tax_year) if (comparison := comparison_of(run.pk, party_id)) else "",
    )


def share_told(share: CollectionShare) -> ShareTold:
    """A stored share with the words of its instalments: 第1期 … or 6月 …."""
    words = [instalment_word(share.method, key) for key in share.due_keys]
    return ShareTold(share.method, share.total_yen, tuple(zip(words, share.instalments, strict=True)))


def instalment_word(method: str, key: str) -> str:
    """第1期 of an ordinary bill, 6月 of a withheld month."""
    return f"第{int(key)}期" if method == "ordinary" else f"{int(key)}月"


def paper_title(paper: SourceDocument) -> str:
    """What a paper is called where only one person's papers are listed: kind and day of arrival, no payer."""
    return f"{paper.get_kind_display()}(受付{wareki.format_short(paper.arrived_on)})"


def _law_of(run: AssessmentRun, municipality_code: str) -> ParameterSet:
    """The values the run was computed with: those in force, or the copy kept of them where they have been put right."""
    now = resident_law(run.tax_year, municipality_code)
    if run.parameter_hash in {"", now.hash}:
        return now
    return _kept_law(run, municipality_code) or now


def _kept_law(run: AssessmentRun, municipality_code: str) -> ParameterSet | None:
    """The copy of the values of this run's year; a fingerprint of another year's values stands for nothing here."""
    kept = law_archived(run.parameter_hash, municipality_code)
    return kept if kept is not None and kept.when == run.tax_year else None


@cache
def _hash_now(tax_year: int, municipality_code: str) -> str:
    return resident_law(tax_year, municipality_code).hash


def _notices(run: AssessmentRun, municipality_code: str) -> tuple[str, ...]:
    found = []
    if run.parameter_hash and run.parameter_hash != _hash_now(run.tax_year, municipality_code):
        is_kept = _kept_law(run, municipality_code) is not None
        whose = "計算したときの法定値(写し)" if is_kept else "今の法定値"
        found.append(f"この計算の後に法定値のファイルが変わっています。下の計算過程は{whose}によるものです。")
    if run.pipeline_version and run.pipeline_version != PIPELINE_VERSION:
        found.append("この計算の後に計算式の版が変わっています。下の計算過程は今の計算式によるものです。")
    return tuple(found)


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One figure of two calculations side by side; the texts are ready for people."""

    title_ja: str
    before_ja: str
    after_ja: str
    # 同じ, 変更, 増 ＋1,000円 or 減 △1,000円: told by word and sign, never by colour alone.
    difference_ja: str
    is_changed: bool


def compared(before: Calculation, after: Calculation) -> tuple[list[ComparedRow], list[ComparedRow]]:
    """Two calculations side by side: (facts, results) in the order of the rules; zero in both is left out."""
    return (
        _compared(RESIDENT_FACTS, before.facts, after.facts),
        _compared(RESIDENT_RESULT, before.stored, after.stored),
    )


def _compared(columns: ColumnSet, before: dict[str, int], after: dict[str, int]) -> list[ComparedRow]:
    rows = []
    for column in columns:
        one, other = before[column.name], after[column.name]
        if one or other:
            kind = "b" if column.kind == "flag" else "i"
            words = dict(column.codes)
            earlier, later = (words.get(value) or display_value(column.name, kind, value) for value in (one, other))
            difference = _difference(column, other - one)
            rows.append(ComparedRow(column.title_ja, earlier, later, difference, one != other))
    return rows


def _difference(column: Column, gap: int) -> str:
    if not gap:
        return "同じ"
    if column.kind in {"flag", "code"}:
        return "変更"
    amount = display_value(column.name, "i", abs(gap))
    return f"増 ＋{amount}" if gap > 0 else f"減 △{amount}"
