"""Addresses of the access log, its reviews, the watch list and the seals."""

from django.urls import path

from taxsys.platform.audit.views import changes, log, review, seals, watch

urlpatterns = [
    path("", log.log, name="access-log"),
    path("changes", changes.change_log, name="change-log"),
    path("changes/party/<uuid:party_id>", changes.party_changes, name="change-log-party"),
    path("changes/<str:kind>/<str:record>", changes.record_changes, name="change-log-record"),
    path("reviews", review.reviews, name="access-reviews"),
    path("reviews/<int:report_id>", review.report_page, name="access-review"),
    path("reviews/<int:report_id>/sheet.pdf", review.report_sheet, name="access-review-sheet"),
    path("reviews/<int:report_id>/sign", review.report_sign, name="access-review-sign"),
    path("reviews/<int:report_id>/findings/<int:finding_id>", review.finding_page, name="access-finding"),
    path("watched", watch.watched, name="access-watched"),
    path("watched/<int:entry_id>/end", watch.watched_end, name="access-watched-end"),
    path("seals", seals.seals, name="access-seals"),
    path("seals/<str:day>/sheet.pdf", seals.day_sheet, name="access-seal-sheet"),
]
