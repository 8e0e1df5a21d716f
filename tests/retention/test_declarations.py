"""Every table stands in one class; the rules of the database are those beside the models (R-189, N-075)."""

import pytest
from django.db import connection, transaction

from taxsys.params.model import Parameter
from taxsys.platform.retention.declarations import classes, compiled, declared

pytestmark = pytest.mark.django_db


@pytest.mark.req("R-189")
def test_every_table_of_the_database_stands_in_a_retention_class() -> None:
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
    assert sorted(tables - set(declared().tables)) == []


def test_no_class_is_declared_for_a_table_that_does_not_exist() -> None:
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
    assert sorted(set(declared().tables) - tables) == []


@pytest.mark.req("R-189")
def test_every_table_of_a_class_with_a_period_is_emptied_by_a_family() -> None:
    emptied = {table for family in declared().families.values() for table in family.tables}
    periodic = {table for table, code in declared().tables.items() if classes()[code].rule == "period"}
    assert sorted(periodic - emptied) == []


@pytest.mark.req("R-189")
@pytest.mark.parametrize("code", ["assessment", "collection", "papers", "certificate"])
def test_tax_records_are_kept_six_years_or_more_and_less_than_ten(code: str) -> None:
    parameter: Parameter = classes()[code].parameter
    # The start event is the first day of a fiscal year: up to one year after the event itself.
    assert [6 * 12 <= int(str(value.value)) < 9 * 12 for value in parameter.values] == [True]
    assert parameter.law[0].startswith("地方税法")


@pytest.mark.req("R-230")
def test_the_log_is_kept_seven_years() -> None:
    assert [value.value for value in classes()["log"].parameter.values] == [84]


def test_the_database_applies_the_declared_rules() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT code, facts_sql FROM erasure.family ORDER BY code")
        standing = dict(cursor.fetchall())
    assert standing == {code: compiled(family)["facts_sql"] for code, family in declared().families.items()}


@pytest.mark.parametrize("code", sorted(declared().families))
def test_the_rule_of_each_family_is_sound_sql(code: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM erasure.facts(%s, NULL, false)", [code])
        assert cursor.fetchone()[0] >= 0


@pytest.mark.parametrize(
    ("day", "first"),
    [
        ("2015-03-31", "2015-04-01"),
        ("2015-04-01", "2016-04-01"),
        ("2016-02-29", "2016-04-01"),
        ("2015-12-31", "2016-04-01"),
    ],
)
def test_a_period_begins_with_the_fiscal_year_after_the_event(day: str, first: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT erasure.next_fiscal_year(%s)::text", [day])
        assert cursor.fetchone()[0] == first


@pytest.mark.req("R-190")
@pytest.mark.parametrize("code", sorted(declared().families))
def test_every_step_of_each_family_may_be_taken_by_the_role_of_the_erasures_and_no_guard_stops_it(code: str) -> None:
    """With no keys nothing goes, but statement guards fire and rights are asked all the same."""
    row = compiled(declared().families[code])
    statements = [*(step["sql"] for step in row["steps"]), *row["files"], *filter(None, [row["links_sql"]])]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE taxsys_erasure")
        for number, sql in enumerate(statements):
            cursor.execute(f"PREPARE step_{number} (text[]) AS {sql}")
            cursor.execute(f"EXECUTE step_{number} ('{{}}'::text[])")
            cursor.execute(f"DEALLOCATE step_{number}")
        cursor.execute("SET LOCAL ROLE taxsys_app")
