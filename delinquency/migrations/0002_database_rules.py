"""Contacts are append-only; what an issued reminder said and from when it counts can no longer change."""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION delinquency_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% は追記専用です。訂正は別の記録を追加してください。', TG_TABLE_NAME
          USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER delinquency_contact_append_only BEFORE UPDATE OR DELETE ON delinquency_contact
    FOR EACH STATEMENT EXECUTE FUNCTION delinquency_refuse_change();
REVOKE UPDATE, DELETE, TRUNCATE ON delinquency_contact FROM taxsys_app;

CREATE FUNCTION delinquency_reminder_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state IN ('issued', 'withdrawn') AND (
        TG_OP = 'DELETE'
        OR (NEW.charge_id, NEW.party_id, NEW.reminder_no, NEW.due_on, NEW.unpaid_yen, NEW.fee_yen, NEW.law_ja,
            NEW.issued_on, NEW.seizure_from, NEW.limitation_renewed_on)
           IS DISTINCT FROM
           (OLD.charge_id, OLD.party_id, OLD.reminder_no, OLD.due_on, OLD.unpaid_yen, OLD.fee_yen, OLD.law_ja,
            OLD.issued_on, OLD.seizure_from, OLD.limitation_renewed_on)
        OR (OLD.state = 'withdrawn' AND NEW.state <> 'withdrawn')
    ) THEN
        RAISE EXCEPTION '発付した督促は変更・削除できません。取消を記録してください。'
              USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER delinquency_reminder_issued BEFORE UPDATE OR DELETE ON delinquency_reminder
    FOR EACH ROW EXECUTE FUNCTION delinquency_reminder_guard();
"""
UNDO = """
DROP TRIGGER delinquency_reminder_issued ON delinquency_reminder;
DROP FUNCTION delinquency_reminder_guard();
GRANT UPDATE, DELETE ON delinquency_contact TO taxsys_app;
DROP TRIGGER delinquency_contact_append_only ON delinquency_contact;
DROP FUNCTION delinquency_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("delinquency", "0001_initial")]

    operations = [migrations.RunSQL(FUNCTIONS, UNDO)]
