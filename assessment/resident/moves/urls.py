"""Addresses of the employment changes."""

from django.urls import path

from assessment.resident.moves import employer_views, views

urlpatterns = [
    path("assessment/changes", views.listing, name="assessment-changes"),
    path("assessment/changes/<int:change_id>", views.one, name="assessment-change"),
    path("assessment/changes/<int:change_id>/act", views.act, name="assessment-change-act"),
    path("assessment/withholders/<int:withholder_id>", employer_views.page, name="assessment-withholder"),
    path(
        "assessment/withholders/<int:withholder_id>/succeed",
        employer_views.succeed,
        name="assessment-withholder-succeed",
    ),
    path("party/<uuid:party_id>/assessment/<int:tax_year>/change", views.new, name="assessment-change-new"),
]
