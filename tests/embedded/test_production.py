"""The production profile as a whole process: refuses bare, starts clean with everything in place."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import ROOT


def _manage(environment: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    plain = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "taxsys.settings.production"}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=plain | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def production(tmp_path: Path) -> dict[str, str]:
    for name in ("files.key", "audit-v1.key"):
        (tmp_path / name).write_bytes(secrets.token_bytes(32))
    for name in ("secret_key", "database", "owner", "redis", "pin", "module.so"):
        (tmp_path / name).write_text(secrets.token_urlsafe(64), encoding="ascii")
    for path in tmp_path.iterdir():
        path.chmod(0o600)
    return {
        "TAXSYS_SECRET_KEY_FILE": str(tmp_path / "secret_key"),
        "TAXSYS_KEY_PROVIDER": "pkcs11",
        "TAXSYS_PKCS11_MODULE": str(tmp_path / "module.so"),
        "TAXSYS_PKCS11_TOKEN": "vault",
        "TAXSYS_PKCS11_PIN_FILE": str(tmp_path / "pin"),
        "TAXSYS_KEY_DIR": str(tmp_path),
        "TAXSYS_ALLOWED_HOSTS": "tax.city.example.lg.jp",
        "DATABASE_URL": "postgresql://taxsys_app@postgres:5432/taxsys?sslmode=verify-full",
        "DATABASE_PASSWORD_FILE": str(tmp_path / "database"),
        "MIGRATION_DATABASE_URL": "postgresql://taxsys_owner@postgres:5432/taxsys?sslmode=verify-full",
        "MIGRATION_DATABASE_PASSWORD_FILE": str(tmp_path / "owner"),
        "REDIS_URL": "rediss://valkey:6379/0",
        "REDIS_PASSWORD_FILE": str(tmp_path / "redis"),
    }


def test_bare_production_refuses_and_names_every_reason() -> None:
    answer = _manage({}, "check")
    assert answer.returncode != 0
    for words in ("SECRET_KEY is missing", "key provider", "ALLOWED_HOSTS is empty", "TCP without a password"):
        assert words in answer.stderr


def test_check_deploy_is_clean(production: dict[str, str]) -> None:
    answer = _manage(production, "check", "--deploy", "--fail-level", "WARNING")
    assert answer.stdout + answer.stderr == "System check identified no issues (0 silenced).\n"
    assert answer.returncode == 0


PROBE = "import json; from django.conf import settings as s; d = s.DATABASES['default']; print(json.dumps([{}]))"


def _settings_say(environment: dict[str, str], values: str) -> str:
    """What the settings are in a process of their own (`manage.py shell` asks for a work ticket in production)."""
    plain = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "taxsys.settings.production"}
    command = [sys.executable, "-c", PROBE.format(values)]
    answer = subprocess.run(
        command, cwd=ROOT, env=plain | environment, capture_output=True, text=True, check=False, timeout=60
    )
    return answer.stdout.strip()


def test_only_migrate_works_as_the_owner(production: dict[str, str], tmp_path: Path) -> None:
    assert _settings_say(production, "d['USER'], s.SESSION_COOKIE_NAME") == '["taxsys_app", "__Host-taxsys_session"]'
    refused = _manage(production | {"MIGRATION_DATABASE_URL": "mysql://x"}, "migrate", "--plan")
    assert "DATABASE_URL must start with postgresql://" in refused.stderr
    assert _manage(production | {"MIGRATION_DATABASE_URL": "mysql://x"}, "check").returncode == 0


def test_the_broker_s_password_comes_from_its_file(production: dict[str, str]) -> None:
    password = Path(production["REDIS_PASSWORD_FILE"]).read_text(encoding="ascii")
    assert _settings_say(production, "s.CELERY_BROKER_URL") == f'["rediss://:{password}@valkey:6379/0"]'
