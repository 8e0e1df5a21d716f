"""過不足のお知らせの一通: an agent's year as the books have it on a day (L-CL-10)."""

from __future__ import annotations

from datetime import date

from django.db.models import Sum

from addressbook.mailing import mailings_for
from collection.models import Charge, Overpayment
from collection.papers.difference_letter_data import DifferenceLetter, MonthLine
from collection.selectors.account import charge_standing
from collection.withheld.selectors import TAX_KIND, agent_charges, month_text
from taxsys.platform.printing import issuers

DESK = "collection"


def difference_letter(number: str, *, tax_year: int, on: date) -> DifferenceLetter | None:
    """お知らせのデータ of an agent as of a day; None where nothing due by then is short and nothing was too much."""
    charges = agent_charges([number], tax_year=tax_year)
    if not charges:
        return None
    months = tuple(line for one in charges if (line := _line(one, on)) is not None and line.short_yen)
    over = Overpayment.objects.filter(charge__in=charges, remaining_yen__gt=0).aggregate(yen=Sum("remaining_yen"))
    over_yen = int(over["yen"] or 0)
    if not months and not over_yen:
        return None
    party_id = charges[0].party_id
    return DifferenceLetter(
        addressee=mailings_for([party_id], tax_kind=TAX_KIND, on=on)[party_id].addressee,
        office=issuers.office(DESK),
        designation_no=number,
        tax_year=tax_year,
        issued_on=on,
        months=months,
        over_yen=over_yen,
    )


def _line(charge: Charge, on: date) -> MonthLine | None:
    """A month that is due; what falls due later is no shortage yet."""
    if charge.due_on >= on:
        return None
    standing = charge_standing(charge.pk, as_of=on)
    return MonthLine(month_text(charge.instalment_no), charge.due_on, standing.levied_yen, standing.paid_yen)
