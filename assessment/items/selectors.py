"""要調査事項の照会: the list by year, kind and state, and how many are open."""

from django.db.models import Count, QuerySet

from assessment.items.models import DeskItem, ItemKind, ItemState


def items_list(*, tax_year: int, kind: str = "", state: str = ItemState.OPEN) -> QuerySet[DeskItem]:
    """Matters of the year, by kind and person; an unknown kind or state means all."""
    rows = DeskItem.objects.filter(tax_year=tax_year)
    if kind in ItemKind.values:
        rows = rows.filter(kind=kind)
    if state in ItemState.values:
        rows = rows.filter(state=state)
    return rows.select_related("party").order_by("kind", "party__person_no", "pk")


def item_years() -> list[int]:
    """Years that have matters, newest first."""
    return list(DeskItem.objects.order_by("-tax_year").values_list("tax_year", flat=True).distinct())


def open_items_count() -> int:
    """How many matters wait, over all years."""
    return DeskItem.objects.filter(state=ItemState.OPEN).count()


def counts_by_kind(tax_year: int) -> dict[str, dict[str, int]]:
    """kind → state → how many, for the year."""
    found: dict[str, dict[str, int]] = {kind: dict.fromkeys(ItemState.values, 0) for kind in ItemKind.values}
    rows = DeskItem.objects.filter(tax_year=tax_year).order_by().values_list("kind", "state").annotate(Count("pk"))
    for kind, state, number in rows:
        found[kind][state] = number
    return found
