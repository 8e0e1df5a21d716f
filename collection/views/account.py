"""収納照会: the account of a party as of any day, and the story of one instalment."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from addressbook.card import card_context
from collection.forms import AsOfForm, day_of
from collection.models import Charge
from collection.permissions import VIEW_LEDGER
from collection.rules.interest_rates import RateMissingError
from collection.selectors import desk
from collection.selectors.account import charge_interest, charge_standing, charge_story, party_account
from collection.selectors.debit import debit_instalments
from collection.views import rows
from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import requires


@requires(VIEW_LEDGER)
@never_cache
@require_safe
def party_page(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """収納: every instalment of the party over all taxes and years as of a day, with totals and what is paid too much.

    A day in the past shows the books by value date; a day ahead counts the interest up to it (納付予定日).
    """
    form = AsOfForm(request.GET or None)
    on = day_of(form, clock.today())
    values = card_context(request, party_id, "collection")
    party = values["party"]
    standings = party_account(party.id, as_of=on)
    debit = debit_instalments([one.charge_id for one in standings])
    found = [
        {
            "standing": one,
            "instalment_ja": rows.instalment_ja(one),
            "method_ja": rows.method_ja(one),
            "state": rows.state_of(one, on, is_debit=one.charge_id in debit),
        }
        for one in standings
    ]
    totals = rows.account_totals(standings)
    withheld = desk.withheld_years(party.id)
    agents = rows.names([one.agent_id for one in withheld])
    notes = sorted({one.interest_note_ja for one in standings if one.interest_note_ja})
    access_record(action="view", subjects=[str(party.id)], record_type="ledger", count=len(standings))
    return render(
        request,
        "collection/account.html",
        {
            **values,
            "form": form if form.is_bound else AsOfForm(initial={"on": on}),
            "day": on,
            "is_past": on < clock.today(),
            "is_today": on == clock.today(),
            "rows": found,
            "totals": totals,
            "to_pay": totals["to_pay"],
            "notes": notes,
            "overpayments": desk.party_overpayments(party.id),
            "withheld": [{"year": one, "agent": agents.get(one.agent_id, "")} for one in withheld],
        },
        status=422 if form.is_bound and form.errors else 200,
    )


def charge_of(party_id: UUID, charge_id: int) -> Charge:
    """The instalment of this party. Raises Refused R404 for another's."""
    charge = Charge.objects.select_related("tax_kind").filter(pk=charge_id, party_id=party_id).first()
    if charge is None:
        raise Refused("R404", reason="not_found")
    return charge


def interest_values(charge_id: int, on: Any) -> dict[str, Any]:
    """延滞金 of an instalment on a day with its segments; a missing rate is told, never guessed."""
    try:
        return {"interest": charge_interest(charge_id, as_of=on), "interest_note": ""}
    except RateMissingError as error:
        return {"interest": None, "interest_note": str(error)}


@requires(VIEW_LEDGER)
@never_cache
@require_safe
def charge_page(request: HttpRequest, party_id: UUID, charge_id: int) -> HttpResponse:
    """期別の経過: standing, late interest with its segments, every entry, receipts, slips, debit requests."""
    form = AsOfForm(request.GET or None)
    on = day_of(form, clock.today())
    values = card_context(request, party_id, "collection")
    party = values["party"]
    charge = charge_of(party.id, charge_id)
    standing = charge_standing(charge.pk, as_of=on)
    story = [
        {"line": line, "evidence_ja": rows.evidence_ja(line.source_document), "actor_ja": rows.actor_ja(line.actor)}
        for line in charge_story(charge.pk)
        if line.value_date <= on
    ]
    shown_interest = interest_values(charge.pk, on)
    is_due = not standing.is_paid_by_agent and (
        standing.open_yen > 0 or standing.other_open_yen > 0 or standing.interest_left_yen > 0
    )
    access_record(
        action="view", subjects=[str(party.id)], record_type="ledger.charge", record_id=str(charge.pk),
        tax_year=charge.tax_year,
    )  # fmt: skip
    return render(
        request,
        "collection/charge.html",
        {
            **values,
            "form": form if form.is_bound else AsOfForm(initial={"on": on}),
            "day": on,
            "is_past": on < clock.today(),
            "is_today": on == clock.today(),
            "charge": charge,
            "instalment_ja": rows.instalment_ja(charge),
            "method_ja": rows.method_ja(charge),
            "standing": standing,
            "state": rows.state_of(standing, on, is_debit=bool(debit_instalments([charge.pk]))),
            **shown_interest,
            "story": story,
            "receipts": desk.charge_receipts(charge.pk),
            "slips": desk.charge_slips(charge.pk),
            "debits": desk.charge_debits(charge.pk),
            "overpayments": desk.charge_overpayments(charge.pk),
            "may_act": on >= clock.today() and charge.state == "active" and is_due,
        },
        status=422 if form.is_bound and form.errors else 200,
    )
