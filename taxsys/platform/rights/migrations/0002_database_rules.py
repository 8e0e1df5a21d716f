"""権限の届出: what was asked is frozen, nobody confirms in another guise, nothing is deleted."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION rights_request_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'requests for rights are not deleted' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF OLD.state <> 'requested' THEN
        RAISE EXCEPTION 'request % is closed', OLD.id USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF (NEW.id, NEW.action, NEW.subsystem, NEW.staff_id, NEW.unit_id, NEW.permission_codes, NEW.held_codes,
        NEW.from_on, NEW.to_on, NEW.reason, NEW.content_hash, NEW.requested_by_id, NEW.requested_under_id,
        NEW.requested_persons, NEW.requested_at)
       IS DISTINCT FROM
       (OLD.id, OLD.action, OLD.subsystem, OLD.staff_id, OLD.unit_id, OLD.permission_codes, OLD.held_codes,
        OLD.from_on, OLD.to_on, OLD.reason, OLD.content_hash, OLD.requested_by_id, OLD.requested_under_id,
        OLD.requested_persons, OLD.requested_at) THEN
        RAISE EXCEPTION 'the content of request % is frozen', OLD.id USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.state = 'confirmed' AND
       (SELECT count(*) FROM rights_confirmation c WHERE c.request_id = NEW.id AND c.decision = 'confirm') < 2 THEN
        RAISE EXCEPTION 'request % lacks its two confirmations', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER rights_grantrequest_guard BEFORE UPDATE OR DELETE ON rights_grantrequest
    FOR EACH ROW EXECUTE FUNCTION rights_request_guard();

CREATE FUNCTION rights_confirmation_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        RAISE EXCEPTION 'confirmations are neither changed nor deleted' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF EXISTS (SELECT 1 FROM rights_grantrequest r
                WHERE r.id = NEW.request_id
                  AND (NEW.decided_by_id IN (r.requested_by_id, r.staff_id)
                       OR NEW.decided_persons && r.requested_persons))
       OR EXISTS (SELECT 1 FROM rights_confirmation c
                   WHERE c.request_id = NEW.request_id AND c.decided_persons && NEW.decided_persons) THEN
        RAISE EXCEPTION 'the confirmation stands in the guise of somebody in the request'
              USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER rights_confirmation_guard BEFORE INSERT OR UPDATE OR DELETE ON rights_confirmation
    FOR EACH ROW EXECUTE FUNCTION rights_confirmation_guard();
"""

BACKWARD = """
DROP TRIGGER rights_confirmation_guard ON rights_confirmation;
DROP FUNCTION rights_confirmation_guard();
DROP TRIGGER rights_grantrequest_guard ON rights_grantrequest;
DROP FUNCTION rights_request_guard();
"""


class Migration(migrations.Migration):
    dependencies = [("rights", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
