"""収納 (collection)."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


def _apply_masters(**kwargs: Any) -> None:
    """Fill the tax kind master once the tables of collection stand in their newest form."""
    from django.db import connection

    from collection.services.masters import tax_kinds_apply

    if "collection_taxkind" in connection.introspection.table_names():
        tax_kinds_apply()


def _ledger_fault() -> str:
    """The first proof of the books that fails, with its yen; "" when all hold."""
    from collection.selectors.proofs import prove_ledger

    wrong = [check for check in prove_ledger().checks if not check.is_ok]
    return f"{wrong[0].title_ja}：{wrong[0].difference_yen:,}円" if wrong else ""


class CollectionConfig(AppConfig):
    name = "collection"
    verbose_name = "収納"

    def ready(self) -> None:
        """Keep the masters in step with the parameter files after every migrate; hang screens and search."""
        from addressbook.tax_kinds import tax_kinds_from
        from collection.approvals import approval_kinds_register
        from collection.desk import register
        from collection.dossier import section_of_collection
        from collection.models import DebitMandate, RefundPayment, TaxKind
        from collection.search import PROVIDERS
        from collection.selectors.masters import tax_kind_titles
        from taxsys.platform.audit.changes.registering import change_logged
        from taxsys.platform.retention.proofs import AfterProof, after_proof_register
        from taxsys.platform.search.registry import search_register

        approval_kinds_register()
        section_of_collection()
        register()
        after_proof_register(AfterProof("ledger_zero", "元帳の証明の差が0円", "collection.", _ledger_fault))
        change_logged(DebitMandate, masked=("branch_code", "account_number", "holder_kana"), party_field="party")
        change_logged(
            RefundPayment, masked=("bank_code", "branch_code", "account_number", "holder_kana"), party_field="payee"
        )
        change_logged(TaxKind)
        tax_kinds_from(tax_kind_titles)
        for provider in PROVIDERS:
            search_register(provider)
        post_migrate.connect(_apply_masters, sender=self)
