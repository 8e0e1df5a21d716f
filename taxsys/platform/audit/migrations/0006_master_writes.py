"""Counting of writes to master data: what django-auditlog cannot see (bulk, update, SQL) is noticed by triggers."""

from django.db import migrations

FORWARD = """
ALTER TABLE auditlog_logentry ADD COLUMN transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id();
ALTER TABLE auditlog_logentry ADD COLUMN epoch integer NOT NULL DEFAULT audit_epoch_now();
CREATE INDEX audit_logentry_transaction ON auditlog_logentry (transaction_id);
CREATE INDEX audit_logentry_party ON auditlog_logentry ((additional_data ->> 'party'));
ALTER TABLE audit_masterwrite ADD COLUMN transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id();
ALTER TABLE audit_masterwrite ADD COLUMN epoch integer NOT NULL DEFAULT audit_epoch_now();

CREATE FUNCTION audit_count_write() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
DECLARE
    written bigint;
    silent text[] := string_to_array(TG_ARGV[1], ',');
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT count(*) INTO written FROM new_rows;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT count(*) INTO written FROM old_rows;
    ELSE
        SELECT count(*) INTO written FROM old_rows o
          JOIN new_rows n ON to_jsonb(o) ->> TG_ARGV[0] = to_jsonb(n) ->> TG_ARGV[0]
         WHERE to_jsonb(o) - silent IS DISTINCT FROM to_jsonb(n) - silent;
    END IF;
    IF written > 0 THEN
        INSERT INTO audit_masterwrite (table_name, operation, row_count)
            VALUES (TG_TABLE_NAME, lower(TG_OP), written);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER audit_masterwrite_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_masterwrite
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'taxsys_app') THEN
        REVOKE ALL ON audit_masterwrite FROM taxsys_app;
        GRANT SELECT ON audit_masterwrite TO taxsys_app;
    END IF;
END $$;
"""

BACKWARD = """
DROP FUNCTION audit_count_write() CASCADE;
ALTER TABLE auditlog_logentry DROP COLUMN transaction_id, DROP COLUMN epoch;
DROP INDEX audit_logentry_party;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0005_reviews")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
