"""端末の特定: which registered terminal a request comes from, by address, by certificate, or by both (R-067, R-219)."""

import hashlib
from ipaddress import ip_address
from urllib.parse import unquote

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from django.http import HttpRequest

from taxsys.platform import clock
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.models import Terminal, TerminalCertificate

# What the TLS proxy hands over; it replaces whatever a client sends under these names.
CERTIFICATE = "HTTP_X_TAXSYS_CLIENT_CERTIFICATE"
VERIFIED = "HTTP_X_TAXSYS_CLIENT_VERIFY"
BY_ADDRESS, BY_CERTIFICATE = "address", "certificate"


def peer_is_proxy(request: HttpRequest) -> bool:
    """Whether the connection itself comes from one of the configured proxies (a unix socket is called `unix`)."""
    return (request.META.get("REMOTE_ADDR", "") or "unix") in set(settings.TAXSYS_TRUSTED_PROXIES)


def client_address(request: HttpRequest) -> str:
    """The address of the caller; forwarded addresses are believed only from the configured proxies.

    Read from the right: the first address that is not one of our own proxies. Empty when there is none (unix socket
    without a forwarding proxy) or when it is not an address.
    """
    peer = request.META.get("REMOTE_ADDR", "")
    trusted = set(settings.TAXSYS_TRUSTED_PROXIES)
    candidates = [peer]
    if peer_is_proxy(request):
        forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
        candidates = [part.strip() for part in forwarded.split(",") if part.strip()] + [peer]
    for candidate in reversed(candidates):
        if candidate and candidate not in trusted:
            try:
                return str(ip_address(candidate))
            except ValueError:
                return ""
    return ""


def forged_certificate_refuse(request: HttpRequest) -> None:
    """Raise Refused where somebody who is not our proxy sends the proxy's words about a certificate."""
    if (CERTIFICATE in request.META or VERIFIED in request.META) and not peer_is_proxy(request):
        raise Refused(
            "R403-TERMINAL", "端末証明書の情報が、許可された中継装置以外から送られました。", reason="certificate_forged"
        )


def fingerprint_of(pem: str) -> str:
    """SHA-256 of the certificate in hex; raises ValueError where it is none."""
    return hashlib.sha256(x509.load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.DER)).hexdigest()


def terminal_get(request: HttpRequest) -> Terminal:
    """The terminal of the request by every proof this installation asks for; raises Refused with the reason.

    Where both proofs are asked for they must name the same terminal.
    """
    found: list[Terminal] = []
    if BY_CERTIFICATE in settings.TAXSYS_TERMINAL_PROOF:
        found.append(_by_certificate(request))
    if BY_ADDRESS in settings.TAXSYS_TERMINAL_PROOF:
        found.append(_by_address(request))
    if not found:
        raise Refused("R403-TERMINAL", reason="no_terminal_proof")
    if len({terminal.pk for terminal in found}) > 1:
        raise Refused(
            "R403-TERMINAL", "端末証明書と接続元のアドレスが、別の端末のものです。", reason="certificate_elsewhere"
        )
    return found[0]


def _by_address(request: HttpRequest) -> Terminal:
    address = client_address(request)
    rows = Terminal.objects.filter(address=address, is_active=True).select_related("unit")
    terminal = rows.first() if address else None
    if terminal is None:
        raise Refused("R403-TERMINAL", reason="terminal")
    return terminal


def _by_certificate(request: HttpRequest) -> Terminal:
    handed_over = request.META.get(CERTIFICATE, "")
    if not handed_over or not peer_is_proxy(request):
        raise Refused("R403-TERMINAL", "端末証明書が示されていません。", reason="certificate_missing")
    if request.META.get(VERIFIED) != "SUCCESS":
        raise Refused("R403-TERMINAL", "端末証明書を確かめられませんでした。", reason="certificate_unverified")
    try:
        fingerprint = fingerprint_of(unquote(handed_over))
    except ValueError:
        raise Refused("R403-TERMINAL", "端末証明書を読み取れませんでした。", reason="certificate_unreadable") from None
    rows = TerminalCertificate.objects.select_related("terminal__unit")
    row = rows.filter(fingerprint=fingerprint, terminal__is_active=True).first()
    if row is None:
        raise Refused("R403-TERMINAL", "登録されていない端末証明書です。", reason="certificate_unknown")
    if row.revoked_at is not None:
        raise Refused("R403-TERMINAL", "この端末証明書は停止されています。", reason="certificate_revoked")
    if not row.not_before <= clock.now() < row.not_after:
        raise Refused("R403-TERMINAL", "端末証明書の有効期間の外です。", reason="certificate_expired")
    return row.terminal
