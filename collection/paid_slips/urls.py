"""Addresses of the batches of paid slips."""

from django.urls import path

from collection.paid_slips.views import batches, slips

urlpatterns = [
    path("collection/paid-slips/", batches.listing, name="paid-slip-batches"),
    path("collection/paid-slips/new", batches.new, name="paid-slip-batch-new"),
    path("collection/paid-slips/<int:slip_batch_id>/", batches.one, name="paid-slip-batch"),
    path("collection/paid-slips/<int:slip_batch_id>/<int:paid_slip_id>/", slips.correct, name="paid-slip"),
]
