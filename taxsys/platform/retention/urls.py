"""Addresses of the retention desk."""

from django.urls import path

from taxsys.platform.retention.views import certificates, copies, lists

urlpatterns = [
    path("", lists.desk, name="retention"),
    path("classes", lists.class_list, name="retention-classes"),
    path("lists/<int:list_id>", lists.list_page, name="retention-list"),
    path("lists/<int:list_id>/propose", lists.propose, name="retention-propose"),
    path("certificates", certificates.certificates, name="retention-certificates"),
    path("certificates/<uuid:certificate_id>", certificates.certificate, name="retention-certificate"),
    path("certificates/<uuid:certificate_id>/sheet.pdf", certificates.sheet, name="retention-certificate-sheet"),
    path("copies", copies.copies, name="retention-copies"),
    path("copies/<int:copy_id>/destroy", copies.destroy, name="retention-copy-destroy"),
]
