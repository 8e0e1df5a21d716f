"""What the vault's keys are applied to: each text names its purpose and key version; none serves for another."""


def wrap_label(key_version: int) -> bytes:
    """Associated data of a wrapped data key."""
    return b"taxsys.vault.dek|%d" % key_version


def index_text(number: bytes, index_version: int) -> bytes:
    """What the index key signs for a number (12 ASCII digits)."""
    return b"my_number|%d|" % index_version + number


def fingerprint_text(number: bytes) -> bytes:
    """What the fingerprint key signs for a number."""
    return b"fingerprint|" + number
