"""突合: the work list of papers bound to nobody, their candidates with what agreed, and the acts of the clerk."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from addressbook.access import access_shown, number_use
from addressbook.disclosure import HIDDEN_TEXT, hidden_among
from addressbook.models import Party
from addressbook.services.matching import MatchResult
from assessment.errors import AssessmentError, MatchRefused
from assessment.models import SourceDocument, SourceKind, SourceState
from assessment.permissions import MATCH_SOURCES, VIEW_SOURCES
from assessment.sources import matching, selectors
from assessment.views.document_page import PURPOSE, candidates_for, document_values, version_of
from assessment.views.people import officer_names
from taxsys.kernel import wareki
from taxsys.platform import clock
from taxsys.platform.approvals.errors import AlreadyProposed
from taxsys.platform.approvals.models import Approval
from taxsys.platform.audit.services import access_record
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import has_permission, requires
from taxsys.platform.ui.subject_token import subject_check

PAGE_SIZE = 50
STATES = (
    (SourceState.UNMATCHED, "突合不能"),
    (SourceState.HELD, "保留(元がない・重なる)"),
    (SourceState.DUPLICATE, "重複"),
    (SourceState.FORWARDED, "回送"),
)
_PROPOSED = "番号が合わないため、決裁に回しました。別の職員の決裁で突合されます。"


@requires(VIEW_SOURCES)
@require_safe
def unmatched(request: HttpRequest) -> HttpResponse:
    """突合不能資料の一覧, oldest first; best candidate and reason for those who may match."""
    staff: Any = request.user
    state = request.GET.get("state", SourceState.UNMATCHED)
    state = state if state in dict(STATES) else SourceState.UNMATCHED
    kind = request.GET.get("kind", "")
    rows = selectors.work_list(state, kind=kind)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    papers: list[SourceDocument] = list(page.object_list)
    may_match = state == SourceState.UNMATCHED and has_permission(staff, MATCH_SOURCES)
    found = candidates_for(papers, staff if may_match else None)
    parties = {one.party_id for result in found.values() for one in result.candidates}
    hidden = hidden_among(sorted(parties), clock.today()) if parties else set()
    access_shown(sorted(parties), action="view", record_type="assessment.unmatched")
    values = {
        "page": page,
        "rows": [_row(paper, found[paper.pk], hidden, may_match=may_match) for paper in papers],
        "state": state,
        "states": STATES,
        "kind": kind,
        "kinds": SourceKind.choices,
        "here": "unmatched",
    }
    return render(request, "assessment/unmatched.html", values)


def _row(paper: SourceDocument, result: MatchResult, hidden: set[UUID], *, may_match: bool) -> dict[str, Any]:
    is_hidden = any(one.party_id in hidden for one in result.candidates)
    scores = [matching.shown_score(one, is_masked=one.party_id in hidden) for one in result.candidates]
    return {
        "paper": paper,
        "address_ja": HIDDEN_TEXT if is_hidden and paper.address else paper.address,
        "count": len(scores) if may_match else None,
        "best": max(scores, default=None) if may_match else None,
        "reason_ja": matching.reason_ja(result) if may_match else "",
    }


class AttachForm(forms.Form):
    """突合の入力: a candidate, or the 宛名番号 of somebody else, and the reason."""

    party = forms.UUIDField(label="候補", required=False)
    person_no = forms.CharField(
        label="候補にない宛名の宛名番号", required=False, max_length=15, help_text="候補を選んだときは空けておきます。"
    )
    reason = forms.CharField(
        label="理由", max_length=200, error_messages={"required": "理由を入力してください。"},
        help_text="何で本人と確かめたかを書きます。",
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Exactly one party."""
        cleaned = super().clean() or {}
        person_no = str(cleaned.get("person_no") or "").strip()
        if bool(cleaned.get("party")) == bool(person_no):
            raise forms.ValidationError("候補を一つ選ぶか、宛名番号を入力してください(両方は指定できません)。")
        if person_no:
            party = Party.objects.filter(person_no=person_no).values_list("pk", flat=True).first()
            if party is None:
                self.add_error("person_no", "この宛名番号の宛名はありません。")
            cleaned["party"] = party
        return cleaned


class ReasonForm(forms.Form):
    """取消・回送の入力."""

    reason = forms.CharField(label="理由", max_length=200, error_messages={"required": "理由を入力してください。"})


