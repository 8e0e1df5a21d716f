"""Closed periods bind the ledger, sealed months keep their books, the application writes no more than it needs."""

from django.db import migrations

# The gate: postings share it, a closing holds it alone, so that no posting slips in beside a closing. The date of a
# standing closing is read after the gate was passed, with what was committed by then.
FORWARD = """
CREATE FUNCTION closing_refuse_posting() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    earliest date;
    closed date;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('closing.period'));
    SELECT min(occurred_on) INTO earliest FROM new_rows;
    SELECT max(last_on) INTO closed FROM closing_periodclosing WHERE reopened_at IS NULL;
    IF earliest <= closed THEN
        RAISE EXCEPTION '会計日%は締め済みです(%まで)。締めた期間には計上できません。', earliest, closed
              USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER closing_period_closed AFTER INSERT ON collection_journalentry
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION closing_refuse_posting();
-- Entries come in about the order of their dates: a block index finds a month and costs a posting nothing.
CREATE INDEX closing_entry_occurred ON collection_journalentry USING brin (occurred_on) WITH (pages_per_range = 16);

CREATE FUNCTION closing_refuse_sealed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM changed_rows AS r JOIN closing_periodclosing AS c
                   ON c.span = 'month' AND c.reopened_at IS NULL AND r.occurred_on <= c.last_on) THEN
        RAISE EXCEPTION '締めた月の帳簿は変更できません。' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER closing_bookline_sealed_insert AFTER INSERT ON closing_bookline
    REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION closing_refuse_sealed();
CREATE TRIGGER closing_bookline_sealed_delete AFTER DELETE ON closing_bookline
    REFERENCING OLD TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION closing_refuse_sealed();
CREATE TRIGGER closing_bookline_no_update BEFORE UPDATE ON closing_bookline
    FOR EACH STATEMENT EXECUTE FUNCTION collection_refuse_change();
CREATE TRIGGER closing_closingcheck_append_only BEFORE UPDATE OR DELETE ON closing_closingcheck
    FOR EACH STATEMENT EXECUTE FUNCTION collection_refuse_change();

-- A decided payment stays; only a draft is counted anew.
CREATE FUNCTION closing_refuse_decided() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF OLD.state = 'decided' THEN
        RAISE EXCEPTION '決定した払込は変更できません。' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER closing_remittance_decided BEFORE UPDATE OR DELETE ON closing_remittance
    FOR EACH ROW EXECUTE FUNCTION closing_refuse_decided();
CREATE TRIGGER closing_carryover_append_only BEFORE UPDATE OR DELETE ON closing_carryover
    FOR EACH STATEMENT EXECUTE FUNCTION collection_refuse_change();
CREATE TRIGGER closing_carryoverline_append_only BEFORE UPDATE OR DELETE ON closing_carryoverline
    FOR EACH STATEMENT EXECUTE FUNCTION collection_refuse_change();

REVOKE ALL ON closing_periodclosing, closing_closingcheck, closing_bookline, closing_bookbuild, closing_carryover,
    closing_carryoverline FROM taxsys_app;
GRANT SELECT, INSERT ON closing_periodclosing, closing_closingcheck, closing_bookbuild, closing_carryover,
    closing_carryoverline TO taxsys_app;
GRANT UPDATE (reopened_by, reopened_at, reopen_reason) ON closing_periodclosing TO taxsys_app;
GRANT SELECT, INSERT, DELETE ON closing_bookline TO taxsys_app;
"""
BACKWARD = """
DROP TRIGGER closing_period_closed ON collection_journalentry;
DROP INDEX closing_entry_occurred;
DROP FUNCTION closing_refuse_posting();
DROP TRIGGER closing_bookline_sealed_insert ON closing_bookline;
DROP TRIGGER closing_bookline_sealed_delete ON closing_bookline;
DROP TRIGGER closing_bookline_no_update ON closing_bookline;
DROP TRIGGER closing_closingcheck_append_only ON closing_closingcheck;
DROP TRIGGER closing_remittance_decided ON closing_remittance;
DROP TRIGGER closing_carryover_append_only ON closing_carryover;
DROP TRIGGER closing_carryoverline_append_only ON closing_carryoverline;
DROP FUNCTION closing_refuse_decided();
DROP FUNCTION closing_refuse_sealed();
"""


class Migration(migrations.Migration):
    dependencies = [("closing", "0001_initial"), ("collection", "0002_database_rules")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
