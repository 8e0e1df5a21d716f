"""The vault: sealing in bulk against the two bare primitives, look-up by number, reveals, and rotation.

    python -m taxsys.embedded servers -- python -m tests.bench.vault [numbers]

The floor is what no vault of this kind can do without: one AES-256-GCM encryption with associated data and one
HMAC-SHA-256 per number, by the same library in the same process, in two loops with everything prepared beforehand.
Reveals and look-ups go through the services of the screens: right, limit, access event, decryption, one transaction.
"""

import hmac
import secrets
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from random import Random
from uuid import UUID, uuid4

import django
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import transaction

if not apps.ready:
    django.setup()

from addressbook.codes import NumberPurpose
from addressbook.permissions import LEGAL_BASE_TAX, REVEAL_NUMBER, SEARCH_NUMBER
from addressbook.services import key_ranges, keys
from addressbook.services.number_use import number_find, number_show
from addressbook.vault.keys import key_provider
from addressbook.vault.manager import Origin, vault
from addressbook.vault.sealing import data_key_new, data_key_open, seal_many
from taxsys.platform.audit.context import AccessContext, using
from taxsys.platform.staff.models import Staff
from tests.platform.actors import officer

NUMBERS = 330_000
TARGET_RATIO = 1.3
ROUNDS = 5
LOOKUPS = 300
STORED = 20_000
CHUNK = 5_000


def _digits(count: int) -> list[bytes]:
    """Distinct twelve digits that stand for numbers, with a right check digit so that the services take them."""
    made = []
    for base in range(10_000_000_000, 10_000_000_000 + count):
        text = str(base)
        weights = (*range(2, 8), *range(2, 7))
        rest = sum(int(digit) * weight for digit, weight in zip(reversed(text), weights, strict=True)) % 11
        made.append(f"{text}{0 if rest <= 1 else 11 - rest}".encode())
    return made


def _processor(act: Callable[[], object]) -> float:
    """Processor seconds: sealing is arithmetic alone, and what else the machine does must not count."""
    started = time.process_time()
    act()
    return time.process_time() - started


def _seconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def sealing(count: int) -> tuple[float, float]:
    """Processor seconds of the vault's sealing and index for `count` numbers, and of the two bare loops."""
    numbers, ids, parties = _digits(count), [uuid4() for _ in range(count)], [uuid4().bytes for _ in range(count)]
    provider = key_provider()
    key = data_key_open(provider, 1, data_key_new(provider, 1))

    def ours() -> None:
        seal_many(key, ids, parties, numbers)
        provider.index(numbers, index_version=1)

    encrypt, mac_key = AESGCM(secrets.token_bytes(32)).encrypt, secrets.token_bytes(32)
    nonces = [secrets.token_bytes(12) for _ in range(count)]
    labels = [
        b"taxsys.vault.v2|" + row.bytes + party + b"|local-tax|1" for row, party in zip(ids, parties, strict=True)
    ]
    macs = [b"my_number|1|" + number for number in numbers]

    def bare() -> None:
        for nonce, number, label in zip(nonces, numbers, labels, strict=True):
            encrypt(nonce, number, label)
        for text in macs:
            hmac.digest(mac_key, text, "sha256")

    times = [(_processor(ours), _processor(bare)) for _ in range(ROUNDS)]
    return min(mine for mine, _ in times), min(floor for _, floor in times)


def _store(parties: list[UUID], numbers: list[bytes]) -> float:
    origin = Origin(source="bench", verified_by="resident-record", acquired_on=date(2026, 1, 5))

    def act() -> None:
        for start in range(0, len(parties), CHUNK):
            vault.put(parties[start : start + CHUNK], numbers[start : start + CHUNK], origin=origin)

    return _seconds(act)


def _each(act: Callable[[int], object], draws: list[int]) -> list[float]:
    def one(position: int) -> float:
        return _seconds(lambda: act(position))

    return [one(position) for position in draws]


def services(staff: Staff) -> None:
    """Store, look up, reveal and rotate; print the figures."""
    parties, numbers = [uuid4() for _ in range(STORED)], _digits(STORED)
    stored = _store(parties, numbers)
    print(f"  register {STORED:,} numbers with index and event: {stored:.2f} s ({STORED / stored:,.0f} /s)")
    draw = Random(1)
    draws = [draw.randrange(STORED) for _ in range(LOOKUPS)]
    purpose = NumberPurpose.MATCHING
    found = _each(lambda at: number_find(numbers[at].decode(), staff=staff, purpose=purpose), draws)
    shown = _each(lambda at: number_show(parties[at], staff=staff, purpose=purpose), draws)
    for title, times in (("look-up by number", found), ("reveal", shown)):
        p95 = statistics.quantiles(times, n=20)[-1]
        print(
            f"  {title}: p50 {statistics.median(times) * 1000:.1f} ms, p95 {p95 * 1000:.1f} ms,"
            f" {len(times) / sum(times):,.0f} /s by one officer"
        )
    target = keys.key_next()

    def rotate() -> None:
        keys.key_make(target)
        for start, stop in key_ranges.slices(key_ranges.SLICE_BITS):
            keys.numbers_reseal(target, start=start, stop=stop)
        keys.rotation_prove(target)

    seconds = _seconds(rotate)
    print(f"  rotation of {STORED:,} numbers: {seconds:.2f} s ({STORED / seconds:,.0f} /s)")


def main() -> None:
    """Migrate the database at hand, measure, and take everything back."""
    call_command("migrate", interactive=False, verbosity=0)
    count = int(sys.argv[1]) if len(sys.argv) > 1 else NUMBERS
    ours, bare = sealing(count)
    ratio = ours / bare
    print(f"vault: seal and index {count:,} numbers {ours:.2f} s, the two bare primitives {bare:.2f} s")
    print(f"  ratio {ratio:.2f} (target {TARGET_RATIO}: {'met' if ratio <= TARGET_RATIO else 'MISSED'})")
    settings.TAXSYS_NUMBERS_PER_MINUTE = settings.TAXSYS_NUMBERS_PER_DAY = 10 * LOOKUPS
    with transaction.atomic():
        staff = officer("B-VAULT", permissions=[REVEAL_NUMBER, SEARCH_NUMBER])
        acting = AccessContext(
            actor_kind="staff", actor_id=staff.staff_no, function_id="F-CM-016", legal_base=LEGAL_BASE_TAX,
            purpose="bench",
        )  # fmt: skip
        with using(acting):
            services(staff)
        transaction.set_rollback(True)


if __name__ == "__main__":
    main()
