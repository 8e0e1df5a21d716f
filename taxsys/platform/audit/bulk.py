"""アクセス記録の一件の書込み: one INSERT, without the model's machinery, which cost more than the database itself."""

from functools import cache

from django.db import connection, transaction

from taxsys.platform.audit.models import AccessEvent


@cache
def _insert() -> tuple[str, tuple[str, ...]]:
    """The statement and the attributes it takes, in order: every field of the model but its key."""
    fields = [field for field in AccessEvent._meta.concrete_fields if not field.primary_key]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    statement = f"INSERT INTO {AccessEvent._meta.db_table} ({columns}) VALUES ({marks}) RETURNING id"  # noqa: S608 -- names of the model
    return statement, tuple(field.attname for field in fields)


def event_insert(event: AccessEvent) -> None:
    """Write one event in the transaction at hand and give it its key; on DatabaseError nothing commits."""
    statement, names = _insert()
    with transaction.mark_for_rollback_on_error(), connection.cursor() as cursor:
        cursor.execute(statement, [getattr(event, name) for name in names])
        event.pk = cursor.fetchone()[0]
    event._state.adding = False
