"""Addresses of the desk of pension withholding."""

from django.urls import path

from assessment.pensions.views import stops

urlpatterns = [
    path("assessment/pension-stops", stops.listing, name="pension-stops"),
    path("assessment/pension-stops/settle", stops.settle, name="pension-result-settle"),
    path("party/<uuid:party_id>/assessment/<int:tax_year>/pension-stop", stops.one, name="pension-stop"),
    path(
        "party/<uuid:party_id>/assessment/<int:tax_year>/pension-stop/withdraw",
        stops.withdraw,
        name="pension-stop-withdraw",
    ),
]
