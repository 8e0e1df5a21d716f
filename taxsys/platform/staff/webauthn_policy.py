"""鍵の方針: which authenticators are taken: bound to a device, user verified, makes and roots from the city's list.

A synced passkey leaves the building with its owner's account, so a credential that may be backed up is refused however
well it is attested.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from webauthn.helpers.structs import AttestationFormat, CredentialDeviceType
from webauthn.registration.verify_registration_response import VerifiedRegistration


@dataclass(frozen=True, kw_only=True)
class KeyPolicy:
    """The relying party, and the makes (AAGUID) and root certificates the city takes; roots: format → PEM files."""

    rp_id: str
    origins: tuple[str, ...]
    aaguids: frozenset[str]
    roots: Mapping[AttestationFormat, list[bytes]] = field(default_factory=dict)
    must_chain: bool = True


def _roots(folder: str) -> dict[AttestationFormat, list[bytes]]:
    """Root certificates of a folder: every *.pem stands for the packed, U2F and TPM formats."""
    if not folder:
        return {}
    pems = [path.read_bytes() for path in sorted(Path(folder).glob("*.pem"))]
    if not pems:
        return {}
    return dict.fromkeys((AttestationFormat.PACKED, AttestationFormat.FIDO_U2F, AttestationFormat.TPM), pems)


def key_policy() -> KeyPolicy:
    """The policy of this installation; raises ImproperlyConfigured where a part is missing."""
    policy = KeyPolicy(
        rp_id=settings.TAXSYS_WEBAUTHN_RP_ID,
        origins=tuple(settings.TAXSYS_WEBAUTHN_ORIGINS),
        aaguids=frozenset(name.lower() for name in settings.TAXSYS_WEBAUTHN_AAGUIDS),
        roots=_roots(settings.TAXSYS_WEBAUTHN_ROOTS_DIR),
        must_chain=settings.TAXSYS_WEBAUTHN_MUST_CHAIN,
    )
    missing = [
        name
        for name, value in (
            ("TAXSYS_WEBAUTHN_RP_ID", policy.rp_id),
            ("TAXSYS_WEBAUTHN_ORIGINS", policy.origins),
            ("TAXSYS_WEBAUTHN_AAGUIDS", policy.aaguids),
            ("TAXSYS_WEBAUTHN_ROOTS_DIR", policy.roots or not policy.must_chain),
        )
        if not value
    ]
    if missing:
        raise ImproperlyConfigured(f"security keys need {', '.join(missing)}; see docs/operations.md")
    return policy


def refusal_of(found: VerifiedRegistration, policy: KeyPolicy) -> str:
    """Why this key is not taken, in Japanese; "" when it is."""
    if found.credential_device_type != CredentialDeviceType.SINGLE_DEVICE or found.credential_backed_up:
        return "他の機器と同期される鍵（パスキー）は使えません。支給された鍵を使ってください。"
    if found.aaguid.lower() not in policy.aaguids:
        return "この機種の鍵は、市の一覧にありません。支給された鍵を使ってください。"
    if policy.must_chain and found.fmt not in policy.roots:
        return "鍵の製造元を証明書で確かめられません。支給された鍵を使ってください。"
    return ""
