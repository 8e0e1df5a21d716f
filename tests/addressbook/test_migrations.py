"""The database rules can be taken back and put on again."""

from importlib import import_module

import pytest
from django.db import connection, transaction

RULES = import_module("addressbook.migrations.0002_database_rules")
VAULT = [
    import_module(f"addressbook.migrations.{name}")
    for name in ("0003_vault", "0004_key_rotation", "0005_real_numbers", "0006_number_scan", "0007_number_erasure")
]


def _state(cursor: object) -> list[tuple]:
    cursor.execute(  # type: ignore[attr-defined]
        "SELECT c.conname FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid"
        " WHERE t.relname LIKE 'addressbook%%' UNION ALL"
        " SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'vault'"
        " UNION ALL SELECT tablename FROM pg_tables WHERE schemaname = 'vault' ORDER BY 1"
    )
    return cursor.fetchall()  # type: ignore[attr-defined,no-any-return]


@pytest.mark.django_db(transaction=True)
def test_rules_and_vault_are_reversible() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE NONE")
        before = _state(cursor)
        for module in reversed(VAULT):
            cursor.execute(module.BACKWARD.replace("RESET ROLE;", "SET LOCAL ROLE NONE;"))
        cursor.execute(RULES._backward())
        taken = {name for (name,) in before} - {name for (name,) in _state(cursor)}
        assert {"number_put", "held_number", "partyversion_no_overlap", "party_person_no_shape"} <= taken
        cursor.execute(RULES._forward())
        for module in VAULT:
            cursor.execute(module.FORWARD.replace("RESET ROLE;", "SET LOCAL ROLE NONE;"))
        assert _state(cursor) == before
        transaction.set_rollback(True)
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE taxsys_app")
