"""義務者の納入の画面: what differs, one payment with its candidates, the employees behind a month."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from addressbook.access import access_shown, party_require
from addressbook.card import card_context
from addressbook.disclosure import hidden_among
from collection.models import Channel, Charge, Method, Suspense
from collection.papers.difference_letter import DifferenceLetterDrawer
from collection.permissions import VIEW_LEDGER, WORK_SUSPENSE
from collection.search import instalment_text
from collection.selectors.account import charge_standing
from collection.views import rows
from collection.withheld.errors import AgentPaymentError
from collection.withheld.forms import SettleForm
from collection.withheld.letters import difference_letter
from collection.withheld.models import AgentPayment, PaymentFinding
from collection.withheld.selectors import (
    agent_charges,
    candidates,
    month_shares,
    month_text,
    number_history,
    payments_list,
    payments_of,
)
from collection.withheld.services import payment_settle
from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.printing.engine import Book
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import requires
from taxsys.platform.ui.documents import pdf_shown
from taxsys.platform.ui.subject_token import subject_check, subject_token

FORM = "withheld.payment"
PAGE_SIZE = 50


def _row(payment: AgentPayment, names: dict[str, str]) -> dict[str, Any]:
    return {
        "one": payment,
        "month_ja": month_text(payment.place),
        "name": names.get(payment.agent_no, "") or payment.payer_name,
        "level": "caution" if payment.is_open else "neutral",
    }


def _agents(payments: list[AgentPayment]) -> dict[str, str]:
    """Names of the agents of payments by number; what is shown is on record."""
    numbers = {one.agent_no for one in payments if one.agent_no}
    own = Charge.objects.filter(notice_no__in=numbers, method=Method.WAGE)
    parties = dict(own.values_list("notice_no", "party_id"))
    access_shown(sorted(set(parties.values()), key=str), action="view", record_type=FORM)
    names = rows.names(set(parties.values()))
    return {number: names.get(party, "") for number, party in parties.items()}


@requires(WORK_SUSPENSE)
@never_cache
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """納入の過不足の一覧: payments an officer has to look at, or all."""
    is_all = request.GET.get("show") == "all"
    page = Paginator(payments_list(only_open=not is_all), PAGE_SIZE).get_page(request.GET.get("page"))
    found: list[AgentPayment] = list(page.object_list)
    names = _agents(found)
    values = {
        "page": page, "rows": [_row(one, names) for one in found], "is_all": is_all,
        "short_yen": sum(one.short_yen for one in found), "over_yen": sum(one.over_yen for one in found),
    }  # fmt: skip
    return render(request, "withheld/payments.html", values)


@requires(WORK_SUSPENSE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, agent_payment_id: int) -> HttpResponse:
    """納入一件: what was written, what it was put to, the agent's year, candidates; worked off with a note."""
    payment = AgentPayment.objects.filter(pk=agent_payment_id).first()
    if payment is None:
        raise Refused("R404", reason="not_found")
    staff: Any = request.user
    form = SettleForm(request.POST or None)
    if request.method == "POST":
        subject_check(request, form=FORM, subject=str(payment.pk), version=str(payment.is_open))
        if form.is_valid():
            try:
                payment_settle(payment.pk, note=form.cleaned_data["note"], actor_id=staff.staff_no)
            except AgentPaymentError as error:
                form.add_error(None, error.message_ja)
            else:
                access_record(action="update", subjects=[], record_type=FORM, record_id=str(payment.pk))
                messages.success(request, "確認済にしました。")
                return redirect("agent-payments")
    values = _about(payment) | {
        "form": form,
        "token": subject_token(request, form=FORM, subject=str(payment.pk), version=str(payment.is_open)),
    }
    return render(request, "withheld/payment.html", values, status=422 if form.errors else 200)


def _about(payment: AgentPayment) -> dict[str, Any]:
    names = _agents([payment])
    numbers = {number for number in (payment.agent_no, payment.written_no) if number}
    history = number_history(payment.agent_no or payment.written_no)
    related = sorted({row.old_no for row in history} | {row.new_no for row in history} | numbers)
    suspense = Suspense.objects.filter(
        receipt__external_key=payment.payment_key, receipt__channel=Channel.WAGE, remaining_yen__gt=0
    ).first()
    is_unknown = {PaymentFinding.UNKNOWN, PaymentFinding.NO_NUMBER} & set(payment.findings)
    found = candidates(payment) if is_unknown else []
    access_shown(sorted({one.party_id for one in found}, key=str), action="view", record_type=FORM)
    candidate_names = rows.names({one.party_id for one in found})
    return {
        "payment": payment,
        "row": _row(payment, names),
        "months": [
            {"standing": charge_standing(one.pk, as_of=clock.today()), "month_ja": month_text(one.instalment_no)}
            for one in agent_charges(related, tax_year=payment.tax_year)
        ],
        "history": history,
        "others": [_row(other, names) for other in payments_of(numbers) if other.pk != payment.pk],
        "candidates": [{"one": one, "name": candidate_names.get(one.party_id, "")} for one in found],
        "suspense_url": reverse("collection-suspense-page", args=[suspense.pk]) if suspense else "",
    }


@requires(WORK_SUSPENSE)
@never_cache
@require_safe
def letter(request: HttpRequest, agent_payment_id: int) -> HttpResponse:
    """過不足のお知らせ (PDF) to the agent a payment was put to, as the books stand today."""
    payment = AgentPayment.objects.filter(pk=agent_payment_id).exclude(agent_no="").first()
    paper = None
    if payment is not None:
        paper = difference_letter(payment.agent_no, tax_year=payment.tax_year, on=clock.today())
    if payment is None or paper is None:
        raise Refused("R404", "納期限の過ぎた不足も、納め過ぎもありません。", reason="not_found")
    party_id = agent_charges([payment.agent_no], tax_year=payment.tax_year)[0].party_id
    party_require(party_id, action="print", staff=request.user, record_type=FORM)
    drawer = DifferenceLetterDrawer()
    book = Book(title=drawer.title_ja)
    drawer.draw(book, paper)
    return pdf_shown(bytes(book.finish()), f"agent-{payment.pk}.pdf")


@requires(VIEW_LEDGER)
@never_cache
@require_safe
def month(request: HttpRequest, charge_id: int) -> HttpResponse:
    """月の受給者別の内訳: shares and what of each the agent's payments have covered."""
    charge = Charge.objects.filter(pk=charge_id, method=Method.WAGE).select_related("tax_kind").first()
    if charge is None:
        raise Refused("R404", reason="not_found")
    values = card_context(request, charge.party_id, "collection")
    today = clock.today()
    shares = month_shares(charge, as_of=today)
    people = [one.employee_id for one in shares]
    hidden = hidden_among(people, today) if people else set()
    access_shown([one for one in people if one not in hidden], action="view", record_type=FORM)
    values |= {
        "charge": charge,
        "month_ja": instalment_text(charge),
        "standing": charge_standing(charge.pk, as_of=today),
        # Where a protected person works is not to be told (N-087), nor guessed from the place in the list.
        "shares": [
            {"one": one, "is_hidden": one.employee_id in hidden}
            for one in sorted(shares, key=lambda one: (one.employee_id in hidden, one.person_no))
        ],
    }
    return render(request, "withheld/month.html", values)
