"""Addresses of the employment changes."""

from django.urls import path

from assessment.resident.moves import views

urlpatterns = [
    path("assessment/changes", views.listing, name="assessment-changes"),
    path("assessment/changes/<int:change_id>", views.one, name="assessment-change"),
    path("assessment/changes/<int:change_id>/act", views.act, name="assessment-change-act"),
    path("party/<uuid:party_id>/assessment/<int:tax_year>/change", views.new, name="assessment-change-new"),
]
