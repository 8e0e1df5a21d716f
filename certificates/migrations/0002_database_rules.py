"""The issue register is append-only, and a paper is about the person of its request and of its decision (I13)."""

from django.db import migrations

APPEND_ONLY = ("certificates_certificateissue", "certificates_certificatevoid")

FUNCTIONS = """
CREATE FUNCTION certificates_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% は追記専用です。取消・再発行は別の行で記録してください。', TG_TABLE_NAME
          USING ERRCODE = 'restrict_violation';
END $$;
CREATE FUNCTION certificates_one_subject() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM certificates_certificaterequest AS r
                     JOIN assessment_decision AS d ON d.id = NEW.decision_id
                    WHERE r.id = NEW.request_id AND r.subject_id = NEW.subject_id AND d.party_id = NEW.subject_id
                      AND d.tax_year = NEW.tax_year AND r.tax_year = NEW.tax_year
                      AND NEW.content ->> 'subject_id' = NEW.subject_id::text) THEN
        RAISE EXCEPTION '証明書の対象者が請求または賦課決定と一致しません。' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER certificates_issue_one_subject BEFORE INSERT ON certificates_certificateissue
    FOR EACH ROW EXECUTE FUNCTION certificates_one_subject();
"""
TRIGGERS = "".join(
    f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
    " FOR EACH STATEMENT EXECUTE FUNCTION certificates_refuse_change();\n"
    f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM taxsys_app;\n"
    for table in APPEND_ONLY
)
UNDO = "".join(
    f"GRANT UPDATE, DELETE ON {table} TO taxsys_app;\nDROP TRIGGER {table}_append_only ON {table};\n"
    for table in APPEND_ONLY
) + (
    "DROP TRIGGER certificates_issue_one_subject ON certificates_certificateissue;\n"
    "DROP FUNCTION certificates_one_subject();\nDROP FUNCTION certificates_refuse_change();\n"
)


class Migration(migrations.Migration):
    dependencies = [("certificates", "0001_initial")]

    operations = [migrations.RunSQL(FUNCTIONS + TRIGGERS, UNDO)]
