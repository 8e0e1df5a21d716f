"""Who holds a number now (not once held it), and the list of fingerprints by which a copy refuses real numbers (R-234).

A fingerprint is the first four bytes of a keyed hash: some twenty of all possible numbers share one, so that even with
its key the list singles nobody out, while a made-up number is refused by mistake in one of some thousands.
"""

# ruff: noqa: S608 -- the statements below are constants; only the function head is put in.
from django.db import migrations

_HEAD = "SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan"

FORWARD = f"""
SET ROLE taxsys_vault;
CREATE FUNCTION vault.holders_by_index(p_ctx jsonb, p_index_version int, p_index bytea[])
RETURNS TABLE (ord int, party_id uuid) LANGUAGE plpgsql {_HEAD} AS $$
#variable_conflict use_column
DECLARE slot int := vault.index_slot(p_index_version); ords int[]; parties uuid[];
BEGIN
    SELECT array_agg(f.o), array_agg(f.party) INTO ords, parties FROM (
        SELECT r.o::int AS o, n.party_id AS party FROM unnest(p_index) WITH ORDINALITY AS r(idx, o)
        JOIN vault.number n ON ((slot = 1 AND n.index_odd = r.idx) OR (slot = 0 AND n.index_even = r.idx))
                           AND n.valid_to IS NULL) f;
    PERFORM vault.event_write(p_ctx, 'search', parties::text[], 'vault.number', cardinality(p_index));
    RETURN QUERY SELECT * FROM unnest(ords, parties);
END $$;

CREATE TABLE vault.fingerprint (print bytea PRIMARY KEY CHECK (octet_length(print) = 4));
REVOKE ALL ON vault.fingerprint FROM PUBLIC;

CREATE FUNCTION vault.fingerprints_load(p_ctx jsonb, p_print bytea[]) RETURNS bigint LANGUAGE plpgsql {_HEAD} AS $$
BEGIN
    PERFORM vault.event_write(p_ctx, 'create', NULL, 'vault.fingerprint', cardinality(p_print));
    DELETE FROM vault.fingerprint;
    INSERT INTO vault.fingerprint SELECT DISTINCT r.print FROM unnest(p_print) AS r(print);
    RETURN (SELECT count(*) FROM vault.fingerprint);
END $$;

CREATE FUNCTION vault.fingerprints_known(p_print bytea[]) RETURNS TABLE (listed bigint, known bigint)
LANGUAGE sql STABLE {_HEAD} AS $$
    SELECT (SELECT count(*) FROM (SELECT FROM vault.fingerprint LIMIT 1) one),
           (SELECT count(*) FROM unnest(p_print) AS r(print) JOIN vault.fingerprint f ON f.print = r.print)
$$;

CREATE FUNCTION vault.seals_page(p_ctx jsonb, p_after uuid, p_limit int)
RETURNS TABLE (is_held boolean, id uuid, party_id uuid, key_version int, nonce bytea, ciphertext bytea, tag bytea)
LANGUAGE plpgsql {_HEAD} AS $$
#variable_conflict use_column
BEGIN
    PERFORM vault.event_write(p_ctx, 'read_number', NULL, 'vault.fingerprint', p_limit);
    RETURN QUERY SELECT false, n.id, n.party_id, n.key_version, n.nonce, n.ciphertext, n.tag FROM vault.number n
        WHERE n.id > p_after ORDER BY n.id LIMIT p_limit;
END $$;

REVOKE ALL ON FUNCTION vault.holders_by_index, vault.fingerprints_load, vault.fingerprints_known, vault.seals_page
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION vault.holders_by_index, vault.fingerprints_load, vault.fingerprints_known, vault.seals_page
    TO taxsys_app;
RESET ROLE;
"""
BACKWARD = """
SET ROLE taxsys_vault;
DROP FUNCTION vault.holders_by_index, vault.fingerprints_load, vault.fingerprints_known, vault.seals_page;
DROP TABLE vault.fingerprint;
RESET ROLE;
"""


class Migration(migrations.Migration):
    dependencies = [("addressbook", "0004_key_rotation")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
