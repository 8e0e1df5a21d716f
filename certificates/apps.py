"""証明 (certificates)."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from django.apps import AppConfig


def hold_badges(party_ids: Sequence[UUID], _on: date) -> Mapping[UUID, Sequence[tuple[str, str]]]:
    """証明発行停止 of many parties in one query."""
    from certificates.models import IssueHold

    held = IssueHold.objects.filter(party_id__in=party_ids, lifted_on__isnull=True).values_list("party_id", flat=True)
    return {party_id: [("stop", "証明発行停止")] for party_id in set(held)}


class CertificatesConfig(AppConfig):
    name = "certificates"
    verbose_name = "証明"

    def ready(self) -> None:
        """Menu, tab of the card, badge, search."""
        from addressbook.badges import BadgeKind, badges_register
        from addressbook.card import CardTab, tab_register
        from certificates.dossier import section_of_certificates
        from certificates.permissions import ISSUE_CERTIFICATES, VIEW_REGISTER
        from certificates.search import PROVIDER
        from taxsys.platform.search.registry import search_register
        from taxsys.platform.ui.menu import MenuItem, menu_register

        section_of_certificates()
        menu_register(
            MenuItem(
                key="certificates", title_ja="証明", url_name="certificates-home", permission=VIEW_REGISTER, order=60
            )
        )
        tab_register(
            CardTab(
                id="certificates",
                title_ja="証明",
                order=70,
                permission=ISSUE_CERTIFICATES,
                url_name="party-certificates",
            )
        )
        badges_register(BadgeKind(id="certificates.hold", find=hold_badges, order=70))
        search_register(PROVIDER)
