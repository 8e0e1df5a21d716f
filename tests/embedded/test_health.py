"""Health and readiness for the proxy and the operator."""

from typing import Any

import pytest
from django.test import Client

from taxsys.web import health


def test_alive_asks_nothing_else(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_ready_when_database_redis_and_migrations_are_in_order(client: Client, monkeypatch: Any) -> None:
    monkeypatch.setitem(health.CHECKS, "redis", lambda: True)
    answer = client.get("/readyz")
    assert answer.json() == {"status": "ok", "checks": {"database": "ok", "redis": "ok", "migrations": "ok"}}
    assert answer.status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("part", ["database", "redis", "migrations"])
def test_not_ready_names_the_part_and_nothing_more(client: Client, monkeypatch: Any, part: str) -> None:
    for name in health.CHECKS:
        monkeypatch.setitem(health.CHECKS, name, lambda name=name: name != part)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["status"] == "unavailable"
    assert {name for name, word in answer.json()["checks"].items() if word == "failed"} == {part}


def test_a_silent_broker_is_not_ready(settings: Any, tmp_path: Any) -> None:
    settings.CELERY_BROKER_URL = f"redis+socket://{tmp_path}/nobody.sock?virtual_host=0"
    assert health._redis() is False
