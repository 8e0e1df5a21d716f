"""Addresses of the 宛名 duty: the card of a party stands under its random id, never under a number or a name."""

from django.urls import path

from addressbook.views import (
    contacts,
    edit,
    history,
    household,
    lookups,
    number_entries,
    numbers,
    overview,
    protection,
    protection_terms,
    register,
)

urlpatterns = [
    path("new-nonresident", register.nonresident_new, name="nonresident-new"),
    path("protections", protection_terms.measures, name="protections"),
    path("protections/<int:protection_id>/term", protection_terms.term, name="protection-term"),
    path("by-number", numbers.number_search, name="number-search"),
    path("number-entries", number_entries.number_entries, name="number-entries"),
    path("number-alarms", numbers.number_alarms, name="number-alarms"),
    path("number-alarms/<int:alarm_id>/note", numbers.number_alarm_note, name="number-alarm-note"),
    path("<uuid:party_id>/", overview.overview, name="party-overview"),
    path("<uuid:party_id>/household", household.household, name="party-household"),
    path("<uuid:party_id>/history", history.history, name="party-history"),
    path("<uuid:party_id>/lookups", lookups.lookups, name="party-lookups"),
    path("<uuid:party_id>/contacts", contacts.contacts, name="party-contacts"),
    path("<uuid:party_id>/contacts/new", contacts.contact_new, name="party-contact-new"),
    path("<uuid:party_id>/delivery/new", edit.delivery_new, name="party-delivery-new"),
    path("<uuid:party_id>/delivery/<int:delivery_id>/end", edit.delivery_close, name="party-delivery-end"),
    path("<uuid:party_id>/link/new", edit.link_new, name="party-link-new"),
    path("<uuid:party_id>/link/<int:link_id>/end", edit.link_close, name="party-link-end"),
    path("<uuid:party_id>/nonresident", edit.nonresident_edit, name="party-nonresident-edit"),
    path("<uuid:party_id>/protection", protection.reveal, name="party-protection"),
    path("<uuid:party_id>/number", numbers.number_card, name="party-number"),
    path("<uuid:party_id>/number/reveal", numbers.reveal_number, name="party-number-reveal"),
    path("<uuid:party_id>/number/new", number_entries.number_new, name="party-number-new"),
    path("<uuid:party_id>/number/release", number_entries.number_release, name="party-number-release"),
    path("<uuid:party_id>/number/cancel", number_entries.number_cancel, name="party-number-cancel"),
    path("<uuid:party_id>/number/confirm", number_entries.number_confirm, name="party-number-confirm"),
]
