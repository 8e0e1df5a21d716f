"""Secrets come from files that only the service may read; never from the environment, the database or the code."""

import os
import stat
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

# Keys in TAXSYS_KEY_DIR, 32 bytes each: that of stored files always, and the one that signs the access log's daily
# heads where TAXSYS_AUDIT_SIGNER is "file". The vault's are in a token.
FILES_KEY = "files.key"
AUDIT_KEY = "audit-v1.key"


def secret_text(path: str) -> str:
    """The text of a secret file without its line end. Raises ImproperlyConfigured when unreadable, open or empty."""
    file = Path(path)
    try:
        mode = file.stat().st_mode
        text = file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"secret file {path} cannot be read: {error.strerror}") from error
    if not stat.S_ISREG(mode) or mode & (stat.S_IWGRP | stat.S_IRWXO):
        raise ImproperlyConfigured(f"secret file {path} must be closed to others (chmod 600 or 640)")
    if not text:
        raise ImproperlyConfigured(f"secret file {path} is empty")
    return text


def secret_from_file(variable: str) -> str:
    """The secret whose file the environment variable names; empty text when the variable is not set."""
    path = os.environ.get(variable, "")
    return secret_text(path) if path else ""


def token_fault(module: str, token: str, pin_file: str) -> str:
    """What is wrong with the settings of a PKCS#11 token, or an empty text."""
    if not module or not Path(module).is_file():
        return "TAXSYS_PKCS11_MODULE names no library"
    if not token:
        return "TAXSYS_PKCS11_TOKEN is empty"
    if not pin_file:
        return "TAXSYS_PKCS11_PIN_FILE is not set"
    try:
        secret_text(pin_file)
    except ImproperlyConfigured as error:
        return str(error)
    return ""


def key_fault(path: Path) -> str:
    """What is wrong with a data key's file (missing, open to others, not 32 bytes), or an empty text."""
    try:
        mode = path.stat().st_mode
        length = len(path.read_bytes())
    except OSError as error:
        return f"{path.name} cannot be read: {error.strerror}"
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        return f"{path.name} is open to others (chmod 600)"
    return "" if length == 32 else f"{path.name} has {length} bytes, not 32"
