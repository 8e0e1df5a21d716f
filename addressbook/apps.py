"""宛名 (addressbook)."""

from datetime import timedelta

from django.apps import AppConfig


class AddressbookConfig(AppConfig):
    name = "addressbook"
    verbose_name = "宛名"

    def ready(self) -> None:
        """Hang the duty's own tabs and badges on the card; say what of a party can be searched."""
        from addressbook import badges, number_desk, panels, print_guard, protection_desk
        from addressbook.card import CardTab, panel_register, tab_register
        from addressbook.dossier import sections_register
        from addressbook.log_relations import PartyRelations
        from addressbook.models import BankAccount, DeliveryAddress, PartyLink, PartyVersion
        from addressbook.permissions import VIEW_PARTY
        from addressbook.register_link import party_link_register
        from addressbook.search import PROVIDERS
        from taxsys.platform.audit.changes.registering import change_logged
        from taxsys.platform.audit.relations import relations_register
        from taxsys.platform.audit.withholding import Withheld, withheld_register
        from taxsys.platform.jobs.queues import Queue, queue_register
        from taxsys.platform.printing.guards import package_guard_register
        from taxsys.platform.search.registry import search_register

        relations_register(PartyRelations())
        party_link_register()
        sections_register()
        # What tells who somebody is, or where, is masked: the history tab shows it to those who may see it.
        names = ("name", "name_kana", "alias", "former_surname", "birth_on", "birth_text",
                 "previous_address_text", "next_address_text")  # fmt: skip
        change_logged(PartyVersion, masked=names, party_field="party")
        place = ("addressee_name", "zip", "address_text", "building_text", "reason")
        change_logged(DeliveryAddress, masked=place, party_field="party")
        change_logged(BankAccount, masked=("branch_code", "account_no", "holder_kana"), party_field="party")
        change_logged(PartyLink, party_field="party")
        # Whoever is named as an opponent must not learn from the own list that a protection exists.
        ground = "支援措置の有無を推知させる記録（個人情報の保護に関する法律78条1項・81条）"
        withheld_register(Withheld(ground_ja=ground, function="B-AB-02", unless_protected=True))
        withheld_register(Withheld(ground_ja=ground, function="addressbook.reveal_protected", unless_protected=True))
        withheld_register(Withheld(ground_ja=ground, record_type="protection", unless_protected=True))
        withheld_register(Withheld(ground_ja=ground, record_type="reveal_report", unless_protected=True))
        for kind in badges.OWN_KINDS:
            badges.badges_register(kind)
        for provider in PROVIDERS:
            search_register(provider)
        for order, tab_id, title_ja in (
            (0, "overview", "総合"),
            (5, "household", "宛名・世帯"),
            (90, "history", "履歴"),
            (95, "contacts", "対応記録"),
            (97, "retention", "保管"),
        ):
            tab_register(
                CardTab(
                    id=tab_id, title_ja=title_ja, order=order, permission=VIEW_PARTY, url_name=f"party-{tab_id}",
                    count=panels.contact_count if tab_id == "contacts" else None,
                    key="F4" if tab_id == "contacts" else "",
                )
            )  # fmt: skip
        queue_register(Queue("B-AB-01", "local_juki_ido", "住民異動", timedelta(minutes=1)))
        number_desk.register()
        protection_desk.register()
        package_guard_register("addressbook.protected", print_guard.protected_stops)
        for panel in panels.PANELS:
            panel_register(panel)
