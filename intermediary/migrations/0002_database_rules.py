"""Copies told and provisions given are records (N-062, R-262); versions of a register row never overlap, executions
stay but for the hand-over (R-159, R-164).
"""

from django.db import migrations

TABLES = ("intermediary_copyrecord", "intermediary_provisionrecord", "intermediary_provisionrequest")

REQUESTS = """
ALTER TABLE intermediary_registerrow ADD CONSTRAINT register_row_no_overlap EXCLUDE USING gist
    (row_no WITH =, daterange(valid_from, valid_to, '[)') WITH &&) WHERE (state = 'approved');

CREATE FUNCTION intermediary_execution_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.handed_over_at IS NULL
       AND (to_jsonb(NEW) - ARRAY['handed_over_to', 'handed_over_by', 'handed_over_at'])
         = (to_jsonb(OLD) - ARRAY['handed_over_to', 'handed_over_by', 'handed_over_at']) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '提供・移転の実行は追記専用です。' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER intermediary_transferexecution_kept BEFORE UPDATE OR DELETE ON intermediary_transferexecution
    FOR EACH ROW EXECUTE FUNCTION intermediary_execution_kept();
CREATE TRIGGER intermediary_transferrequest_kept BEFORE DELETE ON intermediary_transferrequest
    FOR EACH STATEMENT EXECUTE FUNCTION intermediary_refuse_change();
"""
UNDO_REQUESTS = """
DROP TRIGGER intermediary_transferrequest_kept ON intermediary_transferrequest;
DROP TRIGGER intermediary_transferexecution_kept ON intermediary_transferexecution;
DROP FUNCTION intermediary_execution_kept();
ALTER TABLE intermediary_registerrow DROP CONSTRAINT register_row_no_overlap;
"""

FORWARD = (
    """
CREATE FUNCTION intermediary_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% は追記専用です。', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
"""
    + "".join(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION intermediary_refuse_change();\n"
        for table in TABLES
    )
    + REQUESTS
)
BACKWARD = (
    UNDO_REQUESTS
    + "".join(f"DROP TRIGGER {table}_append_only ON {table};\n" for table in TABLES)
    + "DROP FUNCTION intermediary_refuse_change();\n"
)


class Migration(migrations.Migration):
    dependencies = [("intermediary", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
