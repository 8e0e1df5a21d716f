"""What the database itself keeps of the assessment.

Rows of a released run are the snapshot of its decisions; papers stay as they were filed, an amendment is a paper of its
own beside them (R-195, III-7); ledgers of losses and differences, records of extractions and of where a paper lies
(R-187) are added to, never altered.
"""

from django.db import migrations

SNAPSHOT_TABLES = (
    "assessment_residentfacts",
    "assessment_residentresult",
    "assessment_collectionshare",
    "assessment_yearcomparison",
    "assessment_levychange",
)
APPEND_ONLY = ("assessment_lossmovement", "assessment_differencesettlement", "assessment_extractionrecord")

FUNCTIONS = """
CREATE FUNCTION assessment_snapshot_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE run_state text;
BEGIN
    SELECT state INTO run_state FROM assessment_assessmentrun WHERE id = OLD.run_id;
    IF run_state IN ('released', 'recalled') THEN
        RAISE EXCEPTION '決定済の計算の行は変更・削除できません(run %)', OLD.run_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION assessment_decision_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '賦課決定は変更・削除できません。新しい版を作成してください。' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER assessment_decision_append_only BEFORE UPDATE OR DELETE ON assessment_decision
    FOR EACH STATEMENT EXECUTE FUNCTION assessment_decision_guard();
CREATE FUNCTION assessment_sourcedocument_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'source document % stays as it was filed', OLD.id USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER assessment_sourcedocument_as_filed BEFORE UPDATE ON assessment_sourcedocument
    FOR EACH ROW WHEN (
        (NEW.kind, NEW.tax_year, NEW.received_file_id, NEW.line_no, NEW.business_key, NEW.filing_kind, NEW.arrived_on,
         NEW.name, NEW.name_kana, NEW.birth_on, NEW.address, NEW.items, NEW.relatives, NEW.supersedes_id)
        IS DISTINCT FROM
        (OLD.kind, OLD.tax_year, OLD.received_file_id, OLD.line_no, OLD.business_key, OLD.filing_kind, OLD.arrived_on,
         OLD.name, OLD.name_kana, OLD.birth_on, OLD.address, OLD.items, OLD.relatives, OLD.supersedes_id)
    ) EXECUTE FUNCTION assessment_sourcedocument_guard();

CREATE FUNCTION assessment_loss_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER assessment_documentplacement_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON assessment_documentplacement FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'taxsys_app') THEN
        REVOKE ALL ON assessment_documentplacement FROM taxsys_app;
        GRANT SELECT, INSERT ON assessment_documentplacement TO taxsys_app;
    END IF;
END $$;
"""

TRIGGERS = "".join(
    f"CREATE TRIGGER {table}_snapshot BEFORE UPDATE OR DELETE ON {table}"
    " FOR EACH ROW EXECUTE FUNCTION assessment_snapshot_guard();\n"
    for table in SNAPSHOT_TABLES
) + "".join(
    f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
    " FOR EACH STATEMENT EXECUTE FUNCTION assessment_loss_guard();\n"
    for table in APPEND_ONLY
)

UNDO = (
    "".join(f"DROP TRIGGER {table}_snapshot ON {table};\n" for table in SNAPSHOT_TABLES)
    + "".join(f"DROP TRIGGER {table}_append_only ON {table};\n" for table in APPEND_ONLY)
    + """
DROP TRIGGER assessment_documentplacement_append_only ON assessment_documentplacement;
DROP TRIGGER assessment_sourcedocument_as_filed ON assessment_sourcedocument;
DROP TRIGGER assessment_decision_append_only ON assessment_decision;
DROP FUNCTION assessment_loss_guard();
DROP FUNCTION assessment_sourcedocument_guard();
DROP FUNCTION assessment_decision_guard();
DROP FUNCTION assessment_snapshot_guard();
"""
)


class Migration(migrations.Migration):
    dependencies = [("assessment", "0001_initial"), ("audit", "0006_master_writes")]
    operations = [migrations.RunSQL(FUNCTIONS + TRIGGERS, UNDO)]
