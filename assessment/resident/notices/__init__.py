"""住民税の通知 (notices of the resident tax): from decisions in force and the ledger to pieces of print packages.

`targets` says who must be told what, `calculation_sheet` maps facts and results to the printed sheet, `ordinary` and
`withholding` load the pieces set-based, `checks` prove a package against decisions and ledger, `print_jobs` declares
the batches, `preview` draws one person's notice without printing it.
"""
