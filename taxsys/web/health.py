"""Health of this process for the proxy and the operator: alive (`/healthz`) and ready to serve (`/readyz`)."""

from collections.abc import Callable

from celery.exceptions import CeleryError
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.exceptions import BadMigrationError, InconsistentMigrationHistory, NodeNotFoundError
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from kombu import Connection
from kombu.exceptions import KombuError

from taxsys.platform.staff.access import public_view


def _database() -> bool:
    """Whether the database answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return cursor.fetchone() == (1,)
    except DatabaseError:
        return False


def _redis() -> bool:
    """Whether the broker answers within a second."""
    try:
        with Connection(settings.CELERY_BROKER_URL, connect_timeout=1) as broker:
            broker.ensure_connection(max_retries=1, timeout=1)
            return True
    except (OSError, KombuError, CeleryError):
        return False


_seen_complete: list[bool] = []


def _migrations() -> bool:
    """Whether no migration waits. Once complete it stays so for this process, whose code does not change."""
    if _seen_complete:
        return True
    try:
        executor = MigrationExecutor(connection)
        is_complete = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except (DatabaseError, NodeNotFoundError, BadMigrationError, InconsistentMigrationHistory):
        return False
    if is_complete:
        _seen_complete.append(True)
    return is_complete


CHECKS: dict[str, Callable[[], bool]] = {"database": _database, "redis": _redis, "migrations": _migrations}


@public_view
@never_cache
def live(_request: HttpRequest) -> JsonResponse:
    """200 while the process can answer at all; asks nothing else."""
    return JsonResponse({"status": "ok"})


@public_view
@never_cache
def ready(_request: HttpRequest) -> JsonResponse:
    """200 when database, Redis and migrations are in order, else 503 naming what is not; no detail for strangers."""
    results = {name: check() for name, check in CHECKS.items()}
    is_ready = all(results.values())
    body = {
        "status": "ok" if is_ready else "unavailable",
        "checks": {n: "ok" if r else "failed" for n, r in results.items()},
    }
    return JsonResponse(body, status=200 if is_ready else 503)
