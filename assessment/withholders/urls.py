"""Addresses of the desk of withholders."""

from django.urls import path

from assessment.withholders.views import designations, privileges

urlpatterns = [
    path("assessment/withholders/new", designations.new, name="assessment-withholder-new"),
    path("assessment/privileges", privileges.listing, name="assessment-privileges"),
    path("assessment/privileges/<int:privilege_id>/notice.pdf", privileges.paper, name="assessment-privilege-paper"),
    path("assessment/withholders/<int:withholder_id>/privilege", privileges.page, name="assessment-privilege"),
    path(
        "assessment/withholders/<int:withholder_id>/privilege/apply",
        privileges.apply,
        name="assessment-privilege-apply",
    ),
    path("assessment/withholders/<int:withholder_id>/privilege/act", privileges.act, name="assessment-privilege-act"),
]
