"""過誤納・還付・充当 (S7): what waits, the plan of one party before it is proposed, the decision and its payments."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from addressbook.access import access_shown, party_require
from addressbook.card import card_context
from collection.closing.errors import PeriodClosedError
from collection.errors import RefundError
from collection.forms_refunds import AnswerForm, GroundForm, PaymentForm, PlanForm, RemoteAnswerForm
from collection.models import Charge, DebitMandate, Overpayment, PayoutWay, RefundDecision, RefundFile, RefundPayment
from collection.papers.refund_notice import RefundNoticeDrawer
from collection.payouts.remote import remote_answer
from collection.payouts.ways import pay_by
from collection.permissions import WORK_REFUND
from collection.rules.interest_rates import RateMissingError
from collection.rules.refund_interest import RefundDateMissingError
from collection.selectors import refunds as found
from collection.services.refund_notices import notice_pieces
from collection.services.refund_payments import may_void, payment_void, refund_file_answer
from collection.services.refunds import refund_propose
from collection.views import rows
from taxsys.platform import clock
from taxsys.platform.printing.engine import Book
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import requires
from taxsys.platform.staff.models import Staff
from taxsys.platform.ui.documents import pdf_shown


@requires(WORK_REFUND)
@never_cache
@require_safe
def refund_list(request: HttpRequest) -> HttpResponse:
    """還付・充当の一覧: overpayments nobody has proposed, what waits for approval, for an account, for the bank."""
    waiting, stages = found.waiting(), found.decisions_by_state()
    owing = found.open_yen_by_party({one.party_id for one in waiting}, due_by=clock.today())
    ends = found.decision_claim_ends(stages["without_account"])
    parties = {one.party_id for one in waiting} | {one.party_id for group in stages.values() for one in group}
    mandates = DebitMandate.objects.in_force(clock.today()).filter(party_id__in=parties)
    drawn = set(mandates.values_list("party_id", flat=True))
    names = rows.names(parties)
    access_shown(sorted(parties, key=str), action="view", record_type="overpayment")
    count = Counter(one.party_id for one in waiting)
    values = {
        "waiting": [
            {
                "one": one,
                "name": names.get(one.party_id, ""),
                "instalment_ja": rows.instalment_ja(one.charge),
                "ends_on": found.claim_ends_on(one),
                "is_ending": (found.claim_ends_on(one) - clock.today()).days <= found.ENDING_DAYS,
                "of_party": count[one.party_id],
                "owing_yen": owing.get(one.party_id, 0),
                "has_account": one.party_id in drawn,
                "interest_yen": found.interest_today(one),
            }
            for one in waiting
        ],
        "waiting_yen": sum(one.remaining_yen for one in waiting),
        "proposed": [{"one": one, "name": names.get(one.party_id, "")} for one in stages["proposed"]],
        "without_account": [
            {
                "one": one,
                "name": names.get(one.party_id, ""),
                "has_account": one.party_id in drawn,
                "ends_on": ends[one.pk],
                "is_ending": (ends[one.pk] - clock.today()).days <= found.ENDING_DAYS,
            }
            for one in stages["without_account"]
        ],
        "files": list(RefundFile.objects.order_by("-transfer_on", "-sequence")[:20]),
    }
    return render(request, "collection/refunds.html", values)


@requires(WORK_REFUND)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def refund_plan_page(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """還付・充当の起案: choose overpayments, their ground and the day; offsets, refund and interest are shown first."""
    values = card_context(request, party_id, "collection")
    party_id = values["party"].pk
    waiting = found.waiting(party_id)
    plan_form, ground_forms = _plan_forms(request, waiting)
    grounds = _chosen(plan_form, ground_forms)
    plan = None
    if grounds:
        chosen = [one for one in waiting if one.pk in grounds]
        decided_on = plan_form.cleaned_data["decided_on"]
        try:
            if "propose" in request.POST and isinstance(request.user, Staff):
                decision = refund_propose(party_id, grounds, decided_on=decided_on, actor=request.user)
                messages.success(request, f"還付番号{decision.refund_no}を起案しました。決裁を待っています。")
                return redirect("collection-refund", decision_id=decision.pk)
            plan = found.refund_plan(party_id, chosen, grounds, decided_on=decided_on)
        except RefundError as error:
            plan_form.add_error(None, error.message_ja)
        except (RateMissingError, RefundDateMissingError) as error:
            plan_form.add_error(None, str(error))
    values |= {
        "form": plan_form,
        "rows": [
            {"one": one, "form": form, "instalment_ja": rows.instalment_ja(one.charge), "receipt": one.receipt}
            for one, form in zip(waiting, ground_forms, strict=True)
        ],
        "plan": plan and _plan_rows(plan, {one.pk: one for one in waiting}),
        "totals": plan,
    }
    has_errors = bool(plan_form.errors) or any(form.errors for form in ground_forms)
    return render(request, "collection/refund_plan.html", values, status=422 if has_errors else 200)


def _plan_forms(request: HttpRequest, waiting: list[Overpayment]) -> tuple[PlanForm, list[GroundForm]]:
    data = request.POST if request.method == "POST" else None
    grounds = [
        GroundForm(data, prefix=f"o{one.pk}", initial=_ground_initial(found.usual_ground(one))) for one in waiting
    ]
    return PlanForm(data, initial={"decided_on": clock.today()}), grounds


def _ground_initial(usual: found.Ground) -> dict[str, Any]:
    return {
        "take": True,
        "ground": usual.code,
        "request_on": usual.request_on,
        "correction_on": usual.correction_on,
        "tax_office_notice_on": usual.tax_office_notice_on,
    }


def _chosen(plan_form: PlanForm, ground_forms: list[GroundForm]) -> dict[int, found.Ground]:
    """The overpayments taken with their grounds; nothing before it is sent, nor while a form has errors."""
    if not plan_form.is_bound:
        return {}
    if not plan_form.is_valid() or not all(form.is_valid() for form in ground_forms):
        return {}
    chosen = {form.key: form.ground_of() for form in ground_forms if form.cleaned_data["take"]}
    if not chosen:
        plan_form.add_error(None, "還付・充当する過誤納金を選んでください。")
    return chosen


def _plan_rows(plan: found.RefundPlan, overpayments: dict[int, Overpayment]) -> list[dict[str, Any]]:
    charges = Charge.objects.select_related("tax_kind").in_bulk(list(plan.standings))
    return [
        {
            "one": overpayments[line.surplus.key],
            "line": line,
            "offsets": [
                {
                    "offset": offset,
                    "charge": charges[offset.claim],
                    "instalment_ja": rows.instalment_ja(charges[offset.claim]),
                    "component_ja": rows.component_ja(offset.component),
                }
                for offset in line.offsets
            ],
        }
        for line in plan.lines
    ]


@requires(WORK_REFUND)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def refund_page(request: HttpRequest, decision_id: int) -> HttpResponse:
    """還付充当の決定: lines with the steps of the interest, payments so far, and the next payment."""
    decision = _decision(decision_id)
    party = party_require(decision.party_id, action="view", staff=request.user, record_type="refund_decision")
    form = PaymentForm(request.POST if request.method == "POST" else None, initial=_payment_initial(decision))
    if form.is_bound and form.is_valid() and isinstance(request.user, Staff):
        try:
            payment = pay_by(form, decision, actor=request.user)
        except RefundError as error:
            form.add_error(None, error.message_ja)
        else:
            messages.success(request, f"支払番号{payment.instruction_no} {payment.amount_yen:,}円を登録しました。")
            return redirect("collection-refund", decision_id=decision.pk)
    payments = list(decision.payments.select_related("file").order_by("pk"))
    names = rows.names([one.payee_id for one in payments])
    values = {
        "party": party,
        "decision": decision,
        "form": form,
        "lines": _lines(decision),
        "payments": [{"one": one, "name": names.get(one.payee_id, ""), "may_void": may_void(one)} for one in payments],
        "ends_on": found.decision_claim_ends([decision]).get(decision.pk) if decision.unpaid_yen else None,
        "may_pay": decision.state == "decided" and decision.unpaid_yen > 0,
    }
    return render(request, "collection/refund.html", values, status=422 if form.errors else 200)


def _decision(decision_id: int) -> RefundDecision:
    decision = RefundDecision.objects.filter(pk=decision_id).first()
    if decision is None:
        raise Refused("R404", reason="not_found")
    return decision


def _lines(decision: RefundDecision) -> list[dict[str, Any]]:
    lines = decision.lines.select_related("overpayment__charge__tax_kind").prefetch_related("offsets__charge__tax_kind")
    return [
        {
            "line": line,
            "instalment_ja": rows.instalment_ja(line.overpayment.charge),
            "offsets": [
                {
                    "offset": offset,
                    "instalment_ja": rows.instalment_ja(offset.charge),
                    "component_ja": rows.component_ja(offset.component),
                }
                for offset in sorted(line.offsets.all(), key=lambda one: one.pk)
            ],
        }
        for line in lines.order_by("pk")
    ]


def _payment_initial(decision: RefundDecision) -> dict[str, Any]:
    """The whole rest, to the account on the claim form."""
    return {"amount": decision.unpaid_yen, "payee_kind": "self", "way": "claim"}


@requires(WORK_REFUND)
@require_POST
def refund_payment_void(request: HttpRequest, payment_id: int) -> HttpResponse:
    """支払の取消 before it is sent."""
    payment = RefundPayment.objects.filter(pk=payment_id).first()
    if payment is None or not isinstance(request.user, Staff):
        raise Refused("R404", reason="not_found")
    try:
        payment_void(payment.pk, actor=request.user)
    except RefundError as error:
        messages.error(request, error.message_ja)
    else:
        messages.success(request, f"支払番号{payment.instruction_no}を取り消しました。")
    return redirect("collection-refund", decision_id=payment.decision_id)


@requires(WORK_REFUND)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def refund_file_page(request: HttpRequest, refund_file_id: int) -> HttpResponse:
    """還付支払データ: its payments, and once sent the result: what failed and why, the rest is paid (隔地払: each)."""
    file = RefundFile.objects.filter(pk=refund_file_id).first()
    if file is None:
        raise Refused("R404", reason="not_found")
    payments = list(file.payments.select_related("decision").order_by("pk"))
    is_remote = file.way == PayoutWay.REMOTE
    form_class = RemoteAnswerForm if is_remote else AnswerForm
    forms = [form_class(request.POST if request.method == "POST" else None, prefix=f"p{one.pk}") for one in payments]
    if request.method == "POST" and all(form.is_valid() for form in forms) and isinstance(request.user, Staff):
        if is_remote:
            _remote_answers(request, file, forms)
            return redirect("collection-refund-file", refund_file_id=file.pk)
        failures = {form.key: form.cleaned_data["reason"] for form in forms if form.cleaned_data["failed"]}
        try:
            refund_file_answer(file.pk, failures, actor=request.user)
        except (RefundError, PeriodClosedError) as error:
            messages.error(request, error.message_ja)
        else:
            done = len(payments) - len(failures)
            messages.success(request, f"結果を登録しました。支払済{done:,}件、振込不能{len(failures):,}件。")
        return redirect("collection-refund-file", refund_file_id=file.pk)
    names = rows.names([one.payee_id for one in payments])
    access_shown(sorted({one.payee_id for one in payments}, key=str), action="view", record_type="refund_file")
    has_errors = any(form.errors for form in forms)
    values = {
        "file": file,
        "rows": [
            {"one": one, "name": names.get(one.payee_id, ""), "form": form}
            for one, form in zip(payments, forms, strict=True)
        ],
        "has_errors": has_errors,
    }
    return render(request, "collection/refund_file.html", values, status=422 if has_errors else 200)


def _remote_answers(request: HttpRequest, file: RefundFile, forms: list[Any]) -> None:
    """The results entered, all of them or none."""
    told = [form for form in forms if form.cleaned_data["result"]]
    try:
        with transaction.atomic():
            for form in told:
                given = form.cleaned_data
                paid_on = given["paid_on"] if given["result"] == "paid" else None
                remote_answer(form.key, paid_on=paid_on, reason_ja=given["reason"], actor=request.user)  # type: ignore[arg-type]
    except (RefundError, PeriodClosedError) as error:
        messages.error(request, error.message_ja)
    else:
        messages.success(request, f"結果を登録しました。{len(told):,}件。")


@requires(WORK_REFUND)
@never_cache
@require_safe
def refund_paper(request: HttpRequest, decision_id: int) -> HttpResponse:
    """還付充当通知書 (PDF) of one decision, as the package prints it."""
    decision = _decision(decision_id)
    if decision.state != "decided":
        raise Refused("R404", reason="not_found")
    party_require(decision.party_id, action="print", staff=request.user, record_type="refund_decision")
    drawer = RefundNoticeDrawer()
    book = Book(title=drawer.title_ja)
    drawer.draw(book, notice_pieces([decision.refund_no])[0].paper)
    return pdf_shown(bytes(book.finish()), f"refund-{decision.refund_no}.pdf")
