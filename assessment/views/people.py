"""職員番号から氏名へ: names of officers for lists of acts."""

from collections.abc import Iterable

from taxsys.platform.staff.models import Staff


def officer_names(staff_nos: Iterable[str]) -> dict[str, str]:
    """Staff number → name of those that exist, in one query; nobody's number is asked for."""
    wanted = {number for number in staff_nos if number}
    return dict(Staff.objects.filter(staff_no__in=wanted).values_list("staff_no", "name")) if wanted else {}
