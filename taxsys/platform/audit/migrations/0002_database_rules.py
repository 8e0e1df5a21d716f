"""アクセス記録は追記のみ: refuse UPDATE, DELETE and TRUNCATE; stamp the transaction for the sealer."""

from django.db import migrations

FORWARD = """
ALTER TABLE audit_accessevent ADD COLUMN transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id();

CREATE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'table % is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER audit_accessevent_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_accessevent
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();

REVOKE ALL ON audit_accessevent FROM PUBLIC;
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'taxsys_app') THEN
        REVOKE ALL ON audit_accessevent FROM taxsys_app;
        GRANT SELECT, INSERT ON audit_accessevent TO taxsys_app;
    END IF;
END $$;
"""

BACKWARD = """
DROP TRIGGER audit_accessevent_append_only ON audit_accessevent;
DROP FUNCTION audit_refuse_change();
ALTER TABLE audit_accessevent DROP COLUMN transaction_id;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
