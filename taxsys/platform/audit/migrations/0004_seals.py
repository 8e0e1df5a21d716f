"""Seals behind the access log; epochs, so that the order of events survives a restore on another cluster."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION audit_epoch_now() RETURNS integer LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
DECLARE
    here text := (SELECT system_identifier::text FROM pg_control_system());
    known audit_epoch%ROWTYPE;
BEGIN
    SELECT * INTO known FROM audit_epoch ORDER BY number DESC LIMIT 1;
    IF known.cluster = here THEN
        RETURN known.number;
    END IF;
    -- The log has come to another cluster: its transaction numbers start anew, and so does the order.
    PERFORM pg_advisory_xact_lock(7230458110);
    SELECT * INTO known FROM audit_epoch ORDER BY number DESC LIMIT 1;
    IF known.cluster IS DISTINCT FROM here THEN
        INSERT INTO audit_epoch (number, cluster, started_at)
            VALUES (coalesce(known.number, 0) + 1, here, clock_timestamp()) RETURNING * INTO known;
    END IF;
    RETURN known.number;
END $$;

ALTER TABLE audit_accessevent ADD COLUMN epoch integer NOT NULL DEFAULT audit_epoch_now();
SELECT audit_epoch_now();
CREATE INDEX audit_event_sealing ON audit_accessevent (epoch, transaction_id, id);

DO $$
DECLARE
    guarded text;
BEGIN
    FOREACH guarded IN ARRAY ARRAY['audit_epoch', 'audit_seal', 'audit_sealleaves', 'audit_signedhead'] LOOP
        EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE OR TRUNCATE ON %I FOR EACH STATEMENT '
                       'EXECUTE FUNCTION audit_refuse_change()', guarded || '_append_only', guarded);
        IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'taxsys_app') THEN
            EXECUTE format('REVOKE ALL ON %I FROM taxsys_app', guarded);
            EXECUTE format('GRANT SELECT, INSERT ON %I TO taxsys_app', guarded);
        END IF;
    END LOOP;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'taxsys_app') THEN
        REVOKE INSERT ON audit_epoch FROM taxsys_app;
    END IF;
END $$;
"""

BACKWARD = """
ALTER TABLE audit_accessevent DROP COLUMN epoch;
DROP FUNCTION audit_epoch_now();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_change_log_rules")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
