"""A small synthetic city, its register taken in, and an access context of a batch."""

from collections.abc import Iterator
from datetime import date

import pytest

from addressbook.services.feed import feed_apply_chunk
from taxsys.city.deliveries import CityDeliveries
from taxsys.city.economy import CityEconomy
from taxsys.city.people import CityPeople
from taxsys.city.resident_feed import snapshot_records
from taxsys.platform import clock
from taxsys.platform.audit.context import AccessContext, using


@pytest.fixture(scope="session")
def city() -> CityDeliveries:
    return CityDeliveries(CityEconomy(CityPeople(size=300, seed=7)))


@pytest.fixture
def acting() -> Iterator[None]:
    context = AccessContext(
        actor_kind="job", actor_id="test", function_id="B-PI-03", legal_base="番号法9条1項・別表24",
        purpose="取込の試験", request_id="test",
    )  # fmt: skip
    with clock.at(date(2026, 2, 2)), using(context):
        yield


@pytest.fixture
def register(db: None, data_folder: object, acting: None, city: CityDeliveries) -> CityDeliveries:
    feed_apply_chunk(list(snapshot_records(city.people)), source="juki")
    return city
