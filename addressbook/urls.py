"""Addresses of the 宛名 duty: the card of a party stands under its random id, never under a number or a name."""

from django.urls import path

from addressbook.views import overview

urlpatterns = [
    path("<uuid:party_id>/", overview.overview, name="party-overview"),
]
