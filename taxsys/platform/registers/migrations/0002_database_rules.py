"""台帳の版は追記のみ: refuse UPDATE, DELETE and TRUNCATE of the versions; nobody deletes rows or papers by hand."""

from django.db import migrations

FORWARD = """
CREATE TRIGGER registers_rowversion_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON registers_rowversion
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'taxsys_app') THEN
        REVOKE ALL ON registers_rowversion FROM taxsys_app;
        GRANT SELECT, INSERT ON registers_rowversion TO taxsys_app;
        REVOKE DELETE, TRUNCATE ON registers_registerrow, registers_rowattachment FROM taxsys_app;
    END IF;
END $$;
"""
BACKWARD = "DROP TRIGGER registers_rowversion_append_only ON registers_rowversion;"


class Migration(migrations.Migration):
    dependencies = [
        ("registers", "0001_initial"),
        ("audit", "0006_master_writes"),
    ]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
