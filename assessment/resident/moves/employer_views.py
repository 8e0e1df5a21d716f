"""特別徴収義務者の画面: months, debt and payments, employees, changes; succession by an officer."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from addressbook.access import access_shown
from addressbook.card import card_context
from addressbook.disclosure import HIDDEN_TEXT, hidden_among
from assessment.models import Withholder
from assessment.permissions import RECORD_CHANGES, VIEW_SOURCES
from assessment.resident.moves.employers import employer_changes, employer_employees, employer_months
from assessment.resident.moves.services import ChangeRefused
from assessment.resident.moves.succession import SuccessionDraft, succession_propose
from assessment.resident.moves.timeline import month_of
from assessment.resident.rules.pipeline import PIPELINES
from assessment.withholders.selectors import withholder_by_number
from assessment.yearend.working import working_year
from collection.withheld.models import NumberChange
from collection.withheld.selectors import number_history
from taxsys.platform import clock
from taxsys.platform.approvals.errors import ApprovalError
from taxsys.platform.audit.services import access_record
from taxsys.platform.staff.access import has_permission, requires
from taxsys.platform.ui.forms import WarekiDateField
from taxsys.platform.ui.subject_token import subject_check, subject_token

FORM = "assessment.withholder"
_MONTHS = [("0", "なし"), *((str(place), f"{month_of(place)}月") for place in range(1, 12))]


class SuccessionForm(forms.Form):
    """承継・指定番号の変更の入力."""

    change = forms.ChoiceField(label="事由", choices=NumberChange.choices)
    successor = forms.CharField(label="承継する義務者の指定番号", max_length=12)
    event_on = WarekiDateField(label="承継の日（合併・解散・移転・統合の日）")
    last_place = forms.ChoiceField(label="元の義務者が徴収する最後の月", choices=_MONTHS)

    def clean_successor(self) -> Withholder:
        """The successor."""
        number = self.cleaned_data["successor"].strip()
        found = withholder_by_number(number)
        if found is None:
            raise forms.ValidationError(f"指定番号{number}の特別徴収義務者がいません。番号を確かめてください。")
        return found


def _page(request: HttpRequest, withholder_id: int, form: SuccessionForm, *, tax_year: int) -> HttpResponse:
    employer = Withholder.objects.filter(pk=withholder_id).first()
    if employer is None or tax_year not in PIPELINES:
        raise Http404
    values = card_context(request, employer.party_id, "resident-tax")
    today = clock.today()
    employees = employer_employees(employer, tax_year=tax_year)
    changes = employer_changes(employer, tax_year=tax_year)
    people = sorted({one.party.pk for one in employees} | {one.party_id for one in changes})
    hidden = hidden_among(people, today) if people else set()
    access_shown([one for one in people if one not in hidden], action="view", record_type=FORM)
    months = employer_months(employer, tax_year=tax_year, as_of=today)
    values |= {
        "employer": employer,
        "tax_year": tax_year,
        "years": sorted(PIPELINES, reverse=True),
        "months": [{"one": one, "month_ja": f"{month_of(one.instalment_no)}月分"} for one in months],
        "open_yen": sum(one.open_yen for one in months),
        "headings": [f"{month_of(place)}月" for place in range(1, 13)],
        # Where a protected person works is not to be told (N-087), nor guessed from the place in the list.
        "employees": [
            {"one": one, "is_hidden": one.party.pk in hidden}
            for one in sorted(employees, key=lambda one: (one.party.pk in hidden, one.party.person_no))
        ],
        "changes": [
            {"one": one, "name_ja": HIDDEN_TEXT if one.party_id in hidden else one.party.name} for one in changes
        ],
        "history": number_history(employer.designation_no),
        "form": form,
        "may_act": has_permission(request.user, RECORD_CHANGES),
        "token": subject_token(request, form=FORM, subject=str(employer.pk), version=str(employer.valid_to)),
    }
    return render(request, "assessment/withholder.html", values, status=422 if form.errors else 200)


def _year(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) == 4 else working_year()


@requires(VIEW_SOURCES)
@require_safe
def page(request: HttpRequest, withholder_id: int) -> HttpResponse:
    """特別徴収義務者一件."""
    return _page(request, withholder_id, SuccessionForm(), tax_year=_year(request.GET.get("year", "")))


@requires(RECORD_CHANGES)
@require_POST
def succeed(request: HttpRequest, withholder_id: int) -> HttpResponse:
    """承継を起案する: one change for each employee once a second person has agreed, taken up by the next run."""
    staff: Any = request.user
    employer = Withholder.objects.filter(pk=withholder_id).first()
    if employer is None:
        raise Http404
    subject_check(request, form=FORM, subject=str(employer.pk), version=str(employer.valid_to))
    tax_year = _year(request.POST.get("year", ""))
    form = SuccessionForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        draft = SuccessionDraft(
            successor=data["successor"], tax_year=tax_year, event_on=data["event_on"],
            last_place=int(data["last_place"]), change=data["change"],
        )  # fmt: skip
        try:
            succession_propose(employer, draft, actor=staff)
        except ChangeRefused as error:
            form.add_error(error.field if error.field in form.fields else None, error.message_ja)
        except ApprovalError as error:
            form.add_error(None, error.message_ja)
        else:
            access_record(
                action="update", subjects=[str(employer.party_id)], record_type=FORM, record_id=str(employer.pk)
            )
            messages.success(request, "承継を起案しました。別の職員の決裁で、受給者全員の異動届が記録されます。")
            return redirect(f"{reverse('assessment-withholder', args=[employer.pk])}?year={tax_year}")
    return _page(request, withholder_id, form, tax_year=tax_year)
