"""The suite itself works under the application's rights."""

import pytest
from django.db import DatabaseError, connection, transaction


def _one(sql: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        row = cursor.fetchone()
    assert row is not None
    return row[0]


@pytest.mark.django_db
def test_statements_under_test_run_as_the_application_role() -> None:
    assert _one("SELECT current_user::text") == "taxsys_app"


@pytest.mark.django_db
def test_tables_belong_to_the_owner_role_not_to_the_application() -> None:
    assert _one("SELECT tableowner::text FROM pg_tables WHERE tablename = 'django_migrations'") == "taxsys_owner"


@pytest.mark.django_db
def test_the_application_cannot_create_a_table() -> None:
    with pytest.raises(DatabaseError, match="permission denied for schema public"), transaction.atomic():
        _one("CREATE TABLE intruder (id int)")


@pytest.mark.django_db
def test_the_application_cannot_become_the_vault() -> None:
    assert _one("SELECT pg_has_role('taxsys_app', 'taxsys_vault', 'MEMBER')") is False
    assert _one("SELECT pg_has_role('taxsys_owner', 'taxsys_vault', 'MEMBER')") is True


@pytest.mark.django_db(transaction=True)
def test_transactional_tests_keep_the_application_role_on_a_new_connection() -> None:
    connection.close()
    assert _one("SELECT current_user::text") == "taxsys_app"


@pytest.mark.django_db
def test_another_role_is_taken_only_inside_the_fixture(database_role) -> None:
    with database_role("taxsys_owner"):
        assert _one("SELECT current_user::text") == "taxsys_owner"
    assert _one("SELECT current_user::text") == "taxsys_app"
