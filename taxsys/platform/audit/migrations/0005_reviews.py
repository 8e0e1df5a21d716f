"""Reviews of the access log, the lists they use, and the results of verifications; append-only but for the lists."""

from django.db import migrations

FORWARD = """
DO $$
DECLARE
    guarded text;
BEGIN
    FOREACH guarded IN ARRAY
        ARRAY['audit_logcheck', 'audit_reviewreport', 'audit_reviewfinding', 'audit_reviewsignature'] LOOP
        EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE OR TRUNCATE ON %I FOR EACH STATEMENT '
                       'EXECUTE FUNCTION audit_refuse_change()', guarded || '_append_only', guarded);
        IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'taxsys_app') THEN
            EXECUTE format('REVOKE ALL ON %I FROM taxsys_app', guarded);
            EXECUTE format('GRANT SELECT, INSERT ON %I TO taxsys_app', guarded);
        END IF;
    END LOOP;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'taxsys_app') THEN
        REVOKE DELETE, TRUNCATE ON audit_watchedparty FROM taxsys_app;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_seals")]
    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
