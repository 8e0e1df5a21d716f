"""Secrets come from files that only the service may read; never from the environment, the database or the code."""

import os
import stat
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

# Purpose of the key → variable that names its file. SECRET_KEY is none of them; the vault's keys have a provider
# of their own (TAXSYS_KEY_PROVIDER).
KEY_VARIABLES = {
    "files": "TAXSYS_FILES_KEY_FILE",
}


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


def key_from_file(path: str) -> bytes:
    """A 256-bit data key, written in the file as 64 hexadecimal digits. Raises ImproperlyConfigured otherwise."""
    try:
        key = bytes.fromhex(secret_text(path))
    except ValueError as error:
        raise ImproperlyConfigured(f"key file {path} must hold 64 hexadecimal digits") from error
    if len(key) != 32:
        raise ImproperlyConfigured(f"key file {path} must hold 256 bits (64 hexadecimal digits), not {len(key) * 8}")
    return key
