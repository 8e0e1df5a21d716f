"""Addresses of the approvals."""

from django.urls import path

from taxsys.platform.approvals import deputy_views, views

urlpatterns = [
    path("", views.queue, name="approvals-queue"),
    path("own", views.own, name="approvals-own"),
    path("deputies", deputy_views.deputies, name="approvals-deputies"),
    path("deputies/<int:deputy_id>/end", deputy_views.deputy_end_now, name="approvals-deputy-end"),
    path("<uuid:approval_id>", views.detail, name="approvals-detail"),
    path("<uuid:approval_id>/decide", views.decide, name="approvals-decide"),
    path("<uuid:approval_id>/withdraw", views.withdraw, name="approvals-withdraw"),
]
