"""Addresses of the REST API for neighbouring systems, under /api/v1/."""

from django.urls import path

from intermediary.api import views

urlpatterns = [
    path("income/lookup", views.IncomeLookup.as_view(), name="api-income-lookup"),
    path("income/query", views.IncomeQuery.as_view(), name="api-income-query"),
    path("register-rows", views.OwnRegisterRows.as_view(), name="api-register-rows"),
]
