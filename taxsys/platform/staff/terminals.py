"""端末の特定: which registered terminal a request comes from (R-067, R-219)."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest

from taxsys.platform.staff.models import Terminal


def client_address(request: HttpRequest) -> str:
    """The address of the caller; forwarded addresses are believed only from the configured proxies.

    Read from the right: the first address that is not one of our own proxies. Empty when there is none (unix socket
    without a forwarding proxy) or when it is not an address.
    """
    peer = request.META.get("REMOTE_ADDR", "")
    trusted = set(settings.TAXSYS_TRUSTED_PROXIES)
    candidates = [peer]
    if (peer or "unix") in trusted:
        forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
        candidates = [part.strip() for part in forwarded.split(",") if part.strip()] + [peer]
    for candidate in reversed(candidates):
        if candidate and candidate not in trusted:
            try:
                return str(ip_address(candidate))
            except ValueError:
                return ""
    return ""


def terminal_of(address: str) -> Terminal | None:
    """The active registered terminal at this address, or None."""
    if not address:
        return None
    return Terminal.objects.filter(address=address, is_active=True).select_related("unit").first()
