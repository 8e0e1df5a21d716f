"""Addresses of 猶予・免除・期限の延長."""

from django.urls import path

from collection.deferments import views

urlpatterns = [
    path("collection/deferments/", views.listing, name="collection-deferment-list"),
    path("party/<uuid:party_id>/collection/deferments/", views.party_page, name="collection-deferments"),
    path("party/<uuid:party_id>/collection/deferments/<int:deferment_id>/", views.one, name="collection-deferment"),
]
