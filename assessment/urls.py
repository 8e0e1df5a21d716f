"""Addresses of the 賦課 duty. A party is named by its random id, everything else by surrogate numbers."""

from django.urls import path

from assessment.views import (
    bundles,
    calculation,
    comparison,
    decisions,
    differences,
    documents,
    elsewhere,
    entry,
    items,
    matching,
    parameters,
    runs,
)

urlpatterns = [
    path("party/<uuid:party_id>/assessment", decisions.tab, name="party-assessment"),
    path("party/<uuid:party_id>/assessment/<int:tax_year>/compare", decisions.compare, name="assessment-compare"),
    path(
        "party/<uuid:party_id>/assessment/<int:tax_year>/<int:version>",
        calculation.calculation,
        name="assessment-calculation",
    ),
    path(
        "party/<uuid:party_id>/assessment/<int:tax_year>/<int:version>/print",
        calculation.calculation_print,
        name="assessment-calculation-print",
    ),
    path(
        "party/<uuid:party_id>/assessment/<int:tax_year>/<int:version>/sheet.pdf",
        calculation.calculation_sheet_pdf,
        name="assessment-calculation-pdf",
    ),
    path(
        "assessment/runs/<int:run_id>/party/<uuid:party_id>",
        calculation.run_calculation,
        name="assessment-run-calculation",
    ),
    path("assessment", runs.listing, name="assessment-runs"),
    path("assessment/runs/<int:run_id>", runs.one, name="assessment-run"),
    path("assessment/runs/<int:run_id>/findings/<slug:check_id>", runs.findings, name="assessment-findings"),
    path("assessment/runs/<int:run_id>/comparison", comparison.comparison, name="assessment-comparison"),
    path(
        "assessment/runs/<int:run_id>/findings/<slug:check_id>/settle", runs.settle, name="assessment-findings-settle"
    ),
    path("party/<uuid:party_id>/documents", documents.party_tab, name="party-documents"),
    path("assessment/unmatched", matching.unmatched, name="assessment-unmatched"),
    path("assessment/files", documents.files, name="assessment-files"),
    path("assessment/files/<uuid:file_id>", documents.file_documents, name="assessment-file"),
    path("assessment/documents/<int:document_id>", documents.document, name="assessment-document"),
    path("assessment/documents/<int:document_id>/attach", matching.attach, name="assessment-document-attach"),
    path("assessment/documents/<int:document_id>/place", documents.place, name="assessment-document-place"),
    path("assessment/documents/<int:document_id>/detach", matching.detach, name="assessment-document-detach"),
    path("assessment/documents/<int:document_id>/forward", matching.forward, name="assessment-document-forward"),
    path("assessment/documents/<int:document_id>/take-back", matching.take_back, name="assessment-document-take-back"),
    path("assessment/documents/<int:document_id>/decide", elsewhere.decide, name="assessment-document-decide"),
    path("assessment/elsewhere", elsewhere.listing, name="assessment-elsewhere"),
    path("assessment/elsewhere/settle", elsewhere.settle, name="assessment-elsewhere-settle"),
    path("assessment/elsewhere/<int:tax_year>/letters", elsewhere.letters, name="assessment-elsewhere-letters"),
    path("assessment/differences", differences.listing, name="assessment-differences"),
    path("assessment/differences/settle", differences.settle, name="assessment-differences-settle"),
    path("assessment/items", items.listing, name="assessment-items"),
    path("assessment/items/settle", items.settle, name="assessment-items-settle"),
    path("assessment/items.csv", items.export, name="assessment-items-csv"),
    path("assessment/entry", entry.home, name="assessment-entry"),
    path("assessment/entry/<slug:form_code>/<int:tax_year>", entry.paper, name="assessment-entry-paper"),
    path("assessment/bundles", bundles.listing, name="assessment-bundles"),
    path("assessment/bundles/new", bundles.new, name="assessment-bundle-new"),
    path("assessment/bundles/<int:bundle_id>", bundles.one, name="assessment-bundle"),
    path("assessment/bundles/papers/<int:paper_id>/decide", bundles.decide, name="assessment-bundle-decide"),
    path("keying", bundles.own, name="assessment-keying"),
    path("keying/<int:bundle_id>", bundles.key, name="assessment-keying-bundle"),
    path("parameters", parameters.current, name="assessment-parameters-current"),
    path("parameters/<int:tax_year>", parameters.year, name="assessment-parameters"),
]
