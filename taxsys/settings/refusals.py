"""What production never starts with. Each refusal names the setting, the danger and the remedy."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from taxsys.settings.keys import AUDIT_KEY, FILES_KEY, key_fault, token_fault

MINIMUM_SECRET_CHARACTERS = 50
REGION_JP = re.compile(r"jp(-[a-z0-9]+)+")
# PostgreSQL's modes that prove whom they speak to; the others encrypt for anybody who answers.
_PROVED = frozenset({"verify-full", "verify-ca"})
_INSIDE = "Only a host inside this very machine may be named in TAXSYS_INSIDE_HOSTS instead."
Check = Callable[[Mapping[str, Any]], str]


def _debug(values: Mapping[str, Any]) -> str:
    return "DEBUG is on: error pages would show data. Unset DJANGO_DEBUG." if values.get("DEBUG") else ""


def _secret_key(values: Mapping[str, Any]) -> str:
    key = str(values.get("SECRET_KEY", ""))
    if len(key) < MINIMUM_SECRET_CHARACTERS or len(set(key)) < 10:
        return f"SECRET_KEY is missing or short: put {MINIMUM_SECRET_CHARACTERS}+ random characters into its file."
    if any(word in key.lower() for word in ("insecure", "embedded", "changeme", "example")):
        return "SECRET_KEY is a known default: put random characters into TAXSYS_SECRET_KEY_FILE."
    return ""


def _data_keys(values: Mapping[str, Any]) -> str:
    provider, folder = str(values.get("TAXSYS_KEY_PROVIDER", "")), str(values.get("TAXSYS_KEY_DIR", ""))
    if not provider:
        return 'the vault has no key provider: set TAXSYS_KEY_PROVIDER ("pkcs11", or the class of a key service).'
    if provider == "file" or provider.endswith(".FileKeyProvider"):
        return "the vault's keys would lie in files beside the data: keep them in a token (TAXSYS_KEY_PROVIDER=pkcs11)."
    if not folder:
        return "data keys have no place: set TAXSYS_KEY_DIR."
    audit = (AUDIT_KEY,) if values.get("TAXSYS_AUDIT_SIGNER", "file") == "file" else ()
    names = (FILES_KEY, *audit)
    paths = [Path(folder) / name for name in names]
    faults = [fault for fault in map(key_fault, paths) if fault]
    if faults:
        return f"data keys in TAXSYS_KEY_DIR: {'; '.join(faults)}. In production they are never made by themselves."
    keys = [path.read_bytes() for path in paths]
    if len(set(keys)) < len(keys):
        return "two data keys are the same: each purpose needs a key of its own."
    secret = str(values.get("SECRET_KEY", "")).encode()
    if any(key in secret or key.hex().encode() in secret.lower() for key in keys):
        return "SECRET_KEY serves as a data key: cookies and data need different keys, or changing one loses the other."
    return ""


def _token(values: Mapping[str, Any]) -> str:
    if values.get("TAXSYS_KEY_PROVIDER") != "pkcs11":
        return ""
    names = ("TAXSYS_PKCS11_MODULE", "TAXSYS_PKCS11_TOKEN", "TAXSYS_PKCS11_PIN_FILE")
    fault = token_fault(*(str(values.get(name, "")) for name in names))
    return f"the vault's token cannot be used: {fault}." if fault else ""


def _hosts(values: Mapping[str, Any]) -> str:
    hosts = values.get("ALLOWED_HOSTS", [])
    if not hosts or any("*" in host or host.startswith(".") for host in hosts):
        return "ALLOWED_HOSTS is empty or has a wildcard: list the exact names in TAXSYS_ALLOWED_HOSTS."
    return ""


def _tls(values: Mapping[str, Any]) -> str:
    needed = ("SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_HSTS_SECONDS")
    off = [name for name in needed if not values.get(name)]
    return f"no TLS: {', '.join(off)} is off. Remove TAXSYS_TLS=0; the reverse proxy must serve HTTPS." if off else ""


def _is_inside(host: str, values: Mapping[str, Any]) -> bool:
    """Whether what goes to this host never leaves the machine: loopback, or named so by the one who built the place."""
    return host in {"127.0.0.1", "::1", "localhost", *values.get("TAXSYS_INSIDE_HOSTS", ())}


def _database(values: Mapping[str, Any]) -> str:
    database: Mapping[str, Any] = values.get("DATABASES", {}).get("default", {})
    if database.get("ENGINE") != "django.db.backends.postgresql":
        return "the database is not PostgreSQL: set DATABASE_URL=postgresql://…"
    if database.get("USER") in {"postgres", "dev", "taxsys_admin"}:
        return f"the database login is {database['USER']}: use taxsys_app (and taxsys_owner for migrate only)."
    local = str(database.get("HOST", "")).startswith("/") or not database.get("HOST")
    if not local and not database.get("PASSWORD"):
        return "the database has no password: set DATABASE_PASSWORD_FILE."
    hosts = [] if local else str(database["HOST"]).split(",")
    if (
        any(not _is_inside(host, values) for host in hosts)
        and database.get("OPTIONS", {}).get("sslmode") not in _PROVED
    ):
        return f"DATABASE_URL goes over the network without a proved certificate: add ?sslmode=verify-full. {_INSIDE}"
    return ""


def _redis(values: Mapping[str, Any]) -> str:
    url = urlsplit(str(values.get("REDIS_URL", "")))
    if url.scheme in {"redis", "rediss"} and not url.password:
        return "REDIS_URL speaks TCP without a password: set REDIS_PASSWORD_FILE."
    if url.scheme == "redis" and not _is_inside(url.hostname or "", values):
        return f"REDIS_URL goes over the network in clear: write rediss://. {_INSIDE}"
    if url.scheme not in {"redis", "rediss", "unix"}:
        return "REDIS_URL must start with rediss:// or unix://."
    return ""


def _origins(values: Mapping[str, Any]) -> str:
    named = (*values.get("CSRF_TRUSTED_ORIGINS", ()), *values.get("TAXSYS_WEBAUTHN_ORIGINS", ()))
    plain = [origin for origin in named if not origin.startswith("https://")]
    return (
        f"addresses of pages without TLS: {', '.join(plain)}. Write https:// in TAXSYS_WEBAUTHN_ORIGINS."
        if plain
        else ""
    )


def _business_date(values: Mapping[str, Any]) -> str:
    if values.get("TAXSYS_BUSINESS_DATE"):
        return "TAXSYS_BUSINESS_DATE is set: it belongs to demonstrations; production lives in the real day. Unset it."
    return ""


def _terminals(values: Mapping[str, Any]) -> str:
    proofs = list(values.get("TAXSYS_TERMINAL_PROOF", ()))
    if not proofs or set(proofs) - {"address", "certificate"}:
        return (
            "terminals are known by nothing: set TAXSYS_TERMINAL_PROOF to address, certificate or address,certificate."
        )
    if "certificate" in proofs and not values.get("TAXSYS_TRUSTED_PROXIES"):
        return "terminal certificates come from a proxy that nobody named: set TAXSYS_TRUSTED_PROXIES."
    return ""


def _regions(values: Mapping[str, Any]) -> str:
    regions = values.get("TAXSYS_STORAGE_REGIONS", ())
    abroad = [region for region in regions if not REGION_JP.fullmatch(region)]
    if abroad:
        return f"data would be stored outside of Japan ({', '.join(abroad)}): TAXSYS_STORAGE_REGIONS takes jp-… only."
    if len(set(regions)) < 2:
        return "copies need a second place: name two regions in TAXSYS_STORAGE_REGIONS (jp-place,jp-other-place)."
    return ""


CHECKS: tuple[Check, ...] = (
    _debug,
    _secret_key,
    _data_keys,
    _token,
    _hosts,
    _tls,
    _database,
    _redis,
    _origins,
    _business_date,
    _terminals,
    _regions,
)


def refuse_unsafe(values: Mapping[str, Any]) -> None:
    """Raise ImproperlyConfigured naming every unsafe setting in `values` (the settings module's globals)."""
    found = [text for text in (check(values) for check in CHECKS) if text]
    if found:
        raise ImproperlyConfigured("taxsys will not start in production:\n- " + "\n- ".join(found))
