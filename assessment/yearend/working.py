"""作業年度 (the year the screens work in): the newest one switched to, else the fiscal year of the business day."""

from django.db.models import Max

from assessment.yearend.models import SwitchState, YearSwitch
from taxsys.kernel.calendar import fiscal_year
from taxsys.platform import clock


def switched_year() -> int | None:
    """The newest 課税年度 that a released run of B-PI-28 switched to, None before the first."""
    newest: int | None = YearSwitch.objects.filter(state=SwitchState.RELEASED).aggregate(year=Max("tax_year"))["year"]
    return newest


def working_year() -> int:
    """作業年度 of the resident tax. Papers that come in are of the calendar year and do not wait for the switch."""
    return switched_year() or fiscal_year(clock.today())
