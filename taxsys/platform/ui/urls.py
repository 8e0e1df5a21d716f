"""Addresses of small interface services."""

from django.urls import path

from taxsys.platform.ui import views

urlpatterns = [
    path("date-echo", views.date_echo, name="ui-date-echo"),
    path("keep-alive", views.keep_alive, name="ui-keep-alive"),
    path("lock", views.lock, name="ui-lock"),
    path("sitting", views.sitting, name="ui-sitting"),
    path("help", views.help_page, name="ui-help"),
    path("gallery", views.gallery, name="ui-gallery"),
]
