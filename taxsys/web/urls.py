"""All addresses of the house. Each app adds one line; the access door checks what each view declares."""

from django.urls import URLPattern, URLResolver, include, path

from taxsys.web import health
from taxsys.web import openapi as openapi
from taxsys.web.views import home

handler400 = "taxsys.platform.ui.refusal_pages.bad_request"
handler403 = "taxsys.platform.ui.refusal_pages.permission_denied"
handler404 = "taxsys.platform.ui.refusal_pages.not_found"
handler500 = "taxsys.platform.ui.refusal_pages.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("healthz", health.live, name="health-live"),
    path("readyz", health.ready, name="health-ready"),
    path("", include("taxsys.platform.staff.urls")),
    path("search/", include("taxsys.platform.search.urls")),
    path("party/", include("addressbook.urls")),
    path("", include("assessment.urls")),
    path("delinquency/", include("delinquency.urls")),
    path("certificates/", include("certificates.urls")),
    path("approvals/", include("taxsys.platform.approvals.urls")),
    path("registers/", include("taxsys.platform.registers.urls")),
    path("rights/", include("taxsys.platform.rights.urls")),
    path("emergency/", include("taxsys.platform.emergency.urls")),
    path("access-log/", include("taxsys.platform.audit.urls")),
    path("retention/", include("taxsys.platform.retention.urls")),
    path("", include("collection.urls")),
    path("", include("collection.closing.urls")),
    path("", include("collection.takeover.urls")),
    path("", include("assessment.decisions.urls")),
    path("", include("assessment.scans.urls")),
    path("", include("assessment.withholders.urls")),
    path("", include("assessment.amendments.urls")),
    path("", include("assessment.pensions.urls")),
    path("", include("assessment.premises.urls")),
    path("", include("assessment.yearend.urls")),
    path("", include("collection.withheld.urls")),
    path("", include("collection.deferments.urls")),
    path("", include("collection.paid_slips.urls")),
    path("", include("collection.remitting.urls")),
    path("jobs/", include("taxsys.platform.jobs.urls")),
    path("files/", include("taxsys.platform.files.urls")),
    path("printing/", include("taxsys.platform.printing.urls")),
    path("assessment/", include("assessment.resident.notices.urls")),
    path("", include("assessment.resident.moves.urls")),
    path("assessment/extraction/", include("assessment.extraction.urls")),
    path("what-if/", include("assessment.resident.what_if.urls")),
    path("ui/", include("taxsys.platform.ui.urls")),
    path("provision/", include("intermediary.desk_urls")),
    path("datasets/", include("taxsys.platform.datasets.urls")),
    path("api/v1/", include("intermediary.urls")),
]
