"""Addresses of the agents' payments."""

from django.urls import path

from collection.withheld.views import payments

urlpatterns = [
    path("collection/agents/payments", payments.listing, name="agent-payments"),
    path("collection/agents/payments/<int:agent_payment_id>", payments.one, name="agent-payment"),
    path("collection/agents/payments/<int:agent_payment_id>/letter.pdf", payments.letter, name="agent-letter"),
    path("collection/agents/months/<int:charge_id>", payments.month, name="agent-month"),
]
