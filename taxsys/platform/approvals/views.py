"""決裁の画面: the queue, one proposal with its difference, and the decision."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from taxsys.platform.approvals import registry, selectors
from taxsys.platform.approvals.authority import Authority, authority_get, kinds_for, versions_of
from taxsys.platform.approvals.effects import effect_of
from taxsys.platform.approvals.errors import (
    AlreadyDecided,
    ContentChanged,
    NotEntitled,
    OwnProposal,
    ProposalVoid,
    ReasonMissing,
)
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.permissions import DECIDE, VIEW_QUEUE
from taxsys.platform.approvals.services import REWORKED, approval_decide, approval_withdraw, void_reason
from taxsys.platform.audit.services import access_record
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import has_permission, requires

PAGE_SIZE = 50


class DecisionForm(forms.Form):
    """決裁の入力: the decision, its reason and the hash of what was shown."""

    decision = forms.ChoiceField(choices=(("approve", "承認"), ("send_back", "差戻し"), ("reject", "否認")))
    reason = forms.CharField(
        label="理由",
        required=False,
        max_length=500,
        help_text="差戻し・否認のときは必ず入力してください。",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    seen_hash = forms.CharField(widget=forms.HiddenInput)


def _titled(approvals: Any, *, reader: Any = None) -> list[dict[str, Any]]:
    """Rows of a list; for the `reader` of the queue those that would be decided as a deputy are marked."""
    titles = {entry.kind: entry.title_ja for entry in registry.all_kinds()}
    own = set(kinds_for(reader)) if reader is not None else set(titles)
    return [
        {
            "approval": approval,
            "kind_ja": titles.get(approval.kind, approval.kind),
            "deputy_ja": "" if approval.kind in own else "代決",
        }
        for approval in approvals
    ]


@requires(VIEW_QUEUE)
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """決裁待ち: what this officer may decide, oldest first."""
    page = Paginator(selectors.waiting_for(request.user), PAGE_SIZE).get_page(request.GET.get("page"))  # type: ignore[arg-type]
    access_record(action="view", record_type="approval", count=len(page.object_list))
    return render(
        request,
        "approvals/queue.html",
        {"page": page, "rows": _titled(page.object_list, reader=request.user), "view": "queue"},
    )


@requires(VIEW_QUEUE)
@require_safe
def own(request: HttpRequest) -> HttpResponse:
    """自分の起案: own proposals and what became of them."""
    page = Paginator(selectors.proposed_by(request.user), PAGE_SIZE).get_page(request.GET.get("page"))  # type: ignore[arg-type]
    access_record(action="view", record_type="approval", count=len(page.object_list))
    return render(request, "approvals/queue.html", {"page": page, "rows": _titled(page.object_list), "view": "own"})


def _authority(staff: Any, approval: Approval) -> Authority | None:
    if approval.state != Approval.State.PROPOSED or not has_permission(staff, DECIDE):
        return None
    try:
        return authority_get(staff, approval)
    except (OwnProposal, NotEntitled):
        return None


def _detail_values(request: HttpRequest, approval: Approval) -> dict[str, Any]:
    staff: Any = request.user
    entry = registry.get(approval.kind)
    is_own = approval.proposed_by_id == staff.pk
    is_open = approval.state == Approval.State.PROPOSED
    authority = _authority(staff, approval)
    can_rework = is_own and approval.state in REWORKED and entry.rework and not hasattr(approval, "next")
    return {
        "approval": approval,
        "kind_ja": entry.title_ja,
        "rows": selectors.difference(approval),
        "reworked": selectors.reworked(approval),
        "versions": versions_of(approval)[1:],
        "effect": effect_of(approval),
        "rework_url": entry.rework(approval) if can_rework and entry.rework else "",
        "is_own": is_own,
        "is_open": is_open,
        "authority": authority,
        "can_decide": authority is not None,
        "void_reason": void_reason(approval) if is_open else "",
    }


@requires(VIEW_QUEUE)
@require_safe
def detail(request: HttpRequest, approval_id: UUID) -> HttpResponse:
    """一件の決裁: before and after, who proposed it, and the buttons where the officer may decide."""
    approval = get_object_or_404(selectors.visible_to(request.user), pk=approval_id)  # type: ignore[arg-type]
    subjects = registry.get(approval.kind).subjects
    access_record(
        action="view",
        subjects=subjects(approval) if subjects else [],
        record_type="approval",
        record_id=str(approval.pk),
    )
    values = _detail_values(request, approval)
    values["form"] = DecisionForm(initial={"seen_hash": approval.content_hash})
    return render(request, "approvals/detail.html", values)


@requires(DECIDE)
@require_POST
def decide(request: HttpRequest, approval_id: UUID) -> HttpResponse:
    """決裁する: approve, send back or reject exactly the content that was shown."""
    staff: Any = request.user
    approval = get_object_or_404(selectors.visible_to(staff), pk=approval_id)
    form = DecisionForm(request.POST)
    if form.is_valid():
        try:
            decided = approval_decide(approval_id, actor=staff, **form.cleaned_data)
        except OwnProposal as error:
            raise Refused("R403-OWN", error.message_ja, reason="own_proposal") from error
        except NotEntitled as error:
            raise Refused("R403", error.message_ja, reason="not_entitled") from error
        except AlreadyDecided as error:
            raise Refused("R409-DECIDED", error.message_ja, reason="already_decided") from error
        except ProposalVoid as error:
            raise Refused("R409", error.message_ja, reason="proposal_void") from error
        except ContentChanged as error:
            raise Refused("R409", error.message_ja, reason="content_changed") from error
        except ReasonMissing as error:
            form.add_error("reason", error.message_ja)
        else:
            access_record(action="update", record_type="approval", record_id=str(decided.pk), reason=decided.state)
            told = f"「{decided.title_ja}」を{decided.get_state_display()}にしました。"
            if decided.decided_for is not None:
                told += f"（{decided.decided_for.name}の代決）"
            messages.success(request, told)
            return redirect("approvals-queue")
    return render(request, "approvals/detail.html", {**_detail_values(request, approval), "form": form}, status=422)


@requires(VIEW_QUEUE)
@require_POST
def withdraw(request: HttpRequest, approval_id: UUID) -> HttpResponse:
    """取り下げる: the proposer takes the own open proposal back."""
    staff: Any = request.user
    get_object_or_404(selectors.proposed_by(staff), pk=approval_id)
    try:
        withdrawn = approval_withdraw(approval_id, actor=staff)
    except AlreadyDecided as error:
        raise Refused("R409-DECIDED", error.message_ja, reason="already_decided") from error
    access_record(action="update", record_type="approval", record_id=str(withdrawn.pk), reason="withdrawn")
    messages.success(request, f"「{withdrawn.title_ja}」を取り下げました。")
    return redirect("approvals-own")
