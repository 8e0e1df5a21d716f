"""決定を知らせる: upper duties learn from the outbox that what stands for a person has changed."""

from collections.abc import Iterable
from uuid import UUID

from taxsys.platform.outbox.services import OutboxRow, outbox_put_many


def decisions_announce(tax_year: int, versions: Iterable[tuple[UUID, int]]) -> None:
    """One message `copy.changed` for each (party, version) of the year, ever; stands in the caller's transaction."""
    outbox_put_many(
        topic="copy.changed",
        rows=[
            OutboxRow(
                subject_key=str(party),
                payload={"tax_year": tax_year, "version": version},
                dedupe_key=f"copy:{party}:{tax_year}:{version}",
            )
            for party, version in versions
        ],
    )
