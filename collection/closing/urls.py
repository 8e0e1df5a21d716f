"""Addresses of closing, the books, the rates of collection and the payments to the prefecture."""

from django.urls import path

from collection.closing.views import books, periods, remittances

urlpatterns = [
    path("rates/", books.rates, name="collection-rates"),
    path("collection/books/", books.books, name="collection-books"),
    path("collection/remittances/", remittances.remittances, name="collection-remittances"),
    path("collection/remittances/<int:remittance_id>/", remittances.remittance, name="collection-remittance"),
    path("collection/periods/", periods.periods, name="collection-periods"),
    path("collection/periods/<int:closing_id>/", periods.period, name="collection-period"),
    path("collection/periods/<int:closing_id>/reopen", periods.reopen, name="collection-period-reopen"),
]
