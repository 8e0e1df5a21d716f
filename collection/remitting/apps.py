"""払込と徴収取扱費 (collection.remitting)."""

from django.apps import AppConfig


class RemittingConfig(AppConfig):
    name = "collection.remitting"
    label = "remitting"
    verbose_name = "払込と徴収取扱費"

    def ready(self) -> None:
        """The proof of the orders joins the proofs of the ledger."""
        from collection.remitting.selectors import orders_check
        from collection.selectors.proofs import proof_register

        proof_register("remitting.orders", orders_check)
