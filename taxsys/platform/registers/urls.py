"""Addresses of the registers."""

from django.urls import path

from taxsys.platform.registers.views import lists, packages, rows

urlpatterns = [
    path("", lists.home, name="registers"),
    path("tasks", lists.tasks, name="register-tasks"),
    path("kind/<slug:kind_code>", lists.rows, name="register-rows"),
    path("kind/<slug:kind_code>/new", rows.new, name="register-new"),
    path("kind/<slug:kind_code>/statistics", lists.statistics, name="register-statistics"),
    path("kind/<slug:kind_code>/export", lists.export, name="register-export"),
    path("row/<uuid:row_id>", rows.page, name="register-row"),
    path("row/<uuid:row_id>/edit", rows.edit, name="register-edit"),
    path("row/<uuid:row_id>/step/<slug:code>", rows.step, name="register-step"),
    path("row/<uuid:row_id>/attach", rows.attach, name="register-attach"),
    path("row/<uuid:row_id>/attachment/<uuid:attachment_id>", rows.attachment, name="register-attachment"),
    path("row/<uuid:row_id>/package", packages.package, name="register-package"),
    path("row/<uuid:row_id>/support", packages.support, name="register-support"),
    path("row/<uuid:row_id>/evidence", packages.evidence, name="register-evidence"),
    path("row/<uuid:row_id>/version/<int:number>", rows.version, name="register-version"),
]
