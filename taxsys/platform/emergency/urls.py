"""Addresses of the emergency rights."""

from django.urls import path

from taxsys.platform.emergency import views

urlpatterns = [
    path("", views.use, name="emergency-use"),
    path("end", views.end, name="emergency-end"),
    path("uses", views.uses, name="emergency-uses"),
    path("uses/<uuid:use_id>", views.review, name="emergency-review"),
]
