"""Fixtures of the address book: an access context with the right to numbers, and feed records by the dozen."""

import datetime
from collections.abc import Iterator
from typing import Any

import pytest

from taxsys.platform import clock
from taxsys.platform.audit.context import AccessContext, using

LEGAL_BASE = "番号法9条1項・別表24"


def full_context(**changes: Any) -> AccessContext:
    """An access context that may handle numbers."""
    fields: dict[str, Any] = {
        "actor_kind": "job",
        "actor_id": "run-1",
        "function_id": "F-CM-001",
        "legal_base": LEGAL_BASE,
        "purpose": "resident-feed",
    }
    return AccessContext(**{**fields, **changes})


@pytest.fixture
def number_context() -> Iterator[AccessContext]:
    """Act as a job that may handle numbers, on 20 November 2026."""
    with clock.at(datetime.date(2026, 11, 20)), using(full_context()) as context:
        yield context


def feed_record(seq: int, **changes: Any) -> dict[str, Any]:
    """One record of the resident feed with plain values; `changes` by the layout's field names."""
    record: dict[str, Any] = {
        "seq": seq,
        "op": "1",
        "person_no": f"R{seq:014d}",
        "household_no": f"S{seq:010d}",
        "my_number": "",
        "resident_kind": "1",
        "resident_state": "1",
        "name": "旭川　太郎",
        "kana": "アサヒカワ　タロウ",
        "birth": datetime.date(1980, 5, 5),
        "birth_unknown": "",
        "sex": "1",
        "relation": "02",
        "head_name": "旭川　太郎",
        "addr_municipality": "012041",
        "addr_choaza": "",
        "addr_number": "四条通八丁目12番3号",
        "addr_building": "",
        "zip": "0700034",
        "resident_since": datetime.date(2010, 4, 1),
        "address_since": datetime.date(2010, 4, 1),
        "left_on": None,
        "died_on": None,
        "reason": "A01",
        "event_on": datetime.date(2010, 4, 1),
        "reported_on": datetime.date(2010, 4, 1),
        "protected": "0",
    }
    return {**record, **changes}
