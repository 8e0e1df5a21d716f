"""Addresses of corrections and remissions."""

from django.urls import path

from assessment.amendments import law_views, relief_views, views

urlpatterns = [
    path("assessment/amendments", views.listing, name="amendments"),
    path("assessment/amendments/<int:case_id>", views.one, name="amendment"),
    path("assessment/amendments/<int:case_id>/act", views.act, name="amendment-act"),
    path("party/<uuid:party_id>/assessment/amend", views.new, name="amendment-new"),
    path("parameters/<int:tax_year>/sets", law_views.sets, name="law-sets"),
    path("assessment/reliefs", relief_views.listing, name="reliefs"),
    path("assessment/reliefs/<int:relief_id>", relief_views.one, name="relief"),
    path("assessment/reliefs/<int:relief_id>/act", relief_views.act, name="relief-act"),
    path("assessment/reliefs/<int:relief_id>/notice.pdf", relief_views.paper, name="relief-paper"),
    path("party/<uuid:party_id>/assessment/relief", relief_views.new, name="relief-new"),
]
