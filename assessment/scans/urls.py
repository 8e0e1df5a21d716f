"""Addresses of the scanned papers: random ids, nothing of the paper."""

from django.urls import path

from assessment.scans.views import looking, registering

urlpatterns = [
    path("party/<uuid:party_id>/scans", looking.party_tab, name="party-scans"),
    path("party/<uuid:party_id>/scans/new", registering.register_for_party, name="party-scan-new"),
    path(
        "assessment/documents/<int:document_id>/scans/new",
        registering.register_for_document,
        name="assessment-document-scan-new",
    ),
    path("assessment/scans", looking.listing, name="scans"),
    path("assessment/scans/<uuid:scan_id>", looking.scan, name="scan"),
    path("assessment/scans/<uuid:scan_id>/pages/<int:page_no>", looking.page, name="scan-page"),
    path("assessment/scans/<uuid:scan_id>/original", looking.reveal, name="scan-reveal"),
    path("assessment/scans/<uuid:scan_id>/original/<int:page_no>", looking.original, name="scan-reveal-page"),
    path("assessment/scans/<uuid:scan_id>/mask", registering.mask, name="scan-mask"),
    path("assessment/scans/<uuid:scan_id>/mask/<int:page_no>", registering.mask_page, name="scan-mask-page"),
    path("assessment/scans/<uuid:scan_id>/withdraw", registering.withdraw, name="scan-withdraw"),
]
