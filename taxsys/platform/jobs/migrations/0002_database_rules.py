"""What the database itself holds of a run: who asked for what cannot be rewritten, an ended run stays as it is."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION jobs_run_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a job run is never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (NEW.job_id, NEW.params, NEW.params_hash, NEW.scope, NEW.business_on, NEW.is_trial,
        NEW.requested_by, NEW.requested_by_name, NEW.requested_at)
       IS DISTINCT FROM
       (OLD.job_id, OLD.params, OLD.params_hash, OLD.scope, OLD.business_on, OLD.is_trial,
        OLD.requested_by, OLD.requested_by_name, OLD.requested_at) THEN
        RAISE EXCEPTION 'the request of job run % cannot be changed', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.released_by <> '' AND NEW.released_by IS DISTINCT FROM OLD.released_by THEN
        RAISE EXCEPTION 'the releaser of job run % cannot be changed', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state IN ('released', 'discarded') AND NEW.state IS DISTINCT FROM OLD.state THEN
        RAISE EXCEPTION 'job run % has ended as %', OLD.id, OLD.state USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.fence < OLD.fence THEN
        RAISE EXCEPTION 'the fencing number of job run % only grows', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER jobs_run_guard BEFORE UPDATE OR DELETE ON jobs_jobrun
    FOR EACH ROW EXECUTE FUNCTION jobs_run_guard();

CREATE FUNCTION jobs_chunk_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'done' AND NEW.state IS DISTINCT FROM OLD.state THEN
        RAISE EXCEPTION 'chunk % is done and stays done', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER jobs_chunk_guard BEFORE UPDATE ON jobs_jobchunk
    FOR EACH ROW EXECUTE FUNCTION jobs_chunk_guard();
"""

BACKWARD = """
DROP TRIGGER jobs_chunk_guard ON jobs_jobchunk;
DROP FUNCTION jobs_chunk_guard();
DROP TRIGGER jobs_run_guard ON jobs_jobrun;
DROP FUNCTION jobs_run_guard();
"""


class Migration(migrations.Migration):
    dependencies = [("jobs", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
