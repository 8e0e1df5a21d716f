"""点検対象の画面: officers' own parties and persons of public interest; every change waits for a second person."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from taxsys.platform import clock
from taxsys.platform.approvals.errors import AlreadyProposed
from taxsys.platform.audit.errors import AlreadyWatched, NotWatched, PartyUnknown, StaffUnknown
from taxsys.platform.audit.models import WatchedParty
from taxsys.platform.audit.permissions import KEEP_WATCH
from taxsys.platform.audit.relations import relations
from taxsys.platform.audit.review.selectors import watch_entries
from taxsys.platform.audit.review.watching import watch_end_propose, watch_propose
from taxsys.platform.audit.services import access_record
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import requires
from taxsys.platform.ui.forms import WarekiDateField

PAGE_SIZE = 50


class WatchForm(forms.Form):
    """点検対象の起案."""

    kind = forms.ChoiceField(label="区分", choices=WatchedParty.Kind.choices)
    person_no = forms.CharField(label="宛名番号", max_length=15)
    staff_no = forms.CharField(
        label="職員番号", max_length=20, required=False, help_text="職員本人の宛名のときに入力してください。"
    )
    from_on = WarekiDateField(label="開始日")


@requires(KEEP_WATCH)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def watched(request: HttpRequest) -> HttpResponse:
    """The two lists; a POST proposes an entry. Shown are 宛名番号, never names."""
    staff: Any = request.user
    form = WatchForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and _proposed(form, staff):
        messages.success(request, "起案しました。別の職員が決裁すると有効になります。")
        return redirect("access-watched")
    page = Paginator(watch_entries(), PAGE_SIZE).get_page(request.GET.get("page"))
    labels = relations().labels([entry.party_key for entry in page])
    rows = [{"entry": entry, "person_no": labels.get(entry.party_key, "（宛名なし）")} for entry in page]
    access_record(action="view", record_type="watched_party", subjects=[entry.party_key for entry in page],
                  count=len(rows))  # fmt: skip
    status = 422 if form.is_bound else 200
    return render(request, "audit/watched.html", {"form": form, "page": page, "rows": rows}, status=status)


def _proposed(form: WatchForm, staff: Any) -> bool:
    try:
        watch_propose(actor=staff, **form.cleaned_data)
    except (PartyUnknown, AlreadyWatched) as error:
        form.add_error("person_no", error.message_ja)
    except StaffUnknown as error:
        form.add_error("staff_no", error.message_ja)
    except AlreadyProposed as error:
        form.add_error(None, error.message_ja)
    else:
        return True
    return False


@requires(KEEP_WATCH)
@never_cache
@require_POST
def watched_end(request: HttpRequest, entry_id: int) -> HttpResponse:
    """終了を起案する: from today, once a second person has approved."""
    staff: Any = request.user
    try:
        watch_end_propose(entry_id, to_on=clock.today(), actor=staff)
    except (NotWatched, AlreadyProposed) as error:
        raise Refused("R409", error.message_ja, reason="already_decided") from error
    messages.success(request, "終了を起案しました。別の職員が決裁すると有効になります。")
    return redirect("access-watched")
