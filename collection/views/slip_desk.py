"""納付書の発行: slips of a person for chosen instalments, one each or one for all, whole or a part, for a day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from addressbook.access import party_require
from addressbook.card import card_context
from collection.forms import SlipsForm
from collection.models import Slip, SlipState
from collection.papers.issue import slips_pdf
from collection.permissions import ISSUE_SLIPS
from collection.selectors.account import ChargeStanding, party_account
from collection.services.slips import ClaimedSlip, SlipClaim, SlipError, slip_issue_many
from collection.services.till import due_of
from collection.views import rows
from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import requires
from taxsys.platform.ui.documents import pdf_shown

MOST_SLIPS = 60


@requires(ISSUE_SLIPS)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def slips_page(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """納付書の発行: every open instalment with what it comes to on the day; issuing makes earlier slips void."""
    values = card_context(request, party_id, "collection")
    party = values["party"]
    today = clock.today()
    form = SlipsForm(request.POST) if request.method == "POST" else SlipsForm(initial={"valid_until": today})
    until = today
    if form.is_bound and form.is_valid():
        until = form.cleaned_data["valid_until"]
    open_rows = [one for one in party_account(party.id, as_of=until) if _is_open(one)]
    if form.is_bound and form.is_valid() and "issue" in request.POST:
        issued = _issue(form, request.POST, open_rows)
        if issued:
            access_record(
                action="print", subjects=[str(party.id)], record_type="slip", record_id=str(issued[0].pk),
                count=len(issued),
            )  # fmt: skip
            total = sum(one.amount_yen for one in issued)
            messages.success(request, f"納付書{len(issued)}枚（{total:,}円）を発行しました。")
            query = QueryDict(mutable=True)
            query.setlist("slip", [str(one.pk) for one in issued])
            return redirect(f"{reverse('collection-slips', args=[party.id])}?{query.urlencode()}")
    shown = {
        **values,
        "form": form,
        "until": until,
        "rows": [_row(one, request.POST) for one in open_rows],
        "total": sum(due_of(one).total_yen for one in open_rows),
        "issued": [] if form.is_bound else _slips(party.id, request.GET.getlist("slip")),
        "query": request.GET.urlencode(),
    }
    return render(request, "collection/slips.html", shown, status=422 if form.is_bound and form.errors else 200)


def _is_open(standing: ChargeStanding) -> bool:
    return standing.state == "active" and not standing.is_paid_by_agent and due_of(standing).total_yen > 0


def _row(standing: ChargeStanding, posted: QueryDict) -> dict[str, Any]:
    name = f"amount_{standing.charge_id}"
    chosen = posted.getlist("charge")
    return {
        "standing": standing,
        "instalment_ja": rows.instalment_ja(standing),
        "due": due_of(standing),
        "name": name,
        "amount": posted.get(name, str(standing.open_yen)),
        "is_chosen": str(standing.charge_id) in chosen if posted else standing.due_on < clock.today(),
    }


def _issue(form: SlipsForm, posted: QueryDict, open_rows: Sequence[ChargeStanding]) -> list[Slip]:
    """Issue what was chosen; what is wrong with it stands on the form and nothing is issued."""
    chosen = [one for one in open_rows if str(one.charge_id) in posted.getlist("charge")]
    if not chosen:
        form.add_error(None, "納付書を発行する期別を選んでください。")
        return []
    claims = [_claim(form, one, posted.get(f"amount_{one.charge_id}", "")) for one in chosen]
    if form.errors:
        return []
    until = form.cleaned_data["valid_until"]
    ready = [one for one in claims if one is not None]
    wanted = [ClaimedSlip(tuple(ready), until)] if form.cleaned_data["is_combined"] else [
        ClaimedSlip((one,), until) for one in ready
    ]  # fmt: skip
    try:
        issued = slip_issue_many(wanted, issued_on=clock.today())
    except SlipError as error:
        form.add_error(None, error.message_ja)
        return []
    by_id = Slip.objects.in_bulk([one.slip_id for one in issued])
    return [by_id[one.slip_id] for one in issued]


def _claim(form: SlipsForm, standing: ChargeStanding, text: str) -> SlipClaim | None:
    """What the slip asks of an instalment; fees and interest only beside the whole tax (本税から先に充てる)."""
    name = f"{rows.instalment_ja(standing)}（通知書番号{standing.notice_no}）"
    plain = text.strip().translate(str.maketrans("０１２３４５６７８９，", "0123456789,")).replace(",", "")
    principal = standing.open_yen if not plain else int(plain) if plain.isdecimal() and len(plain) < 12 else -1
    if principal < 0 or principal > standing.open_yen or (principal == 0 and standing.open_yen):
        form.add_error(None, f"{name}の納付額は、1円から未納額{standing.open_yen:,}円までの数字で入力してください。")
        return None
    due = due_of(standing)
    if principal < standing.open_yen:
        return SlipClaim(standing.charge_id, principal)
    wants = form.cleaned_data["with_interest"]
    if wants and due.interest_note_ja:
        form.add_error("with_interest", f"{name}: {due.interest_note_ja}")
        return None
    return SlipClaim(standing.charge_id, principal, due.fee_yen, due.interest_due_yen if wants else 0)


def _slips(party_id: UUID, asked: Sequence[str]) -> list[Slip]:
    """Slips of this person by their ids. Refused R404 for anything else."""
    if not asked:
        return []
    if len(asked) > MOST_SLIPS or not all(one.isdecimal() and len(one) < 19 for one in asked):
        raise Refused("R404", reason="not_found")
    ids = [int(one) for one in asked]
    found = {one.pk: one for one in Slip.objects.filter(pk__in=ids, lines__charge__party_id=party_id).distinct()}
    if set(ids) != set(found):
        raise Refused("R404", reason="not_found")
    return [found[one] for one in dict.fromkeys(ids)]


def _in_circulation(party_id: UUID) -> list[Slip]:
    live = Slip.objects.filter(lines__charge__party_id=party_id, state=SlipState.ACTIVE).distinct()
    return list(live.order_by("valid_until", "case_no")[:MOST_SLIPS])


@requires(ISSUE_SLIPS)
@never_cache
@require_safe
def slips_paper(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """納付書 (PDF) of the slips asked for, else of all in circulation; the same bytes whenever they are asked for."""
    party = party_require(party_id, action="print", staff=request.user, record_type="slip")
    slips = _slips(party.id, request.GET.getlist("slip")) or _in_circulation(party.id)
    if not slips:
        raise Refused("R404", "有効な納付書はありません。納付書を発行してから印刷してください。", reason="not_found")
    return pdf_shown(slips_pdf(slips, party), f"slips-{slips[0].pk}.pdf")
