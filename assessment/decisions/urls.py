"""Addresses of the recall of a run."""

from django.urls import path

from assessment.decisions import views

urlpatterns = [path("assessment/runs/<int:run_id>/recall", views.recall, name="assessment-recall")]
