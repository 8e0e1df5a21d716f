"""Fixtures of the 証明 duty: a clerk at a counter on the business day of the demonstration."""

from collections.abc import Iterator
from typing import Any

import pytest

from taxsys.platform import clock
from taxsys.platform.audit.context import using
from tests.certificates.decided import TODAY
from tests.platform.actors import officer, staff_context


@pytest.fixture
def counter(db: None, settings: Any) -> Iterator[Any]:
    """Act as the clerk 5001 at terminal T0001 on 20 November 2026."""
    settings.TAXSYS_CREATE_KEYS = True
    settings.TAXSYS_BUSINESS_DATE = TODAY.isoformat()
    staff = officer("5001")
    with clock.at(TODAY), using(staff_context(staff)):
        yield staff
