"""個人番号の確認待ち as lists: what waits and what is done."""

from django.db.models import QuerySet

from addressbook.models import NumberTask


def tasks_listed(*, kind: str = "", is_closed: bool = False) -> QuerySet[NumberTask]:
    """The work list, oldest first, of one kind or all; with `is_closed` what is done, newest first."""
    found = NumberTask.objects.select_related("party", "other_party").filter(closed_at__isnull=not is_closed)
    if kind:
        found = found.filter(kind=kind)
    return found.order_by("-closed_at", "-pk") if is_closed else found.order_by("opened_at", "pk")


def tasks_open() -> int:
    """How many wait."""
    return NumberTask.objects.filter(closed_at__isnull=True).count()
