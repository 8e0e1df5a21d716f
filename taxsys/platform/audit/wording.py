"""What the codes of the log are called on screens and papers."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from taxsys.kernel import wareki
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.staff.models import Staff, Unit

WHO_JA = {
    "staff": "職員",
    "contractor": "委託先従事者",
    "job": "バッチ",
    "client": "庁内連携",
    "system": "システム",
}
ACTION_JA = dict(AccessEvent.Action.choices)
RESULT_JA = dict(AccessEvent.Result.choices)


def month_ja(text: str) -> str:
    """「2026-11」 → 令和8年11月."""
    year, month = (int(part) for part in text.split("-"))
    return wareki.format_long(date(year, month, 1)).removesuffix("1日")


def period_ja(from_on: date, to_on: date) -> str:
    """令和8年11月1日から令和8年11月30日まで."""
    return f"{wareki.format_long(from_on)}から{wareki.format_long(to_on)}まで"


def unit_names() -> Mapping[str, str]:
    """Unit code → name."""
    return dict(Unit.objects.values_list("code", "name"))


def staff_names(numbers: Iterable[str]) -> Mapping[str, str]:
    """Staff number → name, for the security officer's own pages."""
    return dict(Staff.objects.filter(staff_no__in=set(numbers)).values_list("staff_no", "name"))


@lru_cache(maxsize=1)
def function_titles() -> Mapping[str, str]:
    """Function or job id → its Japanese name."""
    from taxsys.platform.jobs.registry import all_jobs
    from taxsys.platform.staff.catalogue import catalogue

    titles: dict[str, Any] = {job.id: job.name_ja for job in all_jobs()}
    for permission in catalogue().values():
        titles.update(dict.fromkeys(permission.function_ids, permission.title_ja))
    titles.update({code: permission.title_ja for code, permission in catalogue().items()})
    return titles
