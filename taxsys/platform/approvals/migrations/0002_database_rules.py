"""決裁: what was proposed is frozen, what was decided stays decided, nothing is deleted; a deputy's end only nears."""

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
        NEW.proposed_unit_code, NEW.proposed_at, NEW.version, NEW.previous_id)
       IS DISTINCT FROM
       (OLD.id, OLD.kind, OLD.subject_key, OLD.title_ja, OLD.content, OLD.content_hash, OLD.proposed_by_id,
        OLD.proposed_unit_code, OLD.proposed_at, OLD.version, OLD.previous_id) THEN
        RAISE EXCEPTION 'the content of approval % is frozen', OLD.id USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER approvals_approval_guard
    BEFORE UPDATE OR DELETE ON approvals_approval
    FOR EACH ROW EXECUTE FUNCTION approvals_guard();

CREATE FUNCTION approvals_deputy_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'deputies are not deleted' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF (NEW.id, NEW.principal_id, NEW.deputy_id, NEW.from_on, NEW.reason, NEW.approval_id)
       IS DISTINCT FROM (OLD.id, OLD.principal_id, OLD.deputy_id, OLD.from_on, OLD.reason, OLD.approval_id)
       OR NEW.to_on > OLD.to_on THEN
        RAISE EXCEPTION 'deputy % may only end earlier', OLD.id USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER approvals_deputy_guard
    BEFORE UPDATE OR DELETE ON approvals_deputy
    FOR EACH ROW EXECUTE FUNCTION approvals_deputy_guard();
"""

BACKWARD = """
DROP TRIGGER approvals_deputy_guard ON approvals_deputy;
DROP FUNCTION approvals_deputy_guard();
DROP TRIGGER approvals_approval_guard ON approvals_approval;
DROP FUNCTION approvals_guard();
"""


class Migration(migrations.Migration):
    dependencies = [("approvals", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
