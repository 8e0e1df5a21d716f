"""払込の指示の画面: what is owed to the prefecture, paid, taken back; the printed statement."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from collection.closing.errors import PeriodClosedError
from collection.closing.models import Remittance
from collection.papers.prefecture_paper import PrefecturePaperDrawer
from collection.permissions import RELEASE_REMITTANCE, REMIT
from collection.remitting.errors import RemittingError
from collection.remitting.forms import CashForm, RecallForm
from collection.remitting.models import OrderState, RemittanceOrder
from collection.remitting.papers import statement
from collection.remitting.services import order_make, order_pay, order_recall
from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.printing.engine import Book
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import has_permission, requires
from taxsys.platform.ui.documents import pdf_shown

RECORD = "remittance_order"


def actor_of(request: HttpRequest) -> str:
    """The officer as the books name an actor."""
    staff: Any = request.user
    return f"staff:{staff.staff_no}"


@requires(REMIT)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def order(request: HttpRequest, remittance_id: int) -> HttpResponse:
    """払込の指示 of a month: its amounts and entries, the record of the payment, earlier orders taken back."""
    month, live = _found(remittance_id)
    form = CashForm(request.POST or None, initial={"on": clock.today()})
    if request.method == "POST" and live is not None and form.is_valid():
        try:
            order_pay(
                live.pk, paid_on=form.cleaned_data["on"], reference=form.cleaned_data["reference"],
                actor=actor_of(request),
            )  # fmt: skip
        except (RemittingError, PeriodClosedError) as error:
            form.add_error("on", error.message_ja)
        else:
            access_record(action="update", record_type=RECORD, record_id=str(live.pk))
            messages.success(request, f"払込済を記録しました（{live.net_yen:,}円）。")
            return redirect("remittance-order", month.pk)
    access_record(action="view", record_type=RECORD, record_id=str(month.pk))
    return render(request, "remitting/order.html", _values(request, month, live, form), status=_status(form))


def _status(form: Any) -> int:
    return 422 if form.errors else 200


def _values(request: HttpRequest, month: Remittance, live: RemittanceOrder | None, form: Any) -> dict[str, Any]:
    may = has_permission(request.user, RELEASE_REMITTANCE)
    return {
        "month": month,
        "live": live,
        "orders": month.orders.order_by("-attempt"),
        "form": form,
        "recall": RecallForm(),
        "may_recall": may and live is not None and actor_of(request) not in {live.ordered_by, live.paid_by},
        "may_order": may and live is None and month.state == "decided",
    }


def _found(remittance_id: int) -> tuple[Remittance, RemittanceOrder | None]:
    month = Remittance.objects.filter(pk=remittance_id).first()
    if month is None:
        raise Refused("R404", reason="not_found")
    return month, month.orders.exclude(state=OrderState.RECALLED).first()


@requires(RELEASE_REMITTANCE)
@never_cache
@require_http_methods(["POST"])
def recall(request: HttpRequest, remittance_id: int) -> HttpResponse:
    """払込の取消 by another person, or the order made anew after one was taken back."""
    month, live = _found(remittance_id)
    form = RecallForm(request.POST if live is not None else None)
    fault = ""
    try:
        if live is None:
            order_make(month.pk, actor=actor_of(request), ordered_on=clock.today())
            messages.success(request, "払込を指示し直しました。")
        elif form.is_valid():
            order_recall(live.pk, reason_ja=form.cleaned_data["reason"], actor=actor_of(request))
            messages.success(request, "払込を取り消し、仕訳を反対仕訳で戻しました。")
    except (RemittingError, PeriodClosedError) as error:
        fault = error.message_ja
    if fault or form.errors:
        values = _values(request, month, live, CashForm(initial={"on": clock.today()}))
        return render(request, "remitting/order.html", values | {"recall": form, "fault": fault}, status=422)
    access_record(action="update", record_type=RECORD, record_id=str(month.pk))
    return redirect("remittance-order", month.pk)


@requires(REMIT)
@never_cache
@require_safe
def paper(request: HttpRequest, remittance_id: int) -> HttpResponse:
    """払込明細書 (PDF) of the live order."""
    month, live = _found(remittance_id)
    if live is None:
        raise Refused("R404", "払込の指示がありません。", reason="not_found")
    access_record(action="print", record_type=RECORD, record_id=str(live.pk))
    drawer = PrefecturePaperDrawer()
    book = Book(title=drawer.title_ja)
    drawer.draw(book, statement(live, issued_on=clock.today()))
    return pdf_shown(bytes(book.finish()), f"haraikomi-{month.month_on:%Y%m}.pdf")
