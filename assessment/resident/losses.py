"""繰越損失の台帳 (the ledger of losses carried forward): fed by released decisions, read by person. F-PC-007.

Rows are never changed: a later version of a year or a recall takes a decision's rows out of the balance because the
decision stands no longer, so no order of versions leaves anything behind.
"""

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db.backends.utils import CursorWrapper

from assessment.models import AssessmentRun, LossKind
from assessment.resident.bulk.losses import ledgers_of, movements_insert
from assessment.resident.loss_lots import LossLedger, Lot
from assessment.resident.rules.pipeline import resident_law

FOREVER = 9999


def losses_record(cursor: CursorWrapper, run: AssessmentRun) -> int:
    """Enter what the decisions being released (staged by the caller's transaction) let arise and used."""
    law = resident_law(run.tax_year, settings.TAXSYS_MUNICIPALITY_CODE)
    return movements_insert(
        cursor,
        run,
        carry_years=law["resident.loss.carry_years"].integer,
        disaster_years=law["resident.loss.carry_years_disaster"].integer,
    )


@dataclass(frozen=True, slots=True)
class LossLine:
    """One lot as the tax tab shows it: kind, what is used by year, what is left and whether it has lapsed."""

    kind_ja: str
    lot: Lot
    used: tuple[tuple[int, int], ...]
    open_yen: int
    has_lapsed: bool


@dataclass(frozen=True, slots=True)
class LossSheet:
    """台帳 of one person for the tax year to come: lots, and what was set off without a loss in the ledger."""

    next_year: int
    lines: tuple[LossLine, ...]
    beyond: tuple[tuple[str, int, int], ...]


def loss_sheet(party_id: UUID) -> LossSheet | None:
    """The person's ledger as it stands, None for who never had a loss."""
    ledgers = ledgers_of([party_id], before_year=FOREVER).get(party_id)
    if not ledgers:
        return None
    next_year = 1 + max(
        max([lot.origin, *lot.used_by_year], default=0) for ledger in ledgers.values() for lot in _lots(ledger)
    )
    lines = tuple(
        LossLine(
            str(LossKind(kind).label),
            lot,
            tuple(sorted(lot.used_by_year.items())),
            lot.open_yen(next_year),
            lot.last_year < next_year,
        )
        for kind in LossKind.values
        if kind in ledgers
        for lot in ledgers[kind].lots
    )
    beyond = tuple(
        (str(LossKind(kind).label), tax_year, yen)
        for kind in LossKind.values
        if kind in ledgers
        for tax_year, yen in sorted(ledgers[kind].beyond_yen.items())
    )
    return LossSheet(next_year, lines, beyond)


def _lots(ledger: LossLedger) -> tuple[Lot, ...]:
    """Its lots; a ledger with nothing but amounts from papers counts as one of the last of these years."""
    return ledger.lots or (Lot(max(ledger.beyond_yen, default=0), 0, 0),)
