"""Addresses of the 証明 duty: random ids of requests, running ids of papers; never a number or a name."""

from django.urls import path

from certificates.views import counter, register

urlpatterns = [
    path("", register.day, name="certificates-home"),
    path("party/<uuid:party_id>/", register.card_tab, name="party-certificates"),
    path("party/<uuid:party_id>/new", counter.request_new, name="certificates-new"),
    path("party/<uuid:party_id>/hold", register.hold_new, name="certificates-hold"),
    path("holds/<int:hold_id>/lift", register.hold_end, name="certificates-hold-lift"),
    path("requests/<uuid:request_id>", counter.request_check_page, name="certificates-check"),
    path("requests/<uuid:request_id>/issue", counter.request_issue, name="certificates-request-issue"),
    path("issues/<int:issue_id>", counter.issue_page, name="certificates-issue"),
    path("issues/<int:issue_id>/pdf", counter.issue_pdf, name="certificates-pdf"),
    path("issues/<int:issue_id>/void", counter.issue_void, name="certificates-void"),
    path("issues/<int:issue_id>/reissue", counter.issue_reissue, name="certificates-reissue"),
]
