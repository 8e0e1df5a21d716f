"""実在の番号の指紋: by them a test or training copy refuses real numbers (R-234, N-074).

The list is made in production and loaded into the copy; both ask a key of the same value in their token. Four bytes of
the keyed hash are kept: enough to refuse, too little to single anybody out.
"""

from collections.abc import Iterator, Sequence
from uuid import UUID

from django.conf import settings

from addressbook.errors import RealNumberRefused
from addressbook.vault.door import call, context_json, data_keys, opened
from addressbook.vault.keys import key_provider
from addressbook.vault.rotation import owners_of, seals_of

PRINT_BYTES = 4
_PAGE = 20_000


def prints_of(numbers: Sequence[bytes]) -> list[bytes]:
    """The fingerprint of each number."""
    return [value[:PRINT_BYTES] for value in key_provider().fingerprints(numbers)]


def prints_of_all() -> Iterator[bytes]:
    """The fingerprints of every number of this installation, former ones included."""
    keys, after = data_keys(), UUID(int=0)
    while True:
        rows = call(
            "SELECT is_held, id, party_id, key_version, nonce, ciphertext, tag FROM vault.seals_page(%s, %b, %b)",
            (context_json(), after, _PAGE),
        )
        if not rows:
            return
        yield from prints_of(opened(seals_of(rows, owners_of(rows)), keys))
        after = rows[-1][1]


def prints_load(prints: Sequence[bytes]) -> int:
    """Put the list of another installation in the place of the standing one; answers how many it has."""
    return int(call("SELECT vault.fingerprints_load(%s, %b)", (context_json(), list(prints)))[0][0])


def real_numbers_refuse(numbers: Sequence[bytes]) -> None:
    """In a copy (TAXSYS_REAL_NUMBERS_REFUSED): raise RealNumberRefused for a real one, or where no list is there."""
    if not settings.TAXSYS_REAL_NUMBERS_REFUSED or not numbers:
        return
    listed, known = call("SELECT listed, known FROM vault.fingerprints_known(%b)", (prints_of(numbers),))[0]
    if not listed:
        raise RealNumberRefused(
            "実在の番号の一覧がないため、番号を取り込めません。manage.py real_numbers load で一覧を読み込んでください。"
        )
    if known:
        raise RealNumberRefused
