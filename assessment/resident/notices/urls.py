"""Addresses of the notices."""

from django.urls import path

from assessment.resident.notices import views

urlpatterns = [
    path("decisions/<int:decision_id>/notice-preview", views.preview, name="assessment-notice-preview"),
]
