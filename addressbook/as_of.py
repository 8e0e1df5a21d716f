"""時点: pages of the card look at a past day (`on`), and at what was recorded by the end of a past day (`known`)."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from addressbook.forms import AsOfForm
from taxsys.platform import clock


@dataclass(frozen=True, slots=True)
class AsOf:
    """The look: `known_at` is None for all that is recorded now. `is_past` while it is not simply today's."""

    form: AsOfForm
    on: date
    known_on: date | None
    known_at: datetime | None
    is_past: bool

    @property
    def values(self) -> dict[str, Any]:
        """For templates/addressbook/as_of.html."""
        return {"as_of": self, "as_of_form": self.form}


def as_of_read(request: HttpRequest) -> AsOf:
    """The look that the address asks for; an unreadable date leaves today's and its error in the form."""
    form = AsOfForm(request.GET if request.GET else None)
    day, known_on = clock.today(), None
    if form.is_bound and form.is_valid():
        day = form.cleaned_data["on"] or day
        known_on = form.cleaned_data["known"]
    known_at = None
    if known_on is not None:
        known_at = timezone.make_aware(datetime.combine(known_on + timedelta(days=1), time()))
    return AsOf(form, day, known_on, known_at, day != clock.today() or known_on is not None)
