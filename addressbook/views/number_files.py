"""取り込んだ個人番号の承認: the files that brought numbers, the sample of one, its comparison by two people (R-207)."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from addressbook.access import access_shown
from addressbook.disclosure import names_for
from addressbook.errors import NumberFileClosed
from addressbook.models import NumberFile, Party
from addressbook.number_codes import NumberFileState, SampleOutcome
from addressbook.permissions import APPROVE_NUMBER_FILE, CHECK_NUMBER_FILE, VIEW_NUMBER_STATE
from addressbook.services.number_files import file_propose, sample_check, sample_draw
from addressbook.services.numbers import number_file_counts
from addressbook.views.numbers import vault_faults
from taxsys.platform.approvals.errors import AlreadyProposed, NotEntitled
from taxsys.platform.audit.services import access_record
from taxsys.platform.files.errors import FilesError
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import requires

OUTPUT = "addressbook.number_files"
PAGE_SIZE = 50


@requires(VIEW_NUMBER_STATE)
@require_safe
def number_files(request: HttpRequest) -> HttpResponse:
    """一覧: files that brought numbers, those that wait first, oldest first."""
    found = NumberFile.objects.select_related("file").exclude(state=NumberFileState.AUTOMATIC)
    waiting_first = found.order_by(F("settled_at").desc(nulls_first=True), "opened_at", "pk")
    page = Paginator(waiting_first, PAGE_SIZE).get_page(request.GET.get("page"))
    counts = number_file_counts([entry.pk for entry in page.object_list])
    rows = [_words(entry, counts[entry.pk]) for entry in page.object_list]
    access_record(action="view", record_type="number_file", count=len(rows))
    return render(request, "addressbook/number_files.html", {"page": page, "rows": rows})


@requires(VIEW_NUMBER_STATE)
@never_cache
@require_safe
def number_file(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """One file: what came of its numbers, the sample with names and birth dates; no digit of a number."""
    entry = _entry(file_id)
    ids = [UUID(row[2]) for row in entry.sample if row[2]]
    names = names_for(ids, output=OUTPUT)
    parties = Party.objects.in_bulk(ids)
    access_shown(ids, action="view", record_type="number_file")
    sample = [
        {
            "line_no": line_no,
            "outcome_ja": SampleOutcome(outcome).label,
            "is_bad": outcome in {SampleOutcome.ITEMS_DIFFER, SampleOutcome.BAD_DIGIT},
            "party": parties.get(UUID(party)) if party else None,
            "name": names.get(UUID(party), "") if party else "",
        }
        for line_no, outcome, party in entry.sample
    ]
    tally = Counter(row[1] for row in entry.sample)
    values = {
        **_words(entry, number_file_counts([entry.pk])[entry.pk]),
        "sample": sample,
        "tally": [(SampleOutcome(code).label, tally[code]) for code in SampleOutcome.values if tally[code]],
        "is_own": entry.drawn_by == request.user.staff_no,  # type: ignore[union-attr]
    }
    return render(request, "addressbook/number_file.html", values)


@requires(CHECK_NUMBER_FILE)
@require_POST
def number_file_draw(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """標本を照合する."""
    with _refusals():
        sample_draw(_entry(file_id).pk, staff=request.user)  # type: ignore[arg-type]
    messages.success(request, "標本を照合しました。結果を確かめて起案してください。")
    return redirect("number-file", file_id=file_id)


@requires(CHECK_NUMBER_FILE)
@require_POST
def number_file_propose(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """起案する."""
    with _refusals():
        file_propose(_entry(file_id).pk, staff=request.user)  # type: ignore[arg-type]
    messages.success(request, "起案しました。別の職員が再照合し、承認すると確認済みになります。")
    return redirect("number-file", file_id=file_id)


@requires(APPROVE_NUMBER_FILE)
@require_POST
def number_file_check(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """再照合する: the second person's own comparison; then the proposal opens."""
    entry = _entry(file_id)
    with _refusals():
        agrees = sample_check(entry.pk, staff=request.user)  # type: ignore[arg-type]
    if not agrees:
        messages.error(request, "起案のときと照合の結果が違います。差し戻して、標本を確かめ直してください。")
        return redirect("number-file", file_id=file_id)
    messages.success(request, "起案のときと同じ結果でした。内容を確かめて決裁してください。")
    return redirect("approvals-detail", approval_id=entry.approval_id)


@contextmanager
def _refusals() -> Iterator[None]:
    """Faults of the vault, of the file and of its state, each told in plain words."""
    try:
        with vault_faults(passing=(NumberFileClosed,)):
            yield
    except (NumberFileClosed, AlreadyProposed) as error:
        raise Refused("R409", error.message_ja, reason="number_file_closed") from error
    except NotEntitled as error:
        raise Refused("R403-OWN", error.message_ja, reason="own_sample") from error
    except FilesError as error:
        raise Refused("R503", error.message_ja, reason=error.code) from error


def _entry(file_id: UUID) -> NumberFile:
    entry = NumberFile.objects.select_related("file").filter(pk=file_id).first()
    if entry is None:
        raise Refused("R404", reason="not_found")
    return entry


def _words(entry: NumberFile, counts: tuple[int, int, int]) -> dict[str, Any]:
    active, held, refused = counts
    return {
        "entry": entry,
        "state_ja": NumberFileState(entry.state).label,
        "active": active,
        "held": held,
        "refused": refused,
    }
