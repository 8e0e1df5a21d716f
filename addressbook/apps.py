"""宛名 (addressbook)."""

from django.apps import AppConfig


class AddressbookConfig(AppConfig):
    name = "addressbook"
    verbose_name = "宛名"

    def ready(self) -> None:
        """Hang the duty's own tabs and badges on the card; say what of a party can be searched."""
        from addressbook import badges
        from addressbook.card import CardTab, tab_register
        from addressbook.permissions import VIEW_PARTY
        from addressbook.search import PROVIDERS
        from taxsys.platform.search.registry import search_register

        for kind in badges.OWN_KINDS:
            badges.badges_register(kind)
        for provider in PROVIDERS:
            search_register(provider)
        tab_register(CardTab(id="overview", title_ja="総合", order=0, permission=VIEW_PARTY, url_name="party-overview"))
