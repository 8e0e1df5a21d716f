"""決裁: what was proposed is frozen, what was decided stays decided, nothing is deleted."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION approvals_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'approvals are not deleted' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF OLD.state <> 'proposed' THEN
        RAISE EXCEPTION 'approval % is already decided', OLD.id USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF (NEW.id, NEW.kind, NEW.subject_key, NEW.title_ja, NEW.content, NEW.content_hash, NEW.proposed_by_id,
        NEW.proposed_unit_code, NEW.proposed_at)
       IS DISTINCT FROM
       (OLD.id, OLD.kind, OLD.subject_key, OLD.title_ja, OLD.content, OLD.content_hash, OLD.proposed_by_id,
        OLD.proposed_unit_code, OLD.proposed_at) THEN
        RAISE EXCEPTION 'the content of approval % is frozen', OLD.id USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER approvals_approval_guard
    BEFORE UPDATE OR DELETE ON approvals_approval
    FOR EACH ROW EXECUTE FUNCTION approvals_guard();
"""

BACKWARD = """
DROP TRIGGER approvals_approval_guard ON approvals_approval;
DROP FUNCTION approvals_guard();
"""


class Migration(migrations.Migration):
    dependencies = [("approvals", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
