"""総合タブの欄「住民税」: what is owed for the year, how it is collected, and what it was last year."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from addressbook.card import tab_url
from addressbook.models import Party
from assessment.decisions.years import decision_years
from assessment.models import CollectionMethod, CollectionShare

TAB = "resident-tax"
_YEARS = 2


def tax_panel(party: Party, _staff: Any, _on: date) -> Mapping[str, Any] | None:
    """The decisions in force of the newest years, newest first, with the yen of each way of collecting.

    None for who was never assessed. A year whose decisions were all recalled says so instead of a figure.
    """
    years = decision_years(party.id)[:_YEARS]
    if not years:
        return None
    current = {year.tax_year: year.current for year in years}
    shares: dict[int, list[tuple[str, int]]] = {}
    runs = [one.run_id for one in current.values() if one]
    for share in CollectionShare.objects.filter(run__in=runs, party=party).order_by("method"):
        label = str(CollectionMethod(share.method).label)
        shares.setdefault(share.run_id, []).append((label, share.total_yen))
    rows = [
        {"tax_year": tax_year, "decision": one, "shares": shares.get(one.run_id, []) if one else []}
        for tax_year, one in current.items()
    ]
    return {"rows": rows, "url": tab_url(TAB, party.id)}
