"""Addresses of the orders to the prefecture, its fee and the year's report."""

from django.urls import path

from collection.remitting.views import fees, orders

urlpatterns = [
    path("collection/remittances/<int:remittance_id>/order/", orders.order, name="remittance-order"),
    path("collection/remittances/<int:remittance_id>/order/recall", orders.recall, name="remittance-order-recall"),
    path("collection/remittances/<int:remittance_id>/statement.pdf", orders.paper, name="remittance-statement"),
    path("collection/remittances/report/", fees.report, name="remittance-report"),
    path("collection/fees/", fees.fees, name="collection-fees"),
    path("collection/fees/<int:fee_claim_id>/", fees.fee, name="collection-fee"),
    path("collection/fees/<int:fee_claim_id>/claim.pdf", fees.fee_sheet, name="collection-fee-paper"),
]
