"""A small city whose 令和8 is decided."""

import pytest

from taxsys.city.deliveries import CityDeliveries
from tests.assessment.change.conftest import city
from tests.assessment.change.decided import decide_year

__all__ = ["city", "year"]


@pytest.fixture
def year(city: CityDeliveries) -> CityDeliveries:
    """Both cuts of the year are released."""
    decide_year()
    return city
