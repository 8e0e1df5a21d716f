"""Data builders of papers are plain data: they load without Django and without a drawing library."""

from __future__ import annotations

import subprocess
import sys

import pytest

BUILDERS = (
    "assessment.amendments.papers.relief_notice_data",
    "assessment.resident.papers.filing_request_data",
    "assessment.resident.papers.tax_notice_data",
    "assessment.resident.papers.withholding_data",
    "collection.papers.payment_slip_data",
    "delinquency.papers.reminder_data",
    "certificates.papers.tax_certificate_data",
    "taxsys.platform.printing.parts",
)


@pytest.mark.parametrize("module", BUILDERS)
def test_data_builder_loads_neither_django_nor_reportlab(module: str) -> None:
    code = (
        f"import sys, {module}\n"
        "heavy = {'django', 'reportlab', 'psycopg', 'celery', 'redis', 'rest_framework'}\n"
        "print(sorted(heavy & {name.split('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
