"""Addresses of the files desk."""

from django.urls import path

from taxsys.platform.files import department_views, views

urlpatterns = [
    path("", views.received_list, name="files"),
    path("receive", views.receive, name="files-receive"),
    path("department", department_views.receive, name="files-department"),
    path("received/<uuid:file_id>", views.received_page, name="files-received"),
    path("received/<uuid:file_id>/result", views.result, name="files-result"),
    path("received/<uuid:file_id>/import", views.start_import, name="files-import"),
    path("issued", views.issued_list, name="files-issued-list"),
    path("issued/<uuid:file_id>", views.issued_page, name="files-issued"),
    path("issued/<uuid:file_id>/release", views.release, name="files-release"),
    path("issued/<uuid:file_id>/content", views.content, name="files-content"),
    path("issued/<uuid:file_id>/state", views.state_change, name="files-state"),
]
