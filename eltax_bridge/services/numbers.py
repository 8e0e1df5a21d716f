"""The bridge's one door to My Numbers (番号法9条1項・別表24): from the files straight into the vault."""

from collections.abc import Sequence
from uuid import UUID

from addressbook.services.numbers import number_bind_held_many, number_hold_many, parties_by_held
from taxsys.platform.files.models import ReceivedFile


def numbers_take(
    rows: Sequence[tuple[str, str | None]], *, source: str, file: ReceivedFile
) -> tuple[list[UUID | None], list[UUID | None]]:
    """Numbers of a file's rows, (label, digits): answers the held reference and the party with that number, per row.

    A wrong check digit is not stored (a work item stands, formats §0.4); such a row has neither.
    """
    held = number_hold_many([(label, digits or "") for label, digits in rows], source=source, file=file)
    refs = [one.ref for one in held]
    parties = parties_by_held([ref for ref in refs if ref is not None])
    return refs, [parties.get(ref) if ref is not None else None for ref in refs]


def numbers_bind(pairs: Sequence[tuple[UUID, UUID]]) -> dict[UUID, str]:
    """Bind held numbers to the parties that their rows were matched to; answers the outcome per reference."""
    return number_bind_held_many(pairs)
