"""Addresses of the rights desk."""

from django.urls import path

from taxsys.platform.rights.views import lists, offices, people, recertification, requests, terminals

urlpatterns = [
    path("", lists.grants, name="rights"),
    path("requests", lists.requests, name="rights-requests"),
    path("waiting", lists.waiting, name="rights-waiting"),
    path("request", requests.ask, name="rights-request"),
    path("requests/<uuid:request_id>", requests.detail, name="rights-detail"),
    path("requests/<uuid:request_id>/answer", requests.answer, name="rights-answer"),
    path("requests/<uuid:request_id>/withdraw", requests.withdraw, name="rights-withdraw"),
    path("recertification", recertification.items, name="rights-recertification"),
    path("recertification/decide", recertification.decide, name="rights-recertify"),
    path("people", people.people, name="rights-people"),
    path("people/<int:staff_id>/pledge", people.pledge, name="rights-pledge"),
    path("people/<int:staff_id>/reenable", people.reenable, name="rights-reenable"),
    path("people/<int:staff_id>/key", people.key, name="rights-key"),
    path("people/<int:staff_id>/stop-keys", people.stop_keys, name="rights-stop-keys"),
    path("offices", offices.offices, name="rights-offices"),
    path("offices/new", offices.propose, name="rights-office-new"),
    path("offices/<int:appointment_id>/end", offices.end, name="rights-office-end"),
    path("terminals", terminals.terminals, name="rights-terminals"),
    path("terminals/new", terminals.propose, name="rights-terminal-new"),
    path("terminals/<int:terminal_id>/stop", terminals.stop, name="rights-terminal-stop"),
    path("certificates/<int:certificate_id>/revoke", terminals.revoke, name="rights-certificate-revoke"),
]
