"""Reads of the masters of collection."""

from collection.models import TaxKind


def tax_kind_titles() -> list[tuple[str, str]]:
    """(code, title) of every tax kind, by code."""
    return list(TaxKind.objects.order_by("code").values_list("code", "title"))
