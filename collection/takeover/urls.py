"""Address of the take-over's page."""

from django.urls import path

from collection.takeover.views import takeover

urlpatterns = [path("collection/takeover/", takeover, name="collection-takeover")]
