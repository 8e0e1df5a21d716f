"""Many parties in one condition: the keys travel to the database as one text, not value by value.

A chunk of some thousand people is asked for by a dozen statements; letting the driver write each key of each list costs
more than the statements themselves.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db.models.expressions import RawSQL


def uuid_array(keys: Iterable[UUID]) -> str:
    """The keys as one array literal, for `= ANY(%s::uuid[])`."""
    return "{" + ",".join(map(str, keys)) + "}"


def among(keys: Iterable[UUID]) -> RawSQL:
    """The keys for a condition `…__in=among(keys)` of a query set."""
    return RawSQL("SELECT unnest(%s::uuid[])", [uuid_array(keys)])
