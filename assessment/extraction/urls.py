"""Addresses of the extraction: conditions travel in the body, never in an address."""

from django.urls import path

from assessment.extraction import views

urlpatterns = [
    path("", views.page, name="extraction"),
]
