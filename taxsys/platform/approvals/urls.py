"""Addresses of the approvals."""

from django.urls import path

from taxsys.platform.approvals import views

urlpatterns = [
    path("", views.queue, name="approvals-queue"),
    path("own", views.own, name="approvals-own"),
    path("<uuid:approval_id>", views.detail, name="approvals-detail"),
    path("<uuid:approval_id>/decide", views.decide, name="approvals-decide"),
    path("<uuid:approval_id>/withdraw", views.withdraw, name="approvals-withdraw"),
]
