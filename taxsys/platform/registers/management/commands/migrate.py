"""Takes the place of the framework's `migrate`: an upgrade of a production database needs its change request (R-285).

The first installation has no register yet and needs none; without pending migrations there is nothing to answer for.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands.migrate import Command as Plain
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from taxsys.platform.audit.context import AccessContext, using
from taxsys.platform.audit.services import access_record
from taxsys.platform.registers.direct_work import is_production
from taxsys.platform.registers.errors import RegisterError
from taxsys.platform.registers.models import RegisterRow
from taxsys.platform.registers.tickets import release_require


class Command(Plain):
    """データベースの更新: under 変更要求 in production."""

    def add_arguments(self, parser: CommandParser) -> None:
        """The change request."""
        super().add_arguments(parser)
        parser.add_argument("--change", default="", help="変更要求の番号（本番の更新では必須）")

    def handle(self, *args: Any, **options: Any) -> Any:
        """Ask for the change request, upgrade, and record under which one. CommandError without it."""
        change = options.pop("change", "")
        if not (is_production() and _is_upgrade(options["database"])):
            with _rare_collection():
                return super().handle(*args, **options)
        try:
            release_require(change)
        except RegisterError as error:
            raise CommandError(f"{error.message_ja}（--change 変更要求の番号）") from error
        with _rare_collection():
            super().handle(*args, **options)
        # Afterwards: only now do the tables of the log have the shape that this version writes.
        with using(AccessContext(actor_kind="system", actor_id="migrate", terminal="console")):
            access_record(action="update", record_type="register.change_request", record_id=change, reason="migrated")
        return None


@contextmanager
def _rare_collection() -> Iterator[None]:
    """Collect garbage rarely: each operation renders many model classes anew, and looking all of them over for cycles
    time and again took a third of the whole.
    """
    usual = gc.get_threshold()
    gc.set_threshold(200_000, 20, 1000)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _is_upgrade(database: str) -> bool:
    """Whether tables of an earlier version stand here and are about to change."""
    connection = connections[database]
    if RegisterRow._meta.db_table not in connection.introspection.table_names():
        return False
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
