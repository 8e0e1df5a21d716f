"""Addresses of the datasets."""

from django.urls import path

from taxsys.platform.datasets import views

urlpatterns = [
    path("", views.index, name="datasets"),
    path("<slug:dataset_id>", views.export, name="dataset-export"),
]
