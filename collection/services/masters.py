"""税目マスタの反映 (masters from the parameter files), called after migrations."""

from __future__ import annotations

from collection.models import TaxKind
from collection.params import parameter_file


def tax_kinds_apply() -> int:
    """Bring the tax kind master in step with `params/tax_kinds.toml`. Returns the number of kinds."""
    rows = parameter_file("tax_kinds")["tax_kind"]
    for row in rows:
        TaxKind.objects.update_or_create(code=row["code"], defaults={k: v for k, v in row.items() if k != "code"})
    return len(rows)
