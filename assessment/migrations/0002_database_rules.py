"""Rows of a released run are the snapshot of its decisions: the database refuses to change or delete them."""

from django.db import migrations

TABLES = ("assessment_residentfacts", "assessment_residentresult", "assessment_collectionshare")

GUARDS = """
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
"""

SNAPSHOTS = "".join(
    f"CREATE TRIGGER {table}_snapshot BEFORE UPDATE OR DELETE ON {table}"
    " FOR EACH ROW EXECUTE FUNCTION assessment_snapshot_guard();\n"
    for table in TABLES
)

DROP = (
    "".join(f"DROP TRIGGER {table}_snapshot ON {table};\n" for table in TABLES)
    + "DROP TRIGGER assessment_decision_append_only ON assessment_decision;\n"
    + "DROP FUNCTION assessment_decision_guard();\nDROP FUNCTION assessment_snapshot_guard();\n"
)


class Migration(migrations.Migration):
    dependencies = [("assessment", "0001_initial")]

    operations = [migrations.RunSQL(GUARDS + SNAPSHOTS, DROP)]
