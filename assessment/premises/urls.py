"""Addresses of the register of premises."""

from django.urls import path

from assessment.premises import views

urlpatterns = [
    path("assessment/premises", views.listing, name="premises"),
    path("assessment/premises/dismiss", views.dismiss, name="premises-dismiss"),
    path("assessment/premises/<int:premises_id>", views.one, name="premises-one"),
    path("assessment/premises/<int:premises_id>/end", views.end, name="premises-end"),
    path("assessment/premises/<int:premises_id>/answer", views.answer, name="premises-answer"),
    path("assessment/premises/letters/<int:tax_year>", views.papers, name="premises-letters"),
    path("party/<uuid:party_id>/assessment/premises", views.new, name="premises-new"),
]
