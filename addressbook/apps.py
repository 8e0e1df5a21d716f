"""宛名 (addressbook)."""

from django.apps import AppConfig


class AddressbookConfig(AppConfig):
    name = "addressbook"
    verbose_name = "宛名"

    def ready(self) -> None:
        """Hang the duty's own tabs and badges on the card."""
        from addressbook import badges
        from addressbook.card import CardTab, tab_register
        from addressbook.permissions import VIEW_PARTY

        for kind in badges.OWN_KINDS:
            badges.badges_register(kind)
        tab_register(CardTab(id="overview", title_ja="総合", order=0, permission=VIEW_PARTY, url_name="party-overview"))
