"""滞納 (delinquency)."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from django.apps import AppConfig


def arrears_badges(party_ids: Sequence[UUID], on: date) -> Mapping[UUID, Sequence[tuple[str, str]]]:
    """滞納 of many parties in one query: instalments and yen."""
    from delinquency.selectors.arrears import arrears_of

    return {
        party_id: [("danger", f"滞納 {found.instalments}期 {found.open_yen:,}円")]
        for party_id, found in arrears_of(party_ids, on=on).items()
    }


class DelinquencyConfig(AppConfig):
    name = "delinquency"
    verbose_name = "滞納"

    def ready(self) -> None:
        """Menu, tab of the card, badge, section of the package of one person's records."""
        from addressbook.badges import BadgeKind, badges_register
        from addressbook.card import CardTab, tab_register
        from delinquency.dossier import section_of_delinquency
        from delinquency.permissions import VIEW_ARREARS
        from taxsys.platform.ui.menu import MenuItem, menu_register

        menu_register(
            MenuItem(key="delinquency", title_ja="滞納", url_name="delinquency-home", permission=VIEW_ARREARS, order=50)
        )
        tab_register(
            CardTab(id="delinquency", title_ja="滞納", order=60, permission=VIEW_ARREARS, url_name="party-delinquency")
        )
        badges_register(BadgeKind(id="delinquency.arrears", find=arrears_badges, order=20, permission=VIEW_ARREARS))
        section_of_delinquency()
