"""Addresses of the 滞納 duty: random ids of parties, running ids of rows; never a number or a name."""

from django.urls import path

from delinquency.views import card, runs

urlpatterns = [
    path("", runs.home, name="delinquency-home"),
    path("runs/<int:run_id>", runs.run, name="delinquency-run"),
    path("party/<uuid:party_id>/", card.card_tab, name="party-delinquency"),
    path("party/<uuid:party_id>/contacts", card.contact_new, name="delinquency-contact"),
    path("reminders/<int:reminder_id>", card.reminder, name="delinquency-reminder"),
    path("reminders/<int:reminder_id>/withdraw", card.withdraw, name="delinquency-withdraw"),
    path("reminders/<int:reminder_id>/returned", card.returned, name="delinquency-returned"),
]
