"""The rendering cases of every registered output, beside the registers (`<app>/outputs.py`).

An output id without a line here stops the build, and so does an address of the house or a form that stands under none:
whoever adds a page, a paper or a file says which output it is, or that no name and no address of a party is in it.
"""

# Output id → names of the addresses on which it is shown.
PAGES: dict[str, tuple[str, ...]] = {
    "addressbook.search": ("search", "search-result"),
    "addressbook.recent": ("home",),
    "addressbook.card": (
        "party-overview", "party-history", "party-contacts", "party-retention", "party-delivery-new",
        "party-delivery-end", "party-link-new", "party-link-end", "party-protection", "party-nonresident-edit",
        "party-number", "party-number-reveal", "party-number-new", "party-number-release", "party-number-cancel",
        "party-number-confirm", "number-search", "number-entries", "number-alarms",
    ),
    "addressbook.measures": ("protections", "protection-new", "protection-term"),
    "addressbook.measure_proposal": ("approvals-detail",),
    "addressbook.lookups": ("party-lookups",),
    "addressbook.number_files": ("number-file",),
    "addressbook.number_tasks": ("number-tasks", "number-task"),
    "addressbook.dossier": ("register-package",),
    "addressbook.household": ("party-household",),
    "addressbook.matching": ("assessment-unmatched",),
    "assessment.card": (
        "party-assessment", "assessment-compare", "assessment-calculation", "assessment-calculation-print",
        "assessment-run-calculation",
    ),
    "assessment.calculation_sheet": ("assessment-calculation-pdf",),
    "assessment.findings": ("assessment-findings", "assessment-comparison", "assessment-run"),
    "assessment.documents": ("party-documents", "assessment-file", "assessment-files"),
    "assessment.matching": ("assessment-document",),
    "assessment.items": ("assessment-items", "assessment-items-csv"),
    "assessment.keying": ("assessment-keying-bundle", "assessment-bundle-decide"),
    "assessment.entry": ("assessment-entry", "assessment-entry-paper"),
    "assessment.differences": ("assessment-differences",),
    "assessment.changes": ("assessment-changes", "assessment-change", "assessment-change-new"),
    "assessment.withholder": ("assessment-withholder", "assessment-privilege", "assessment-privileges"),
    "assessment.privilege_notice": ("assessment-privilege-paper",),
    "assessment.pension_stops": ("pension-stops", "pension-stop"),
    "assessment.elsewhere": ("assessment-elsewhere",),
    "assessment.elsewhere_letter": ("assessment-elsewhere-letters",),
    "assessment.scans": (
        "party-scans", "scans", "scan", "scan-page", "scan-reveal", "scan-reveal-page", "party-scan-new",
        "assessment-document-scan-new", "scan-mask", "scan-mask-page",
    ),
    "assessment.amendments": ("amendments", "amendment", "amendment-new"),
    "assessment.reliefs": ("reliefs", "relief", "relief-new", "relief-paper"),
    "assessment.premises": ("premises", "premises-one", "premises-new"),
    "assessment.premises_letter": ("premises-letters",),
    "assessment.year_switch": ("year-switch-lines",),
    "assessment.extraction": ("extraction",),
    "assessment.notice_preview": ("assessment-notice-preview",),
    "certificates.own": ("certificates-pdf",),
    "certificates.for_others": ("certificates-pdf",),
    "certificates.counter": (
        "certificates-new", "certificates-check", "certificates-issue",
    ),
    "certificates.register": ("certificates-home", "party-certificates"),
    "collection.list": (
        "party-collection", "collection-charge", "collection-reissue", "collection-home", "collection-counter",
        "collection-take", "collection-closing", "collection-receipt", "collection-reverse", "collection-suspense",
        "collection-suspense-page", "collection-day", "collection-proof", "collection-refunds",
        "collection-refund-plan", "collection-refund", "collection-refund-file",
        "collection-debit", "collection-debit-entry", "collection-debit-end", "collection-debit-desk",
        "collection-slips", "collection-deferment-list", "collection-deferments", "collection-deferment",
    ),
    "collection.agents": ("agent-payments", "agent-payment", "agent-month"),
    "collection.agent_letter": ("agent-letter",),
    "collection.slip": ("collection-slip-paper", "collection-slips-paper"),
    "collection.receipt": ("collection-receipt-paper",),
    "collection.refund_notice": ("collection-refund-paper",),
    "delinquency.reminder_list": ("delinquency-home", "delinquency-run"),
    "delinquency.card": (
        "party-delinquency", "delinquency-reminder",

    ),
}  # fmt: skip

# Output id → form ids of its papers in print packages.
PAPERS: dict[str, tuple[str, ...]] = {
    "assessment.filing_request": ("L-PI-02",),
    "assessment.relief_notice": ("L-PI-13",),
    "assessment.tax_notice": ("L-PI-05",),
    "assessment.privilege_notice": ("L-PI-10",),
    "assessment.withholding_notice": ("L-PI-07", "L-PI-08"),
    "delinquency.reminder": ("L-CL-02",),
    "collection.slip": ("L-CL-01",),
    "collection.receipt": ("L-CL-07",),
    "collection.debit_letter": ("L-CL-03", "L-CL-04"),
    "collection.refund_notice": ("L-CL-05",),
    "collection.agent_letter": ("L-CL-10",),
    "certificates.own": ("L-CT-02",),
    "certificates.for_others": ("L-CT-02",),
}

