"""Addresses of the 収納 duty: tabs of the party's card, and the desk's own pages."""

from django.urls import path

from collection.views import account, counter, days, debit, payouts, receipts, refunds, slip_desk, slips, suspense

urlpatterns = [
    path("party/<uuid:party_id>/collection/", account.party_page, name="party-collection"),
    path("party/<uuid:party_id>/collection/<int:charge_id>/", account.charge_page, name="collection-charge"),
    path("party/<uuid:party_id>/collection/<int:charge_id>/slip", slips.reissue, name="collection-reissue"),
    path("party/<uuid:party_id>/collection/slips/", slip_desk.slips_page, name="collection-slips"),
    path("party/<uuid:party_id>/collection/slips/paper", slip_desk.slips_paper, name="collection-slips-paper"),
    path("party/<uuid:party_id>/collection/debit/", debit.debit_page, name="collection-debit"),
    path("party/<uuid:party_id>/collection/debit/entry", debit.debit_entry, name="collection-debit-entry"),
    path("party/<uuid:party_id>/collection/debit/<int:mandate_id>/end", debit.debit_end, name="collection-debit-end"),
    path("collection/debit/", debit.debit_desk, name="collection-debit-desk"),
    path("collection/", days.home, name="collection-home"),
    path("collection/counter/", counter.counter, name="collection-counter"),
    path("collection/counter/<int:charge_id>/", counter.take, name="collection-take"),
    path("collection/closing/", counter.closing, name="collection-closing"),
    path("collection/receipts/<int:receipt_id>/", receipts.receipt_page, name="collection-receipt"),
    path("collection/receipts/<int:receipt_id>/reverse", receipts.reverse_page, name="collection-reverse"),
    path("collection/receipts/<int:receipt_id>/paper", slips.receipt_paper, name="collection-receipt-paper"),
    path("collection/slips/<int:slip_id>/paper", slips.slip_paper, name="collection-slip-paper"),
    path("collection/suspense/", suspense.suspense_list, name="collection-suspense"),
    path("collection/suspense/<int:suspense_id>/", suspense.suspense_page, name="collection-suspense-page"),
    path("collection/refunds/", refunds.refund_list, name="collection-refunds"),
    path("collection/refunds/<int:decision_id>/", refunds.refund_page, name="collection-refund"),
    path("collection/refunds/<int:decision_id>/paper", refunds.refund_paper, name="collection-refund-paper"),
    path(
        "collection/refunds/payments/<int:payment_id>/void", refunds.refund_payment_void, name="collection-refund-void"
    ),
    path(
        "collection/refunds/payments/<int:payment_id>/hand-over", payouts.hand_over, name="collection-refund-hand-over"
    ),
    path("collection/refunds/files/<int:refund_file_id>/", refunds.refund_file_page, name="collection-refund-file"),
    path("party/<uuid:party_id>/collection/refund", refunds.refund_plan_page, name="collection-refund-plan"),
    path("collection/days/", days.day, name="collection-day"),
    path("collection/proof/", days.proof, name="collection-proof"),
]
