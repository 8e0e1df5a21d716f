"""住民税タブ: all decisions of a party, how each year is collected, the papers behind it, and two versions compared."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from addressbook.card import card_context
from addressbook.disclosure import HIDDEN_TEXT
from assessment.decisions.years import DecisionYear, decision_of, decision_years
from assessment.errors import CalculationNotFound
from assessment.models import CollectionShare, Decision, RunKind, Withholder
from assessment.permissions import VIEW_ASSESSMENT
from assessment.resident.losses import loss_sheet
from assessment.resident.selectors import Calculation, calculation_of, compared, share_told
from assessment.resident.sheet import prefectural_tax_word
from assessment.views.people import officer_names
from taxsys.platform.audit.services import access_record
from taxsys.platform.staff.access import requires

TAB = "resident-tax"


@requires(VIEW_ASSESSMENT)
@require_safe
def tab(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """住民税: decisions by year and version; the year in force with its collection and papers."""
    values = card_context(request, party_id, TAB)
    years = decision_years(values["party"].id)
    asked = request.GET.get("year", "")
    shown = next((year for year in years if str(year.tax_year) == asked), years[0] if years else None)
    officers = officer_names(row.decision.released_by for year in years for row in year.rows)
    values |= {
        "years": [_year_rows(year, officers) for year in years],
        "shown": shown,
        "withholders": Withholder.objects.filter(party_id=values["party"].id),
        "losses": loss_sheet(values["party"].id),
        "officers": officers,
        "prefecture_word": prefectural_tax_word(settings.TAXSYS_MUNICIPALITY_CODE),
    }
    if shown is not None:
        values |= _year_detail(shown, is_hidden=values["person"]["is_protected"])
    return render(request, "assessment/tab.html", values)


def _year_rows(year: DecisionYear, officers: dict[str, str]) -> dict[str, Any]:
    rows = [
        {"row": row, "released_by": officers.get(row.decision.released_by, row.decision.released_by)}
        for row in year.rows
    ]
    return {"year": year, "rows": rows}


def _year_detail(year: DecisionYear, *, is_hidden: bool) -> dict[str, Any]:
    decision = year.current or year.rows[0].decision
    calculation = _calculation(decision)
    return {
        "decision": decision,
        "calculation": calculation,
        "decided_elsewhere": decision.run.kind == RunKind.TAKEN_OVER,
        "shares": [_share(share, is_hidden=is_hidden) for share in calculation.shares],
        "papers": calculation.papers,
        "versions": [row.decision.version for row in year.rows],
    }


def _share(share: CollectionShare, *, is_hidden: bool) -> dict[str, Any]:
    withholder = share.withholder
    # The employer of a protected person is not to be told (N-087).
    name = f"{withholder.name}(指定番号 {withholder.designation_no})" if withholder is not None else ""
    if withholder is not None and is_hidden:
        name = HIDDEN_TEXT
    return {"share": share, "told": share_told(share), "withholder_ja": name, "employee_no": share.employee_no}


def _calculation(decision: Decision) -> Calculation:
    try:
        return calculation_of(decision.run, decision.party_id, municipality_code=settings.TAXSYS_MUNICIPALITY_CODE)
    except CalculationNotFound as error:
        raise Http404 from error


def decision_or_404(party_id: UUID, tax_year: int, version: int) -> Decision:
    """One version of a party's decision; Http404 where there is none."""
    decision = decision_of(party_id, tax_year, version)
    if decision is None:
        raise Http404
    return decision


@requires(VIEW_ASSESSMENT)
@require_safe
def compare(request: HttpRequest, party_id: UUID, tax_year: int) -> HttpResponse:
    """二つの版の比較: facts and results side by side; what differs carries the word 「増」 or 「減」 and its amount."""
    values = card_context(request, party_id, TAB)
    party = values["party"]
    versions = [row.decision.version for year in decision_years(party.id) if year.tax_year == tax_year
                for row in year.rows]  # fmt: skip
    if not versions:
        raise Http404
    newest = versions[0]
    after = _asked(request, "after", newest, versions)
    before = _asked(request, "before", max(after - 1, versions[-1]), versions)
    older, newer = (decision_or_404(party.id, tax_year, version) for version in (before, after))
    facts, results = compared(_calculation(older), _calculation(newer))
    access_record(action="view", subjects=[str(party.id)], record_type="assessment.compare", tax_year=tax_year)
    values |= {
        "before": older,
        "after": newer,
        "versions": versions,
        "only_changed": request.GET.get("all") != "1",
        "tables": (("課税の基礎となる事実", facts), ("計算結果", results)),
        "changes": sum(row.is_changed for row in (*facts, *results)),
    }
    return render(request, "assessment/compare.html", values)


def _asked(request: HttpRequest, name: str, default: int, versions: list[int]) -> int:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 5 and int(text) in versions else default
