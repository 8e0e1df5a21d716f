"""All tables of an app in one operation: the same tables, the same state, backwards too."""

from typing import Any

import pytest
from django.db import connection, migrations, models
from django.db.migrations.state import ProjectState
from django.db.migrations.writer import OperationWriter

from taxsys.platform.schema import CreateModels

pytestmark = pytest.mark.django_db


def shelf() -> CreateModels:
    """A shelf, and books that point to it."""
    pk = ("id", models.BigAutoField(primary_key=True))
    return CreateModels(
        models=[
            migrations.CreateModel("Shelf", [pk, ("name", models.CharField(max_length=5))]),
            migrations.CreateModel("Book", [pk, ("shelf", models.ForeignKey("toys.Shelf", models.PROTECT))]),
        ]
    )


def tables() -> set[str]:
    return {name for name in connection.introspection.table_names() if name.startswith("toys_")}


def test_the_tables_come_and_go_with_their_references() -> None:
    operation, before, after = shelf(), ProjectState(), ProjectState()
    operation.state_forwards("toys", after)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE NONE")
    with connection.schema_editor() as editor:
        operation.database_forwards("toys", editor, before, after)
    assert tables() == {"toys_shelf", "toys_book"}
    with connection.cursor() as cursor:
        assert "shelf_id" in connection.introspection.get_relations(cursor, "toys_book")
    with connection.schema_editor() as editor:
        operation.database_backwards("toys", editor, after, before)
    assert tables() == set()


def test_models_rendered_earlier_know_the_new_ones() -> None:
    state = ProjectState()
    assert state.apps.get_models() == []  # rendered before
    shelf().state_forwards("toys", state)
    book: Any = state.apps.get_model("toys", "book")
    assert book._meta.get_field("shelf").related_model is state.apps.get_model("toys", "shelf")


def test_it_is_written_into_a_file_and_named() -> None:
    operation = shelf()
    text, imports = OperationWriter(operation).serialize()
    assert text.lstrip().startswith("taxsys.platform.schema.CreateModels(\n")
    assert "import taxsys.platform.schema" in imports
    assert operation.describe() == "Create 2 models"
    assert operation.references_model("Shelf", "toys")
    assert not operation.references_model("Pen", "toys")
