"""Copies told and provisions given are records: the database refuses to change or delete them (N-062, R-262)."""

from django.db import migrations

TABLES = ("intermediary_copyrecord", "intermediary_provisionrecord", "intermediary_provisionrequest")

FORWARD = """
CREATE FUNCTION intermediary_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% は追記専用です。', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
""" + "".join(
    f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
    " FOR EACH STATEMENT EXECUTE FUNCTION intermediary_refuse_change();\n"
    for table in TABLES
)
BACKWARD = (
    "".join(f"DROP TRIGGER {table}_append_only ON {table};\n" for table in TABLES)
    + "DROP FUNCTION intermediary_refuse_change();\n"
)


class Migration(migrations.Migration):
    dependencies = [("intermediary", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
