"""変更記録は追記のみ: the rows of django-auditlog get the same protection as the access log."""

from django.db import migrations

FORWARD = """
CREATE TRIGGER audit_logentry_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON auditlog_logentry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'taxsys_app') THEN
        REVOKE ALL ON auditlog_logentry FROM taxsys_app;
        GRANT SELECT, INSERT ON auditlog_logentry TO taxsys_app;
    END IF;
END $$;
"""
BACKWARD = "DROP TRIGGER audit_logentry_append_only ON auditlog_logentry;"


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_database_rules"), ("auditlog", "0017_add_actor_email")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
