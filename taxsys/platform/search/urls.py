"""Addresses of the search."""

from django.urls import path

from taxsys.platform.search import views

urlpatterns = [
    path("", views.search_box, name="search"),
    path("<uuid:result_id>", views.search_result, name="search-result"),
]
