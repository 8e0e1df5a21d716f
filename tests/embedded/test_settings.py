"""What production refuses, one unsafe setting at a time, and what it accepts."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from taxsys.settings.base import broker_url, database_from_url, with_password
from taxsys.settings.keys import secret_text
from taxsys.settings.logs import blank_numbers, keep_allowed, name_the_error
from taxsys.settings.refusals import refuse_unsafe


@pytest.fixture
def safe(tmp_path: Path) -> dict[str, Any]:
    for number, name in enumerate(("files.key", "audit-v1.key", "pin", "module.so")):
        (tmp_path / name).write_bytes(bytes([65 + number]) * 32)
        (tmp_path / name).chmod(0o600)
    return {
        "DEBUG": False,
        "SECRET_KEY": "kT3vQz8mWn5xLr2pYc9dFh6gJs4aBe7uRo0iXtZyVwNqMlKjHgFd",
        "TAXSYS_KEY_PROVIDER": "pkcs11",
        "TAXSYS_PKCS11_MODULE": str(tmp_path / "module.so"),
        "TAXSYS_PKCS11_TOKEN": "vault",
        "TAXSYS_PKCS11_PIN_FILE": str(tmp_path / "pin"),
        "TAXSYS_KEY_DIR": str(tmp_path),
        "ALLOWED_HOSTS": ["tax.city.example.lg.jp"],
        "SECURE_SSL_REDIRECT": True,
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SECURE_HSTS_SECONDS": 1,
        "DATABASES": {
            "default": database_from_url("postgresql://taxsys_app:secret@db:5432/taxsys?sslmode=verify-full")
        },
        "REDIS_URL": "rediss://:secret@redis:6379/0",
        "TAXSYS_BUSINESS_DATE": "",
        "TAXSYS_TERMINAL_PROOF": ["address"],
        "TAXSYS_STORAGE_REGIONS": ("jp-asahikawa", "jp-sapporo"),
    }


def test_safe_settings_start(safe: dict[str, Any]) -> None:
    refuse_unsafe(safe)


UNSAFE: list[tuple[Callable[[dict[str, Any]], object], str]] = [
    (lambda s: s.update(TAXSYS_TERMINAL_PROOF=[]), "terminals are known by nothing"),
    (lambda s: s.update(TAXSYS_TERMINAL_PROOF=["address", "honour"]), "terminals are known by nothing"),
    (lambda s: s.update(TAXSYS_TERMINAL_PROOF=["certificate"]), "a proxy that nobody named"),
    (lambda s: s.update(DEBUG=True), "DEBUG is on"),
    (lambda s: s.update(SECRET_KEY=""), "SECRET_KEY is missing or short"),
    (lambda s: s.update(SECRET_KEY="a" * 80), "SECRET_KEY is missing or short"),
    (lambda s: s.update(SECRET_KEY="django-insecure-" + s["SECRET_KEY"]), "known default"),
    (lambda s: s.update(SECRET_KEY=s["SECRET_KEY"] + "A" * 32), "SECRET_KEY serves as a data key"),
    (lambda s: s.update(SECRET_KEY=s["SECRET_KEY"] + "42" * 32), "SECRET_KEY serves as a data key"),
    (lambda s: s.update(TAXSYS_KEY_PROVIDER=""), "no key provider"),
    (lambda s: s.update(TAXSYS_KEY_DIR=""), "data keys have no place"),
    (lambda s: s.update(TAXSYS_KEY_DIR="/nowhere"), "files.key cannot be read"),
    (lambda s: Path(s["TAXSYS_KEY_DIR"], "files.key").write_bytes(b"k" * 31), "files.key has 31 bytes, not 32"),
    (lambda s: s.update(TAXSYS_KEY_PROVIDER="file"), "keep them in a token"),
    (lambda s: s.update(TAXSYS_KEY_PROVIDER="addressbook.vault.keys.FileKeyProvider"), "keep them in a token"),
    (lambda s: s.update(TAXSYS_PKCS11_MODULE="/nowhere.so"), "TAXSYS_PKCS11_MODULE names no library"),
    (lambda s: s.update(TAXSYS_PKCS11_TOKEN=""), "TAXSYS_PKCS11_TOKEN is empty"),
    (lambda s: s.update(TAXSYS_PKCS11_PIN_FILE=""), "TAXSYS_PKCS11_PIN_FILE is not set"),
    (lambda s: Path(s["TAXSYS_PKCS11_PIN_FILE"]).chmod(0o644), "must be closed to others"),
    (lambda s: Path(s["TAXSYS_KEY_DIR"], "files.key").chmod(0o644), "files.key is open to others"),
    (lambda s: Path(s["TAXSYS_KEY_DIR"], "files.key").write_bytes(b"B" * 32), "two data keys are the same"),
    (lambda s: s.update(ALLOWED_HOSTS=["*"]), "wildcard"),
    (lambda s: s.update(ALLOWED_HOSTS=[".lg.jp"]), "wildcard"),
    (lambda s: s.update(ALLOWED_HOSTS=[]), "ALLOWED_HOSTS is empty"),
    (lambda s: s.update(SECURE_SSL_REDIRECT=False), "no TLS: SECURE_SSL_REDIRECT"),
    (lambda s: s["DATABASES"]["default"].update(ENGINE="django.db.backends.sqlite3"), "not PostgreSQL"),
    (lambda s: s["DATABASES"]["default"].update(USER="postgres"), "database login is postgres"),
    (lambda s: s["DATABASES"]["default"].update(PASSWORD=""), "database has no password"),
    (lambda s: s.update(REDIS_URL="redis://redis:6379/0"), "TCP without a password"),
    (lambda s: s["DATABASES"]["default"].update(OPTIONS={}), "DATABASE_URL goes over the network"),
    (lambda s: s["DATABASES"]["default"].update(OPTIONS={"sslmode": "require"}), "without a proved certificate"),
    (lambda s: s["DATABASES"]["default"].update(HOST="localhost,db2", OPTIONS={}), "add ?sslmode=verify-full"),
    (lambda s: s.update(REDIS_URL="redis://:secret@redis:6379/0"), "REDIS_URL goes over the network in clear"),
    (lambda s: s.update(REDIS_URL="amqp://:secret@redis:6379/0"), "REDIS_URL must start with"),
    (lambda s: s.update(TAXSYS_WEBAUTHN_ORIGINS=["http://tax.city.example"]), "addresses of pages without TLS"),
    (lambda s: s.update(CSRF_TRUSTED_ORIGINS=["http://tax.city.example"]), "addresses of pages without TLS: http"),
    (lambda s: s.update(TAXSYS_BUSINESS_DATE="2026-11-20"), "TAXSYS_BUSINESS_DATE is set"),
    (lambda s: s.update(TAXSYS_STORAGE_REGIONS=("jp-asahikawa", "us-east")), "outside of Japan (us-east)"),
    (lambda s: s.update(TAXSYS_STORAGE_REGIONS=("jp-asahikawa", "japan")), "outside of Japan (japan)"),
    (lambda s: s.update(TAXSYS_STORAGE_REGIONS=("jp-asahikawa",)), "copies need a second place"),
]


@pytest.mark.req("R-188")
@pytest.mark.req("R-211")
@pytest.mark.parametrize(("spoil", "words"), UNSAFE, ids=[words for _spoil, words in UNSAFE])
def test_each_unsafe_setting_refuses_to_start(safe: dict[str, Any], spoil: Any, words: str) -> None:
    spoil(safe)
    with pytest.raises(ImproperlyConfigured) as refusal:
        refuse_unsafe(safe)
    assert words in str(refusal.value)
    assert str(refusal.value).count("\n- ") == 1


def test_all_faults_are_named_at_once(safe: dict[str, Any]) -> None:
    safe.update(DEBUG=True, ALLOWED_HOSTS=["*"])
    with pytest.raises(ImproperlyConfigured) as refusal:
        refuse_unsafe(safe)
    assert str(refusal.value).count("\n- ") == 2


@pytest.mark.req("R-211")
@pytest.mark.parametrize(
    "places",
    [
        {"host": "/run/postgresql", "redis": "unix://:secret@/run/valkey.sock?db=0"},
        {"host": "127.0.0.1", "redis": "redis://:secret@localhost:6379/0"},
        {"host": "postgres", "redis": "redis://:secret@valkey:6379/0", "inside": ["postgres", "valkey"]},
    ],
)
def test_what_never_leaves_the_machine_needs_no_tls(safe: dict[str, Any], places: dict[str, Any]) -> None:
    safe["DATABASES"]["default"].update(HOST=places["host"], OPTIONS={})
    refuse_unsafe({**safe, "REDIS_URL": places["redis"], "TAXSYS_INSIDE_HOSTS": places.get("inside", [])})


@pytest.mark.req("R-272")
def test_a_key_service_needs_no_token(safe: dict[str, Any]) -> None:
    refuse_unsafe(safe | {"TAXSYS_KEY_PROVIDER": "city.keys.KeyService", "TAXSYS_PKCS11_MODULE": ""})


@pytest.mark.parametrize(("mode", "text"), [(0o644, "secret"), (0o660, "secret"), (0o600, "")])
def test_a_secret_file_that_is_open_or_empty_is_refused(tmp_path: Path, mode: int, text: str) -> None:
    path = tmp_path / "secret"
    path.write_text(text, encoding="ascii")
    path.chmod(mode)
    with pytest.raises(ImproperlyConfigured):
        secret_text(str(path))


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o640])
def test_a_sound_secret_file_gives_its_text(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "secret"
    path.write_text("words\n", encoding="ascii")
    path.chmod(mode)
    assert secret_text(str(path)) == "words"


def test_database_urls_may_name_a_socket_folder_a_port_and_options() -> None:
    one = database_from_url("postgresql://taxsys_app:p%40ss@%2Frun%2Fpg/taxsys?sslmode=disable")
    assert (one["HOST"], one["PORT"], one["PASSWORD"], one["NAME"]) == ("/run/pg", "", "p@ss", "taxsys")
    assert one["OPTIONS"] == {"sslmode": "disable"}
    two = database_from_url("postgresql://u:p@db.example:6432/x")
    assert (two["HOST"], two["PORT"]) == ("db.example", "6432")


def test_a_database_that_is_not_postgresql_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="must start with postgresql://"):
        database_from_url("sqlite:///db")


def test_redis_urls_are_spelled_for_celery() -> None:
    assert broker_url("unix://:pw@/a/b.sock?db=2") == "redis+socket://:pw@/a/b.sock?virtual_host=2"
    assert broker_url("redis://:pw@redis:6379/0") == "redis://:pw@redis:6379/0"
    assert with_password("rediss://:old@redis:6379/0", "new") == "rediss://:new@redis:6379/0"


def test_logs_keep_allowed_keys_and_no_long_number() -> None:
    event = {"event": "received 1234 5678 9018 from 0123456789", "name": "北海 太郎", "run_id": 5}
    assert keep_allowed(None, "", event) == {"event": "received *** from ***", "run_id": 5}
    assert blank_numbers("令和8年11月20日 12件") == "令和8年11月20日 12件"


def test_logs_name_the_kind_and_place_of_an_error_never_its_text() -> None:
    try:
        raise ValueError("北海 太郎 の番号")
    except ValueError as error:
        event = name_the_error(None, "", {"exc_info": (ValueError, error, error.__traceback__)})
    assert event["error_type"] == "ValueError"
    assert event["where"].startswith("tests.embedded.test_settings:")
    assert "太郎" not in str(event)
