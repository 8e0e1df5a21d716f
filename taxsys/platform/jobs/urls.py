"""Addresses of the job console."""

from django.urls import path

from taxsys.platform.jobs import views

urlpatterns = [
    path("", views.console, name="jobs"),
    path("catalogue", views.catalogue, name="jobs-catalogue"),
    path("catalogue/<str:job_id>", views.request_form, name="jobs-request"),
    path("runs/<int:run_id>", views.run_page, name="jobs-run"),
    path("runs/<int:run_id>/live", views.run_live, name="jobs-run-live"),
    path("runs/<int:run_id>/start", views.start, name="jobs-start"),
    path("runs/<int:run_id>/stop", views.stop, name="jobs-stop"),
    path("runs/<int:run_id>/resume", views.resume, name="jobs-resume"),
    path("runs/<int:run_id>/discard", views.discard, name="jobs-discard"),
    path("runs/<int:run_id>/approve", views.approve, name="jobs-approve"),
    path("runs/<int:run_id>/release", views.release, name="jobs-release"),
    path("outputs/<int:output_id>", views.output, name="jobs-output"),
]
