"""束の二人入力: the office makes bundles, follows them, decides differences; the keyers key and see nothing else."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from assessment.entry.bundles import (
    LEDGER,
    MAX_PAPERS,
    BundleDraft,
    agreed_values,
    bundle_form,
    bundle_make,
    difference_decide,
    paper_key,
    paper_return,
    turn_of,
)
from assessment.entry.checks import Problem
from assessment.entry.forms import PaperEntryForm
from assessment.entry.models import BundlePaper, EntryBundle, PaperState
from assessment.entry.paper_forms import FORM_CHOICES
from assessment.entry.selectors import bundles_progress, current_year, next_paper, own_bundles, years_open
from assessment.errors import EntryRefused
from assessment.permissions import KEY_PAPERS, MANAGE_BUNDLES
from assessment.views.entry import add_problems, form_checks, warned_values
from taxsys.kernel import wareki
from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.registers.models import RegisterRow
from taxsys.platform.registers.selectors import row_choices
from taxsys.platform.staff.access import requires
from taxsys.platform.staff.models import Staff
from taxsys.platform.ui.forms import WarekiDateField

# The bundle says when the papers came; a keyer types what stands on the paper.
OMITTED = ("arrived_on",)


class BundleForm(forms.Form):
    """束の作成."""

    title = forms.CharField(label="件名", max_length=100, help_text="例：給与支払報告書 第12束")
    form_code = forms.ChoiceField(label="様式", choices=FORM_CHOICES)
    tax_year = forms.TypedChoiceField(label="課税年度", coerce=int)
    arrived_on = WarekiDateField(label="受付日")
    paper_count = forms.IntegerField(
        label="枚数", min_value=1, max_value=MAX_PAPERS,
        error_messages={"max_value": f"{MAX_PAPERS}枚までです。束を分けてください。"},
    )  # fmt: skip
    first_keyer = forms.CharField(label="一人目の入力者（職員番号）", max_length=20)
    second_keyer = forms.CharField(label="二人目の入力者（職員番号）", max_length=20)
    ledger_row = forms.ChoiceField(
        label="受払簿", required=False, help_text="委託先が入力するときは、データ入力の受払簿の行を選びます。"
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        years = [(str(year), wareki.format_year(year)) for year in years_open()]
        self.fields["tax_year"].choices = years  # type: ignore[attr-defined]
        self.fields["ledger_row"].choices = [("", "なし（職員が入力）"), *row_choices(LEDGER)]  # type: ignore[attr-defined]

    def clean_first_keyer(self) -> Staff:
        """The officer of this number."""
        return _keyer(self.cleaned_data["first_keyer"])

    def clean_second_keyer(self) -> Staff:
        """The officer of this number."""
        return _keyer(self.cleaned_data["second_keyer"])

    def draft(self) -> BundleDraft:
        """The bundle as asked for; call after is_valid."""
        values = {**self.cleaned_data}
        row_id = values.pop("ledger_row")
        return BundleDraft(**values, ledger_row=RegisterRow.objects.get(pk=row_id) if row_id else None)


def _keyer(staff_no: str) -> Staff:
    found = Staff.objects.filter(staff_no=staff_no.strip(), is_active=True).first()
    if found is None:
        raise forms.ValidationError("この職員番号の職員はいません。")
    return found


@requires(MANAGE_BUNDLES)
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """束の一覧 with the progress of each."""
    rows = bundles_progress()
    access_record(action="view", record_type="assessment.bundle", count=len(rows))
    return render(request, "assessment/entry/bundles.html", {"rows": rows, "here": "entry"})


@requires(MANAGE_BUNDLES)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """束を作る."""
    staff: Any = request.user
    initial = {"arrived_on": clock.today(), "tax_year": current_year()}
    form = BundleForm(request.POST) if request.method == "POST" else BundleForm(initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = bundle_make(form.draft(), actor=staff)
        except EntryRefused as error:
            form.add_error(error.field if error.field in form.fields else None, error.message_ja)
        else:
            access_record(action="create", record_type="assessment.bundle", record_id=str(made.pk))
            messages.success(request, f"束「{made.title}」（{made.paper_count}枚）を作りました。")
            return redirect("assessment-bundle", bundle_id=made.pk)
    status = 422 if form.errors else 200
    return render(request, "assessment/entry/bundle_new.html", {"form": form, "title": "束の作成", "here": "entry"},
                  status=status)  # fmt: skip


@requires(MANAGE_BUNDLES)
@require_safe
def one(request: HttpRequest, bundle_id: int) -> HttpResponse:
    """束一つ: every paper with its state; no value that was keyed."""
    bundle = get_object_or_404(EntryBundle, pk=bundle_id)
    papers = list(bundle.papers.select_related("decided_by", "entry").prefetch_related("keyings"))
    access_record(action="view", record_type="assessment.bundle", record_id=str(bundle.pk), count=len(papers))
    values = {
        "bundle": bundle,
        "progress": bundles_progress(EntryBundle.objects.filter(pk=bundle.pk))[0],
        "form_title": bundle_form(bundle).title,
        "rows": [{"paper": paper, "turns": {keying.turn for keying in paper.keyings.all()},
                  "entry": getattr(paper, "entry", None), "level": _LEVELS[PaperState(paper.state)]}
                 for paper in papers],
        "here": "entry",
    }  # fmt: skip
    return render(request, "assessment/entry/bundle.html", values)


_LEVELS = {
    PaperState.WAITING: "neutral",
    PaperState.DIFFERS: "caution",
    PaperState.AGREED: "done",
    PaperState.UNREADABLE: "neutral",
}


@requires(KEY_PAPERS)
@require_safe
def own(request: HttpRequest) -> HttpResponse:
    """自分が入力する束."""
    staff: Any = request.user
    return render(request, "assessment/entry/own_bundles.html", {"rows": own_bundles(staff)})


@requires(KEY_PAPERS)
@require_http_methods(["GET", "HEAD", "POST"])
def key(request: HttpRequest, bundle_id: int) -> HttpResponse:
    """原票の入力: the next paper of the stack; what was keyed before is never shown again."""
    staff: Any = request.user
    bundle = EntryBundle.objects.filter(pk=bundle_id).first()
    if bundle is None or staff.pk not in {bundle.first_keyer_id, bundle.second_keyer_id}:
        raise Http404
    form = bundle_form(bundle)
    if request.method == "POST":
        return _keyed(request, bundle, PaperEntryForm(form, request.POST, omit=OMITTED))
    paper = next_paper(bundle, staff)
    access_record(action="view", record_type="assessment.keying", record_id=f"{bundle.pk}:{paper.seq if paper else 0}")
    return _key_page(request, bundle, PaperEntryForm(form, omit=OMITTED), paper.seq if paper else None)


def _keyed(request: HttpRequest, bundle: EntryBundle, form: PaperEntryForm) -> HttpResponse:
    staff: Any = request.user
    seq = request.POST.get("seq", "")
    if not (seq.isascii() and seq.isdecimal() and len(seq) < 6):
        raise Http404
    is_unreadable = request.POST.get("act") == "unreadable"
    warnings: list[Problem] = []
    if is_unreadable:
        form.errors.clear()
    elif form.is_valid():
        # A keyer types what the paper says: a contradiction is told once and left to the office.
        warnings = add_problems(form, bundle.tax_year, stops=False)
    if not is_unreadable and (form.errors or warnings):
        return _key_page(request, bundle, form, int(seq), warnings=warnings, status=422)
    values = {} if is_unreadable else form.values()
    try:
        paper_key(bundle.pk, int(seq), values, actor=staff, is_unreadable=is_unreadable)
    except EntryRefused as error:
        form.add_error(None, error.message_ja)
        return _key_page(request, bundle, form, int(seq), status=422)
    access_record(action="create", record_type="assessment.keying", record_id=f"{bundle.pk}:{seq}")
    messages.success(request, f"{seq}枚目を{'未入力で戻す原票にしました' if is_unreadable else '入力しました'}。")
    return redirect("assessment-keying-bundle", bundle_id=bundle.pk)


def _key_page(
    request: HttpRequest, bundle: EntryBundle, form: PaperEntryForm, seq: int | None, *,
    warnings: Sequence[Problem] = (), status: int = 200,
) -> HttpResponse:  # fmt: skip
    values = {
        "bundle": bundle,
        "turn": turn_of(bundle, request.user),  # type: ignore[arg-type]
        "seq": seq,
        "form": form,
        "paper": form.paper,
        **warned_values(form, warnings),
        "checks": form_checks(form.paper),
    }
    return render(request, "assessment/entry/key.html", values, status=status)


@requires(MANAGE_BUNDLES)
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, paper_id: int) -> HttpResponse:
    """相違の判定: the differing boxes with what each of the two keyed, read once more from the paper by a third."""
    staff: Any = request.user
    paper = get_object_or_404(BundlePaper.objects.select_related("bundle"), pk=paper_id)
    declared = bundle_form(paper.bundle)
    omitted = tuple(box.name for box in declared.boxes() if box.name not in paper.differing)
    form = PaperEntryForm(declared, request.POST if request.method == "POST" else None, omit=omitted)
    keyers = {paper.bundle.first_keyer.person_key, paper.bundle.second_keyer.person_key}
    if staff.person_key in keyers or paper.state != PaperState.DIFFERS:
        raise Http404
    if request.method == "POST":
        done = _decided(request, paper, form)
        if done is not None:
            return done
    access_record(action="view", record_type="assessment.keying", record_id=f"{paper.bundle_id}:{paper.seq}")
    values = {
        "paper": paper,
        "bundle": paper.bundle,
        "form": form,
        "rows": _differences(paper, form),
        "reason": request.POST.get("reason", ""),
        "agreed": agreed_values(paper).get("name", ""),
        "here": "entry",
    }
    return render(request, "assessment/entry/decide.html", values, status=422 if form.errors else 200)


def _decided(request: HttpRequest, paper: BundlePaper, form: PaperEntryForm) -> HttpResponse | None:
    staff: Any = request.user
    reason = request.POST.get("reason", "")
    try:
        if request.POST.get("act") == "return":
            form.errors.clear()
            paper_return(paper.pk, actor=staff, reason=reason)
        elif form.is_valid():
            difference_decide(paper.pk, form.values(), actor=staff, reason=reason)
        else:
            return None
    except EntryRefused as error:
        form.add_error(error.field if error.field in form.fields else None, error.message_ja)
        return None
    access_record(action="update", record_type="assessment.keying", record_id=f"{paper.bundle_id}:{paper.seq}")
    messages.success(request, f"{paper.seq}枚目の相違を処理しました。")
    return redirect("assessment-bundle", bundle_id=paper.bundle_id)


def _differences(paper: BundlePaper, form: PaperEntryForm) -> list[dict[str, Any]]:
    """The differing boxes in the order of the paper, with what each of the two keyed."""
    first, second = ({} if one.is_unreadable else one.values for one in paper.keyings.order_by("turn"))
    return [
        {
            "item": {"box": box, "field": form[box.name], "warning": "",
                     "codes": "　".join(f"{code} {words}" for code, words in box.options)},
            "first": _shown(first.get(box.name)),
            "second": _shown(second.get(box.name)),
        }
        for box in form.paper.boxes() if box.name in form.fields
    ]  # fmt: skip


def _shown(value: Any) -> str:
    return "（空欄）" if value in (None, "") else (f"{value:,}" if isinstance(value, int) else str(value))