# Outputs that are asked for inside others and have no page or paper of their own.
WITHIN: dict[str, str] = {"addressbook.delivery": "every paper in a print package"}

# Addresses on which neither a name nor an address of a party stands (they are opened and searched all the same).
WITHOUT_PARTIES: frozenset[str] = frozenset({
    "assessment-withholder-new",
    "access-finding", "access-log", "access-review", "access-review-sheet", "access-reviews", "access-seal-sheet",
    "access-seals", "access-watched", "api-register-rows",
    "approvals-deputies", "approvals-own", "approvals-queue",
    "change-log", "change-log-party", "change-log-record",
    "assessment-bundle", "assessment-bundle-new", "assessment-bundles", "assessment-keying",
    "law-sets", "assessment-parameters", "assessment-parameters-current", "assessment-runs", "files", "files-issued",
    "files-issued-list", "files-receive", "files-received", "files-result", "health-live", "health-ready", "jobs",
    "jobs-catalogue", "jobs-output", "jobs-request", "jobs-run", "jobs-run-live", "nonresident-new", "number-files",
    "printing",
    "retention", "retention-certificate", "retention-certificate-sheet", "retention-certificates", "retention-classes",
    "retention-copies", "retention-list",
    "printing-count-sheet", "printing-package", "printing-piece", "printing-pull-outs", "rights", "rights-detail",
    "rights-office-end", "rights-office-new", "rights-offices", "rights-recertification", "rights-request",
    "acknowledge", "password", "rights-people", "rights-terminals", "rights-terminal-new", "emergency-use",
    "emergency-uses", "emergency-review",
    "register-edit", "register-new", "register-row", "register-rows", "register-statistics", "register-step",
    "register-tasks", "register-attachment", "register-version", "register-evidence", "register-support", "registers",
    "reveal-day", "reveal-reports",
    "rights-requests", "rights-waiting", "sign-in", "step-up", "ui-gallery", "ui-help", "ui-sitting", "year-switch",
    "dataset-export", "datasets", "files-department", "file-book", "file-book-paper", "file-book-table",
    "provision-register", "provision-row", "provision-row-end", "provision-row-new",
    "provision-row-propose", "provision-table", "provision-table-receive", "own-transfer", "own-transfer-result",
    "own-transfers", "transfer", "transfer-ask", "transfer-check", "transfer-execute", "transfer-result", "transfers",
    "what-if", "collection-books", "collection-period", "collection-periods",
    "collection-rates", "collection-remittance", "collection-remittances", "collection-takeover",
})  # fmt: skip

# Acts: they answer no GET. What they draw when something is missing is the page they were sent from.
ACTS: frozenset[str] = frozenset({
    "access-review-sign", "access-watched-end", "api-income-lookup", "api-income-query", "approvals-decide",
    "approvals-deputy-end", "approvals-withdraw",
    "amendment-act", "assessment-document-attach", "assessment-document-detach", "assessment-document-forward",
    "assessment-document-decide", "assessment-document-place", "assessment-elsewhere-settle",
    "assessment-change-act", "assessment-withholder-succeed", "assessment-differences-settle",
    "pension-result-settle", "pension-stop-withdraw", "year-switch-ask",
    "premises-answer", "premises-dismiss", "premises-end",
    "assessment-privilege-act", "assessment-privilege-apply",
    "assessment-items-settle",
    "assessment-document-take-back", "assessment-findings-settle", "assessment-recall", "certificates-hold",
    "certificates-hold-lift", "certificates-reissue", "certificates-request-issue", "certificates-void",
    "collection-period-reopen", "collection-refund-void",
    "delinquency-contact", "delinquency-returned", "delinquency-withdraw", "files-content", "files-import",
    "files-release", "files-state", "jobs-approve", "jobs-discard", "jobs-release", "jobs-resume", "jobs-start",
    "jobs-stop", "number-alarm-note", "number-file-check", "number-file-draw", "number-file-propose",
    "party-contact-new", "printing-hand-over", "printing-mail", "printing-pull",
    "printing-recall", "printing-release", "register-attach", "register-export",
    "relief-act", "reveal-day-note",
    "retention-copy-destroy", "retention-propose", "party-stop-new", "party-stop-lift",
    "rights-answer", "rights-key", "rights-pledge",
    "rights-recertify", "rights-reenable", "rights-stop-keys", "rights-withdraw", "rights-terminal-stop",
    "rights-certificate-revoke", "emergency-end", "sign-out",
    "ui-date-echo", "ui-keep-alive", "ui-lock",
    "transfer-close", "transfer-receive", "transfer-withdraw",
    "scan-withdraw", "what-if-csv",
})  # fmt: skip
