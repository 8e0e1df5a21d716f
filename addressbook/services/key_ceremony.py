"""鍵の儀式: keys of the vault are made in the token before two people and recorded by their check values."""

import re

from addressbook.errors import KeyProviderRefused
from addressbook.vault.keys import key_provider
from addressbook.vault.token import FINGERPRINT_LABEL, TokenKeyProvider, index_label, wrapping_label
from taxsys.platform.audit.services import access_record

_NAMES = re.compile(r"(?P<kind>kek|index)-v(?P<version>[1-9][0-9]*)|fingerprint")


def keys_listed() -> list[tuple[str, str]]:
    """(label, check value) of the house's keys in the token. Raises KeyProviderRefused where no token is configured."""
    return _token().labels()


def key_made(name: str, *, present: tuple[str, str]) -> str:
    """Make `kek-vN`, `index-vN` or `fingerprint` in the token before the two people present; its check value.

    Raises KeyProviderRefused for another name, one person twice, a key that stands already.
    """
    found = _NAMES.fullmatch(name)
    if found is None:
        raise KeyProviderRefused("鍵の名前は kek-v2、index-v2、fingerprint の形で指定してください。")
    first, second = (one.strip() for one in present)
    if not first or not second or first == second:
        raise KeyProviderRefused("立ち会う職員を二人指定してください。")
    version = int(found["version"] or 0)
    label = {"kek": wrapping_label(version), "index": index_label(version)}.get(found["kind"] or "", FINGERPRINT_LABEL)
    value = _token().make_key(label)
    access_record(
        action="create", record_type="vault.token_key", record_id=f"{label}:{value}", reason=f"{first},{second}"
    )
    return value


def _token() -> TokenKeyProvider:
    provider = key_provider()
    if not isinstance(provider, TokenKeyProvider):
        raise KeyProviderRefused("鍵の保管装置（TAXSYS_KEY_PROVIDER=pkcs11）が設定されていません。")
    return provider
