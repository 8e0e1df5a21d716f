"""Addresses of the change of year."""

from django.urls import path

from assessment.yearend import views

urlpatterns = [
    path("assessment/year-switch", views.page, name="year-switch"),
    path("assessment/year-switch/ask", views.ask, name="year-switch-ask"),
    path("assessment/year-switch/<int:switch_id>/<slug:item>", views.lines, name="year-switch-lines"),
]
