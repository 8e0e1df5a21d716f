"""納期の特例の画面: applications that wait, one agent's history with its acts, the notice as PDF."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from addressbook.access import access_shown, party_require
from addressbook.card import card_context
from assessment.models import Withholder
from assessment.permissions import RECORD_WITHHOLDERS
from assessment.resident.moves.timeline import month_of
from assessment.withholders.errors import PrivilegeRefused
from assessment.withholders.forms import ActForm, ApplicationForm
from assessment.withholders.models import PaymentPrivilege, PrivilegeState
from assessment.withholders.notices import NOTIFIED, privilege_notice
from assessment.withholders.papers.privilege_notice import PrivilegeNoticeDrawer
from assessment.withholders.selectors import employees_now, outgrown, privilege_terms, privileges_list, privileges_of
from assessment.withholders.services import (
    ACTS_JA,
    APPROVE,
    GIVE_UP,
    REFUSE,
    REVOKE,
    privilege_apply,
    privilege_propose,
    privilege_withdraw,
)
from assessment.yearend.working import working_year
from taxsys.kernel import wareki
from taxsys.platform import clock
from taxsys.platform.approvals.errors import ApprovalError
from taxsys.platform.printing.engine import Book
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import requires
from taxsys.platform.ui.documents import pdf_shown
from taxsys.platform.ui.subject_token import subject_check, subject_token

FORM, TAB = "assessment.privilege", "resident-tax"
PAGE_SIZE = 50
STATES = [*PrivilegeState.choices, ("", "すべて")]


@requires(RECORD_WITHHOLDERS)
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """納期の特例の一覧 by state, with the agents that no longer meet the condition."""
    state = request.GET.get("state", PrivilegeState.APPLIED)
    state = state if state in dict(STATES) else PrivilegeState.APPLIED
    page = Paginator(privileges_list(state), PAGE_SIZE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    grown = outgrown(working_year())
    shown = {one.withholder.party_id for one in rows} | {one.withholder.party_id for one in grown}
    access_shown(sorted(shown), action="view", record_type=FORM)
    values = {
        "page": page, "rows": rows, "outgrown": grown, "state": state, "states": STATES, "here": "privileges",
        "limit": privilege_terms()["employees_below"],
    }  # fmt: skip
    return render(request, "withholders/privileges.html", values)


def _agent(withholder_id: int) -> Withholder:
    found = Withholder.objects.filter(pk=withholder_id).first()
    if found is None:
        raise Http404
    return found


def _open(agent: Withholder) -> PaymentPrivilege | None:
    return agent.privileges.filter(state__in=[PrivilegeState.APPLIED, PrivilegeState.APPROVED]).first()


def _version(agent: Withholder) -> str:
    newest = agent.privileges.first()
    return f"{newest.pk}:{newest.state}" if newest else ""


@requires(RECORD_WITHHOLDERS)
@require_safe
def page(request: HttpRequest, withholder_id: int) -> HttpResponse:
    """納期の特例 of one agent: what stands, its history, the form that can come next."""
    return _page(request, _agent(withholder_id))


def _page(
    request: HttpRequest, agent: Withholder, *, form: ApplicationForm | None = None, acting: ActForm | None = None
) -> HttpResponse:
    values = card_context(request, agent.party_id, TAB)
    standing = _open(agent)
    is_applied = standing is not None and standing.state == PrivilegeState.APPLIED
    acts = (APPROVE, REFUSE) if is_applied else (REVOKE, GIVE_UP)
    year = working_year()
    shown = form or ApplicationForm(initial={"channel": "paper"}) if standing is None else acting or ActForm()
    values |= {
        "employer": agent,
        "standing": standing,
        "is_applied": is_applied,
        "acts": [(act, ACTS_JA[act]) for act in acts],
        "history": [{"one": one, "moves": _moves_ja(one)} for one in privileges_of(agent)],
        "notified": NOTIFIED,
        "employees": employees_now([agent], tax_year=year).get(agent.designation_no, 0),
        "limit": privilege_terms()["employees_below"],
        "form": shown,
        "token": subject_token(request, form=FORM, subject=str(agent.pk), version=_version(agent)),
    }
    return render(request, "withholders/privilege.html", values, status=422 if shown.errors else 200)


def _moves_ja(privilege: PaymentPrivilege) -> list[str]:
    """Months whose due date went to another day, those of one day together."""
    found: dict[tuple[int, date, date], list[int]] = {}
    for move in privilege.moves.all():
        key = (move.tax_year, move.due_before, move.due_after)
        found.setdefault(key, []).append(move.instalment_no)
    return [
        f"{wareki.format_year(year)}年度{month_of(no)}月分　{wareki.format_short(before)}→{wareki.format_short(after)}"
        for (year, before, after), places in found.items()
        for no in sorted(places)
    ]


@requires(RECORD_WITHHOLDERS)
@require_POST
def apply(request: HttpRequest, withholder_id: int) -> HttpResponse:
    """申請を記録する."""
    staff: Any = request.user
    agent = _agent(withholder_id)
    party_require(agent.party_id, staff=staff, record_type=FORM)
    subject_check(request, form=FORM, subject=str(agent.pk), version=_version(agent))
    form = ApplicationForm(request.POST)
    if form.is_valid():
        try:
            privilege_apply(agent, form.application(), actor=staff)
        except PrivilegeRefused as error:
            form.add_error(error.field if error.field in form.fields else None, error.message_ja)
        else:
            messages.success(request, "申請を記録しました。承認か却下を起案してください。")
            return redirect("assessment-privilege", withholder_id=agent.pk)
    return _page(request, agent, form=form)


@requires(RECORD_WITHHOLDERS)
@require_POST
def act(request: HttpRequest, withholder_id: int) -> HttpResponse:
    """承認・却下・取消の起案, or 取下げ."""
    staff: Any = request.user
    agent = _agent(withholder_id)
    party_require(agent.party_id, staff=staff, record_type=FORM)
    subject_check(request, form=FORM, subject=str(agent.pk), version=_version(agent))
    form, standing = ActForm(request.POST), _open(agent)
    if standing is None:
        raise Refused(
            "R409", "この義務者に処理できる納期の特例はありません。画面を開き直してください。", reason="stale"
        )
    if form.is_valid():
        data = form.cleaned_data
        try:
            if data["act"] == "withdraw":
                privilege_withdraw(standing.pk, actor=staff, reason=data["reason"])
                messages.success(request, "申請を取り下げました。")
            else:
                on = data["ended_on"] or clock.today()
                privilege_propose(standing, data["act"], reason=data["reason"], on=on, actor=staff)
                messages.success(request, f"{ACTS_JA[data['act']]}を起案しました。別の職員の決裁で効力が生じます。")
        except PrivilegeRefused as error:
            form.add_error(error.field if error.field in form.fields else None, error.message_ja)
        except ApprovalError as error:
            form.add_error(None, error.message_ja)
        else:
            return redirect("assessment-privilege", withholder_id=agent.pk)
    return _page(request, agent, acting=form)


@requires(RECORD_WITHHOLDERS)
@never_cache
@require_safe
def paper(request: HttpRequest, privilege_id: int) -> HttpResponse:
    """通知書 (PDF) of a decided application."""
    found = PaymentPrivilege.objects.filter(pk=privilege_id, state__in=NOTIFIED).select_related("withholder").first()
    if found is None:
        raise Refused("R404", reason="not_found")
    party_require(found.withholder.party_id, action="print", staff=request.user, record_type=FORM)
    drawer = PrivilegeNoticeDrawer()
    book = Book(title=drawer.title_ja)
    drawer.draw(book, privilege_notice(found, on=clock.today()))
    return pdf_shown(bytes(book.finish()), f"privilege-{found.pk}.pdf")
