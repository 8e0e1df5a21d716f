"""日次の署名: the last seal of a day under an Ed25519 key; the public half goes to whoever verifies.

The key is a file of the key folder in the embedded profile; production names its provider in TAXSYS_AUDIT_SIGNER (a
dotted class with `key_id`, `public` and `sign`, as for PKCS#11), or asks for "file" by name.
"""

from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.module_loading import import_string

from taxsys.platform import clock
from taxsys.platform.audit.merkle import head_message
from taxsys.platform.audit.models import Seal, SignedHead
from taxsys.platform.keyfile import key_read

KEY_FILE = "audit-v1.key"


class Signer(Protocol):
    """What the log asks of a key store."""

    key_id: str
    public: bytes

    def sign(self, message: bytes) -> bytes:
        """Ed25519 signature (64 bytes)."""


class FileSigner:
    """The key in a file with mode 0600."""

    def __init__(self, path: Path, *, may_make: bool) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(key_read(path, may_make=may_make))
        self.public = self._key.public_key().public_bytes_raw()
        self.key_id = sha256(self.public).hexdigest()[:16]

    def sign(self, message: bytes) -> bytes:
        """Ed25519 signature."""
        return self._key.sign(message)


def signer() -> Signer:
    """The signer of this installation. Raises KeyFileFault."""
    chosen = str(getattr(settings, "TAXSYS_AUDIT_SIGNER", "file"))
    if chosen != "file":
        named: Signer = import_string(chosen)()
        return named
    folder = Path(getattr(settings, "TAXSYS_KEY_DIR", "") or Path(settings.TAXSYS_DATA_DIR) / "keys")
    return FileSigner(folder / KEY_FILE, may_make=getattr(settings, "TAXSYS_PROFILE", "") != "production")


@transaction.atomic
def head_sign(day: date) -> SignedHead | None:
    """Sign the newest seal as the head of `day`; None when nothing is sealed. The same day again gives the first."""
    held = SignedHead.objects.filter(day=day).first()
    last = Seal.objects.order_by("-seq").first()
    if held is not None or last is None:
        return held
    total = Seal.objects.aggregate(total=Sum("count"))["total"]
    key = signer()
    return SignedHead.objects.create(
        day=day,
        seq=last.seq,
        value=bytes(last.value),
        events_total=total,
        key_id=key.key_id,
        signature=key.sign(head_message(day.isoformat(), last.seq, bytes(last.value), total)),
        signed_at=clock.now(),
    )


def yesterday_sign() -> SignedHead | None:
    """Sign the head of the day that has ended, in real time, unless that was done."""
    ended = timezone.localdate(clock.now()) - timedelta(days=1)
    return SignedHead.objects.filter(day=ended).first() or head_sign(ended)


def signature_holds(head: SignedHead, public: bytes) -> bool:
    """Whether a head was signed by the holder of the public key."""
    message = head_message(head.day.isoformat(), head.seq, bytes(head.value), head.events_total)
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(bytes(head.signature), message)
    except InvalidSignature:
        return False
    return True


def head_code(head: SignedHead) -> str:
    """What is printed on the operator's sheet: the seal's number and value in groups that a person can compare."""
    text = bytes(head.value).hex()
    return f"{head.seq}:" + "-".join(text[start : start + 8] for start in range(0, 64, 8))
