"""アクセス記録 (taxsys.platform.audit)."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


def _seals_fault() -> str:
    """The first bad place of the log, "" when it is whole."""
    from taxsys.platform.audit.signing import signer
    from taxsys.platform.audit.verifying import verify_log

    found = verify_log(public=signer().public)
    return found.faults[0] if found.faults else ""


class AuditConfig(AppConfig):
    name = "taxsys.platform.audit"
    label = "audit"
    verbose_name = "アクセス記録"

    def ready(self) -> None:
        """Reviews that wait, late seals and a failed verification on the home page; the kinds of the watch list."""
        from taxsys.platform.audit.changes.registering import change_logged
        from taxsys.platform.audit.changes.watching import watch_ensure
        from taxsys.platform.audit.home import cards_register
        from taxsys.platform.audit.models import WatchedParty
        from taxsys.platform.audit.review.watching import approval_kinds_register
        from taxsys.platform.audit.withholding import Withheld, withheld_register
        from taxsys.platform.retention.proofs import AfterProof, after_proof_register

        # The security officer's own inspections are not told to those whom they concern.
        ground = "監査・検査の事務に関する記録（個人情報の保護に関する法律78条1項7号）"
        withheld_register(Withheld(ground_ja=ground, function="audit."))
        withheld_register(Withheld(ground_ja=ground, function="B-AU-"))
        withheld_register(Withheld(ground_ja=ground, record_type="watched_party"))
        change_logged(WatchedParty)
        post_migrate.connect(watch_ensure, sender=self)
        approval_kinds_register()
        after_proof_register(
            AfterProof("log_intact", "アクセス記録の封印がつながっている", "audit.events", _seals_fault)
        )
        cards_register()
