"""Addresses of the what-if."""

from django.urls import path

from assessment.resident.what_if import views

urlpatterns = [
    path("", views.page, name="what-if"),
    path("csv", views.download, name="what-if-csv"),
]
