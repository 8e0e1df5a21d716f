"""督促の回 (reminder runs): how many, how much, who is held back and why."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from addressbook.access import access_shown
from addressbook.disclosure import names_for
from delinquency.models import ReminderRun, ReminderState
from delinquency.outputs import RUN_LIST
from delinquency.permissions import VIEW_ARREARS
from delinquency.selectors.runs import runs_newest
from taxsys.platform.staff.access import requires

PAGE_SIZE = 50


@requires(VIEW_ARREARS)
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """督促の一覧: every run with its counts and yen."""
    return render(request, "delinquency/home.html", {"runs": runs_newest()})


@requires(VIEW_ARREARS)
@require_safe
def run(request: HttpRequest, run_id: int) -> HttpResponse:
    """One run: its reminders by state."""
    row = get_object_or_404(ReminderRun, pk=run_id)
    state = request.GET.get("state", "")
    rows = row.reminders.select_related("charge", "charge__tax_kind").order_by("reminder_no", "pk")
    if state in ReminderState.values:
        rows = rows.filter(state=state)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    shown = [one.party_id for one in page.object_list]
    names = names_for(shown, output=RUN_LIST)
    access_shown(sorted(set(shown)), action="view", record_type="delinquency.run")
    values = {
        "run": row,
        "page": page,
        "rows": [(one, names[one.party_id]) for one in page.object_list],
        "states": ReminderState.choices,
        "state": state,
    }
    return render(request, "delinquency/run.html", values)