def _act(
    request: HttpRequest, document_id: int, form: forms.Form, act: Callable[[SourceDocument], Any], done_ja: str
) -> HttpResponse:
    """Check the token, act, and answer: back to the list, or the page again with what was wrong."""
    paper = selectors.document_get(document_id)
    if paper is None:
        raise Http404
    subject_check(request, form="document", subject=str(paper.pk), version=version_of(paper),
                  changed_ja=_who_changed(paper))  # fmt: skip
    if form.is_valid():
        try:
            with number_use(MATCH_SOURCES, purpose=PURPOSE, staff=request.user):
                answer = act(paper)
        except MatchRefused as error:
            if not error.field:
                raise Refused("R409", error.message_ja, reason=error.code) from error
            form.add_error(error.field if error.field in form.fields else None, error.message_ja)
        except AssessmentError as error:
            raise Refused("R404", reason=error.code) from error
        except AlreadyProposed as error:
            raise Refused("R409", error.message_ja, reason=error.code) from error
        else:
            subjects = {str(one) for one in (paper.party_id, getattr(answer, "party_id", None)) if one}
            access_record(action="update", subjects=sorted(subjects), record_type="assessment.document",
                          record_id=str(paper.pk), tax_year=paper.tax_year)  # fmt: skip
            messages.success(request, _PROPOSED if isinstance(answer, Approval) else done_ja)
            return redirect("assessment-unmatched")
    values = {**document_values(request, paper), "form": form}
    return render(request, "assessment/document.html", values, status=422)


def _who_changed(paper: SourceDocument) -> str:
    last = paper.match_events.order_by("-pk").first()
    if last is None:
        return ""
    name = officer_names([last.actor_id]).get(last.actor_id, "バッチ")
    return f"{name}が{timezone.localtime(last.recorded_at):%H:%M}にこの資料を処理しました。画面を開き直してください。"


@requires(MATCH_SOURCES)
@require_POST
def attach(request: HttpRequest, document_id: int) -> HttpResponse:
    """突合する."""
    staff: Any = request.user
    form = AttachForm(request.POST)
    return _act(
        request,
        document_id,
        form,
        lambda paper: matching.match_attach(
            paper.pk, form.cleaned_data["party"], actor=staff, reason=form.cleaned_data["reason"]
        ),
        "資料を突合しました。",
    )


def _with_reason(
    request: HttpRequest, document_id: int, service: Callable[..., SourceDocument], done_ja: str
) -> HttpResponse:
    form = ReasonForm(request.POST)
    actor_id = getattr(request.user, "staff_no", "")
    return _act(
        request,
        document_id,
        form,
        lambda paper: service(paper.pk, actor_id=actor_id, reason=form.cleaned_data["reason"]),
        done_ja,
    )


@requires(MATCH_SOURCES)
@require_POST
def detach(request: HttpRequest, document_id: int) -> HttpResponse:
    """突合を取り消す."""
    return _with_reason(
        request, document_id, matching.match_detach, "突合を取り消しました。資料は突合不能の一覧に戻りました。"
    )


@requires(MATCH_SOURCES)
@require_POST
def forward(request: HttpRequest, document_id: int) -> HttpResponse:
    """当市の資料ではない(回送)."""
    return _with_reason(request, document_id, matching.document_forward, "資料を回送にしました。")


@requires(MATCH_SOURCES)
@require_POST
def take_back(request: HttpRequest, document_id: int) -> HttpResponse:
    """回送を取り消す."""
    return _with_reason(request, document_id, matching.document_take_back, "回送を取り消しました。")


def match_difference(approval: Approval) -> list[tuple[str, str, str]]:
    """What the second person sees: the paper beside the party, by name, kana and birth date (never a number)."""
    content = approval.content
    paper = selectors.document_get(int(content["document"]))
    party = Party.objects.filter(pk=content["party"]).first()
    if paper is None or party is None:
        return []
    paired: Sequence[tuple[str, str, str]] = (
        ("氏名", paper.name, party.name),
        ("カナ", paper.name_kana, party.name_kana),
        ("生年月日", _day(paper.birth_on), _day(party.birth_on)),
    )
    return [
        ("資料", f"{paper.get_kind_display()}({paper.pk})", f"宛名番号 {party.person_no}"),
        *paired,
        ("個人番号", "資料の番号", matching.REASONS_JA[str(content["found"])]),
        ("起案の理由", "", str(content["reason"])),
    ]


def _day(day: Any) -> str:
    return wareki.format_long(day) if day else "なし"
