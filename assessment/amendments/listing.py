"""一覧 by state of the desk of corrections and remissions: one page, its rows, who is shown on record."""

from collections.abc import Callable
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet, TextChoices
from django.http import HttpRequest

from addressbook.access import access_shown

PAGE_SIZE = 50


def state_values(
    request: HttpRequest,
    states: type[TextChoices],
    find: Callable[[str], QuerySet[Any]],
    row: Callable[[Any], dict[str, Any]],
    *,
    form: str,
) -> dict[str, Any]:
    """Values of a list by the state asked for (the first of `states` by default, anything else: all of them).

    `find` answers the rows of a state ("" = every state), `row` what the template shows of one; the people of the page
    are written down as seen on `form`.
    """
    state = request.GET.get("state", states.values[0])
    state = state if state in states.values else ""
    page = Paginator(find(state), PAGE_SIZE).get_page(request.GET.get("page"))
    found = list(page.object_list)
    access_shown(sorted({one.party_id for one in found}), action="view", record_type=form)
    return {
        "page": page,
        "rows": [row(one) for one in found],
        "state": state,
        "states": (*states.choices, ("all", "すべて")),
    }
