"""締め (collection.closing)."""

from django.apps import AppConfig


class ClosingConfig(AppConfig):
    name = "collection.closing"
    label = "closing"
    verbose_name = "締め"

    def ready(self) -> None:
        """The proof of the seals joins the proofs of the ledger."""
        from collection.closing.books import seals_check
        from collection.selectors.proofs import proof_register

        proof_register("closing.seals", seals_check)
