"""Addresses of the access log."""

from django.urls import path

from taxsys.platform.audit import views

urlpatterns = [path("", views.log, name="access-log")]
