"""番号の漏えい点検 as a service: the vault as the one who knows, and digests of its numbers (R-172, R-214, N-001)."""

from collections.abc import Iterator, Sequence

import numpy as np
from django.conf import settings
from django.db import transaction
from numpy.typing import NDArray

from addressbook.number_scan.digests import DigestTable, digests_of
from addressbook.number_scan.digits import Values
from addressbook.services.key_ranges import SLICE_BITS, slices
from addressbook.vault import rotation, scanning

_ASKED_AT_ONCE = 50_000


class VaultKnows:
    """Asks the vault by the keyed index; numbers are never opened for it."""

    def which(self, values: Values) -> NDArray[np.bool_]:
        """For each value whether it is a number of the vault. Needs an access context of function and legal base."""
        known = np.zeros(len(values), dtype=bool)
        for start in range(0, len(values), _ASKED_AT_ONCE):
            asked = [b"%012d" % value for value in values[start : start + _ASKED_AT_ONCE].tolist()]
            with transaction.atomic():
                known[[start + place for place in scanning.known_places(asked)]] = True
        return known


def numbers_count() -> int:
    """How many numbers, held ones included, there are."""
    return sum(rotation.sealed_count().values())


def digests_made(salts: Sequence[bytes] = ()) -> DigestTable:
    """Digests of every number, and its index values, made in memory under record; the numbers are dropped at once.

    `salts` are added to those anybody in the house knows: signing key, municipality, and the party's own id.
    """
    shared = [settings.SECRET_KEY.encode(), settings.TAXSYS_MUNICIPALITY_CODE.encode(), *salts]
    return DigestTable(_digests(shared))


def _digests(salts: Sequence[bytes]) -> Iterator[bytes]:
    bits = 0 if numbers_count() < _ASKED_AT_ONCE else SLICE_BITS
    for start, stop in slices(bits):
        with transaction.atomic():
            for number, party, index in scanning.numbers_between(start, stop):
                own = [] if party is None else [str(party).encode(), party.bytes, party.hex.encode()]
                yield from index
                yield from digests_of(number, [*salts, *own])
