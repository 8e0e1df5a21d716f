"""Numbers know the file they came from, and the index key can change while the system runs.

The blind index stands in one of two columns, by the parity of its key's version: during a change both are filled,
look-ups go by the version in force, and each column keeps one number one holder. A caller who still computes under a
version that is no longer in force is refused (40001: do it again), never answered wrongly.
"""

# ruff: noqa: S608 -- the statements below are constants; only the function head and the index match are put in.
from importlib import import_module

from django.db import migrations

_HEAD = "SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan"
_LOCK = 0x56494458  # "VIDX": shared by whoever computes an index, exclusive for a change of its key


def _match(row: str, value_odd: str, value_even: str = "") -> str:
    """Equality with the index column of the slot; the planner folds the other half away."""
    return (
        f"((slot = 1 AND {row}.index_odd = {value_odd}) OR (slot = 0 AND {row}.index_even = {value_even or value_odd}))"
    )


TABLES = """
DROP FUNCTION vault.number_put, vault.parties_by_index, vault.number_release, vault.held_put, vault.parties_by_held,
    vault.held_bind, vault.held_agrees, vault.number_spells;

CREATE TABLE vault.index_key (
    index_version int PRIMARY KEY,
    state text NOT NULL CHECK (state IN ('next', 'current', 'retired')),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    retired_at timestamptz,
    erased_at timestamptz,
    CHECK ((state = 'retired') = (retired_at IS NOT NULL)),
    CHECK (erased_at IS NULL OR retired_at IS NOT NULL)
);
CREATE UNIQUE INDEX index_key_one_each ON vault.index_key (state) WHERE state <> 'retired';
INSERT INTO vault.index_key (index_version, state) VALUES (1, 'current');

ALTER TABLE vault.number RENAME blind_index TO index_odd;
ALTER TABLE vault.number DROP COLUMN index_version, ALTER COLUMN index_odd DROP NOT NULL,
    ADD COLUMN index_even bytea CHECK (octet_length(index_even) = 32),
    ADD CONSTRAINT number_has_an_index CHECK (index_odd IS NOT NULL OR index_even IS NOT NULL),
    ADD COLUMN file_id uuid,
    DROP CONSTRAINT number_status_check,
    ADD CONSTRAINT number_status_check CHECK (status IN ('active', 'changed', 'released', 'refused'));
CREATE UNIQUE INDEX number_one_holder_odd ON vault.number (index_odd) WHERE valid_to IS NULL AND index_odd IS NOT NULL;
CREATE UNIQUE INDEX number_one_holder_even ON vault.number (index_even)
    WHERE valid_to IS NULL AND index_even IS NOT NULL;
CREATE INDEX number_former_holder_odd ON vault.number (index_odd) WHERE valid_to IS NOT NULL AND index_odd IS NOT NULL;
CREATE INDEX number_former_holder_even ON vault.number (index_even)
    WHERE valid_to IS NOT NULL AND index_even IS NOT NULL;
CREATE INDEX number_of_a_file ON vault.number (file_id) WHERE file_id IS NOT NULL;

ALTER TABLE vault.held_number RENAME blind_index TO index_odd;
ALTER TABLE vault.held_number DROP COLUMN index_version, ALTER COLUMN index_odd DROP NOT NULL,
    ADD COLUMN index_even bytea CHECK (octet_length(index_even) = 32),
    ADD CONSTRAINT held_number_has_an_index CHECK (index_odd IS NOT NULL OR index_even IS NOT NULL),
    ADD COLUMN file_id uuid;
REVOKE ALL ON vault.index_key FROM PUBLIC;
"""

INDEX_KEYS = f"""
CREATE FUNCTION vault.index_list() RETURNS TABLE (index_version int, state text) LANGUAGE plpgsql {_HEAD} AS $$
BEGIN
    -- Until the end of the caller's transaction no change of the key begins or ends.
    PERFORM pg_advisory_xact_lock_shared({_LOCK});
    RETURN QUERY SELECT k.index_version, k.state FROM vault.index_key k ORDER BY 1;
END $$;

CREATE FUNCTION vault.index_slot(p_version int) RETURNS int LANGUAGE plpgsql {_HEAD} AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM vault.index_key k WHERE k.index_version = p_version AND k.state = 'current') THEN
        RAISE EXCEPTION 'vault: index version is not in force' USING ERRCODE = '40001';
    END IF;
    RETURN p_version % 2;
END $$;

CREATE FUNCTION vault.index_current_slot() RETURNS int LANGUAGE sql STABLE {_HEAD} AS $$
    SELECT k.index_version % 2 FROM vault.index_key k WHERE k.state = 'current'
$$;

CREATE FUNCTION vault.index_next_slot(p_version int) RETURNS int LANGUAGE plpgsql {_HEAD} AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM vault.index_key k WHERE k.index_version = p_version AND k.state = 'next') THEN
        RAISE EXCEPTION 'vault: index version is not being made' USING ERRCODE = '55000';
    END IF;
    RETURN p_version % 2;
END $$;

CREATE FUNCTION vault.index_begin(p_ctx jsonb, p_version int) RETURNS void LANGUAGE plpgsql {_HEAD} AS $$
DECLARE slot int := p_version % 2;
BEGIN
    PERFORM vault.event_write(p_ctx, 'create', NULL, 'vault.index_key', 1);
    PERFORM set_config('lock_timeout', '2s', true);
    PERFORM pg_advisory_xact_lock({_LOCK});
    IF EXISTS (SELECT FROM vault.index_key k WHERE k.index_version = p_version) THEN
        RETURN;
    END IF;
    IF EXISTS (SELECT FROM vault.number n WHERE CASE slot WHEN 1 THEN n.index_odd ELSE n.index_even END IS NOT NULL)
       OR EXISTS (SELECT FROM vault.held_number h
                  WHERE CASE slot WHEN 1 THEN h.index_odd ELSE h.index_even END IS NOT NULL) THEN
        RAISE EXCEPTION 'vault: an older index stands in the column' USING ERRCODE = '55006';
    END IF;
    INSERT INTO vault.index_key (index_version, state) VALUES (p_version, 'next');
END $$;

CREATE FUNCTION vault.index_take(p_ctx jsonb, p_version int, p_from uuid, p_to uuid, p_limit int)
RETURNS TABLE (is_held boolean, id uuid, party_id uuid, key_version int, nonce bytea, ciphertext bytea, tag bytea)
LANGUAGE plpgsql {_HEAD} AS $$
#variable_conflict use_column
DECLARE slot int := vault.index_next_slot(p_version); taken int; taken_held int;
BEGIN
    RETURN QUERY SELECT false, n.id, n.party_id, n.key_version, n.nonce, n.ciphertext, n.tag FROM vault.number n
        WHERE n.id >= p_from AND (p_to IS NULL OR n.id < p_to)
          AND CASE slot WHEN 1 THEN n.index_odd ELSE n.index_even END IS NULL
        ORDER BY n.id LIMIT p_limit FOR UPDATE;
    GET DIAGNOSTICS taken = ROW_COUNT;
    RETURN QUERY SELECT true, h.ref, NULL::uuid, h.key_version, h.nonce, h.ciphertext, h.tag FROM vault.held_number h
        WHERE h.ref >= p_from AND (p_to IS NULL OR h.ref < p_to)
          AND CASE slot WHEN 1 THEN h.index_odd ELSE h.index_even END IS NULL
        ORDER BY h.ref LIMIT p_limit FOR UPDATE;
    GET DIAGNOSTICS taken_held = ROW_COUNT;
    PERFORM vault.event_write(p_ctx, 'write_number', NULL, 'vault.index', taken + taken_held);
END $$;

CREATE FUNCTION vault.index_fill(p_ctx jsonb, p_version int, p_held boolean[], p_id uuid[], p_index bytea[])
RETURNS int LANGUAGE plpgsql {_HEAD} AS $$
DECLARE slot int := vault.index_next_slot(p_version); done int; done_held int;
BEGIN
    UPDATE vault.number n SET index_odd = CASE slot WHEN 1 THEN r.idx ELSE n.index_odd END,
                              index_even = CASE slot WHEN 0 THEN r.idx ELSE n.index_even END
    FROM unnest(p_held, p_id, p_index) AS r(held, id, idx) WHERE NOT r.held AND n.id = r.id;
    GET DIAGNOSTICS done = ROW_COUNT;
    UPDATE vault.held_number h SET index_odd = CASE slot WHEN 1 THEN r.idx ELSE h.index_odd END,
                                   index_even = CASE slot WHEN 0 THEN r.idx ELSE h.index_even END
    FROM unnest(p_held, p_id, p_index) AS r(held, id, idx) WHERE r.held AND h.ref = r.id;
    GET DIAGNOSTICS done_held = ROW_COUNT;
    PERFORM vault.event_write(p_ctx, 'write_number', NULL, 'vault.index', done + done_held);
    RETURN done + done_held;
END $$;

CREATE FUNCTION vault.index_switch(p_ctx jsonb, p_version int) RETURNS void LANGUAGE plpgsql {_HEAD} AS $$
DECLARE slot int := p_version % 2;
BEGIN
    PERFORM vault.event_write(p_ctx, 'update', NULL, 'vault.index_key', 1);
    PERFORM set_config('lock_timeout', '2s', true);
    PERFORM pg_advisory_xact_lock({_LOCK});
    IF EXISTS (SELECT FROM vault.index_key k WHERE k.index_version = p_version AND k.state = 'current') THEN
        RETURN;
    END IF;
    slot := vault.index_next_slot(p_version);
    IF EXISTS (SELECT FROM vault.number n WHERE CASE slot WHEN 1 THEN n.index_odd ELSE n.index_even END IS NULL)
       OR EXISTS (SELECT FROM vault.held_number h
                  WHERE CASE slot WHEN 1 THEN h.index_odd ELSE h.index_even END IS NULL) THEN
        RAISE EXCEPTION 'vault: numbers without the new index' USING ERRCODE = '55006';
    END IF;
    UPDATE vault.index_key k SET state = 'retired', retired_at = clock_timestamp() WHERE k.state = 'current';
    UPDATE vault.index_key k SET state = 'current' WHERE k.index_version = p_version;
END $$;

CREATE FUNCTION vault.index_clear(p_ctx jsonb, p_version int, p_from uuid, p_to uuid) RETURNS int
LANGUAGE plpgsql {_HEAD} AS $$
DECLARE slot int := p_version % 2; done int; done_held int;
BEGIN
    IF NOT EXISTS (SELECT FROM vault.index_key k WHERE k.index_version = p_version AND k.state = 'retired')
       OR EXISTS (SELECT FROM vault.index_key k WHERE k.index_version > p_version AND k.index_version % 2 = slot) THEN
        RAISE EXCEPTION 'vault: index version is in use' USING ERRCODE = '55006';
    END IF;
    UPDATE vault.number n SET index_odd = CASE slot WHEN 0 THEN n.index_odd END,
                              index_even = CASE slot WHEN 1 THEN n.index_even END
    WHERE n.id >= p_from AND (p_to IS NULL OR n.id < p_to)
      AND CASE slot WHEN 1 THEN n.index_odd ELSE n.index_even END IS NOT NULL;
    GET DIAGNOSTICS done = ROW_COUNT;
    UPDATE vault.held_number h SET index_odd = CASE slot WHEN 0 THEN h.index_odd END,
                                   index_even = CASE slot WHEN 1 THEN h.index_even END
    WHERE h.ref >= p_from AND (p_to IS NULL OR h.ref < p_to)
      AND CASE slot WHEN 1 THEN h.index_odd ELSE h.index_even END IS NOT NULL;
    GET DIAGNOSTICS done_held = ROW_COUNT;
    PERFORM vault.event_write(p_ctx, 'delete', NULL, 'vault.index', done + done_held);
    RETURN done + done_held;
END $$;

CREATE FUNCTION vault.index_sample(p_ctx jsonb, p_limit int)
RETURNS TABLE (is_held boolean, id uuid, party_id uuid, key_version int, nonce bytea, ciphertext bytea, tag bytea,
               idx bytea) LANGUAGE plpgsql {_HEAD} AS $$
#variable_conflict use_column
DECLARE slot int := vault.index_current_slot();
BEGIN
    PERFORM vault.event_write(p_ctx, 'read_number', NULL, 'vault.index', p_limit);
    RETURN QUERY SELECT s.* FROM (
        SELECT false, n.id, n.party_id, n.key_version, n.nonce, n.ciphertext, n.tag,
               CASE slot WHEN 1 THEN n.index_odd ELSE n.index_even END FROM vault.number n
        UNION ALL
        SELECT true, h.ref, NULL::uuid, h.key_version, h.nonce, h.ciphertext, h.tag,
               CASE slot WHEN 1 THEN h.index_odd ELSE h.index_even END FROM vault.held_number h) s
        ORDER BY random() LIMIT p_limit;
END $$;

CREATE FUNCTION vault.index_count() RETURNS TABLE (odd bigint, even bigint, rows bigint)
LANGUAGE sql STABLE {_HEAD} AS $$
    SELECT count(s.index_odd), count(s.index_even), count(*)
    FROM (SELECT n.index_odd, n.index_even FROM vault.number n UNION ALL
          SELECT h.index_odd, h.index_even FROM vault.held_number h) s
$$;

CREATE FUNCTION vault.index_erase(p_ctx jsonb, p_version int) RETURNS void LANGUAGE plpgsql {_HEAD} AS $$
DECLARE slot int := p_version % 2;
BEGIN
    PERFORM vault.event_write(p_ctx, 'delete', NULL, 'vault.index_key', 1);
    IF NOT EXISTS (SELECT FROM vault.index_key k WHERE k.index_version = p_version AND k.state = 'retired')
       OR (NOT EXISTS (SELECT FROM vault.index_key k WHERE k.index_version > p_version AND k.index_version % 2 = slot)
           AND (EXISTS (SELECT FROM vault.number n
                        WHERE CASE slot WHEN 1 THEN n.index_odd ELSE n.index_even END IS NOT NULL)
                OR EXISTS (SELECT FROM vault.held_number h
                           WHERE CASE slot WHEN 1 THEN h.index_odd ELSE h.index_even END IS NOT NULL))) THEN
        RAISE EXCEPTION 'vault: index version is in use' USING ERRCODE = '55006';
    END IF;
    UPDATE vault.index_key k SET erased_at = clock_timestamp()
    WHERE k.index_version = p_version AND k.erased_at IS NULL;
END $$;
"""

NUMBERS = f"""
CREATE FUNCTION vault.number_put(p_ctx jsonb, p_id uuid[], p_party uuid[], p_on date, p_key_version int,
    p_nonce bytea[], p_ciphertext bytea[], p_tag bytea[], p_index_version int, p_index bytea[], p_next_index bytea[],
    p_verified_by text, p_source text, p_replace boolean, p_file uuid[])
RETURNS TABLE (ord int, outcome text, holder uuid) LANGUAGE plpgsql {_HEAD} AS $$
#variable_conflict use_column
DECLARE slot int := vault.index_slot(p_index_version);
BEGIN
    PERFORM vault.event_write(p_ctx, 'write_number', p_party::text[], 'vault.number', cardinality(p_party));
    IF p_replace THEN
        UPDATE vault.number n SET valid_to = greatest(p_on, n.valid_from), status = 'changed'
        FROM unnest(p_party, p_index) AS r(party, idx)
        WHERE n.party_id = r.party AND n.valid_to IS NULL AND NOT {_match("n", "r.idx")}
          AND NOT EXISTS (SELECT FROM vault.number o WHERE {_match("o", "r.idx")} AND o.valid_to IS NULL);
    END IF;
    INSERT INTO vault.number (id, party_id, valid_from, key_version, nonce, ciphertext, tag, index_odd, index_even,
                              verified_by, source, file_id)
    SELECT r.id, r.party, p_on, p_key_version, r.nonce, r.ciphertext, r.tag,
           CASE slot WHEN 1 THEN r.idx ELSE r.nxt END, CASE slot WHEN 0 THEN r.idx ELSE r.nxt END,
           p_verified_by, p_source, nullif(r.file, '00000000-0000-0000-0000-000000000000')
    FROM unnest(p_id, p_party, p_nonce, p_ciphertext, p_tag, p_index, p_next_index, p_file)
         AS r(id, party, nonce, ciphertext, tag, idx, nxt, file)
    ON CONFLICT DO NOTHING;
    IF p_verified_by = 'resident-record' THEN
        -- The resident record has the number that stands already: what came from elsewhere is proved by it (R-206).
        UPDATE vault.number n SET verified_by = p_verified_by
        FROM unnest(p_party, p_index) AS r(party, idx)
        WHERE n.party_id = r.party AND n.valid_to IS NULL AND n.verified_by = 'upstream' AND {_match("n", "r.idx")};
    END IF;
    RETURN QUERY
    SELECT r.o::int,
           CASE WHEN n.id IS NOT NULL THEN 'stored' WHEN {_match("own", "r.idx")} THEN 'same'
                WHEN h.party_id IS NOT NULL THEN 'collision' ELSE 'different' END,
           h.party_id
    FROM unnest(p_id, p_party, p_index) WITH ORDINALITY AS r(id, party, idx, o)
    LEFT JOIN vault.number n ON n.id = r.id
    LEFT JOIN vault.number own ON own.party_id = r.party AND own.valid_to IS NULL
    LEFT JOIN vault.number h ON {_match("h", "r.idx")} AND h.valid_to IS NULL AND h.party_id <> r.party
    ORDER BY r.o;
END $$;

CREATE FUNCTION vault.parties_by_index(p_ctx jsonb, p_index_version int, p_index bytea[])
RETURNS TABLE (ord int, party_id uuid) LANGUAGE plpgsql {_HEAD} AS $$
#variable_conflict use_column
DECLARE slot int := vault.index_slot(p_index_version); ords int[]; parties uuid[];
BEGIN
    SELECT array_agg(f.o), array_agg(f.party) INTO ords, parties FROM (
        SELECT DISTINCT ON (r.o) r.o::int AS o, n.party_id AS party
        FROM unnest(p_index) WITH ORDINALITY AS r(idx, o)
        JOIN vault.number n ON {_match("n", "r.idx")} AND n.status NOT IN ('released', 'refused')
        ORDER BY r.o, n.valid_to DESC NULLS FIRST) f;
    PERFORM vault.event_write(p_ctx, 'search', parties::text[], 'vault.number', cardinality(p_index));
    RETURN QUERY SELECT * FROM unnest(ords, parties);
END $$;

CREATE FUNCTION vault.number_release(p_ctx jsonb, p_party uuid, p_on date)
RETURNS TABLE (id uuid, key_version int, nonce bytea, ciphertext bytea, tag bytea, verified_by text, file_id uuid)
LANGUAGE plpgsql {_HEAD} AS $$
#variable_conflict use_column
BEGIN
    PERFORM vault.event_write(p_ctx, 'write_number', ARRAY[p_party::text], 'vault.number', 1);
    RETURN QUERY UPDATE vault.number n SET valid_to = greatest(p_on, n.valid_from), status = 'released'
        WHERE n.party_id = p_party AND n.valid_to IS NULL
        RETURNING n.id, n.key_version, n.nonce, n.ciphertext, n.tag, n.verified_by, n.file_id;
END $$;

CREATE FUNCTION vault.number_spells(p_party uuid)
RETURNS TABLE (valid_from date, valid_to date, status text, verified_by text, source text, recorded_at timestamptz,
               file_id uuid) LANGUAGE sql STABLE {_HEAD} AS $$
    SELECT n.valid_from, n.valid_to, n.status, n.verified_by, n.source, n.recorded_at, n.file_id FROM vault.number n
    WHERE n.party_id = p_party ORDER BY n.valid_to DESC NULLS FIRST, n.valid_from DESC, n.recorded_at DESC
$$;
"""

FILES = f"""
CREATE FUNCTION vault.file_count(p_file uuid[]) RETURNS TABLE (file_id uuid, active bigint, held bigint, refused bigint)
LANGUAGE sql STABLE {_HEAD} AS $$
    SELECT f.id, (SELECT count(*) FROM vault.number n WHERE n.file_id = f.id AND n.valid_to IS NULL),
           (SELECT count(*) FROM vault.held_number h WHERE h.file_id = f.id),
           (SELECT count(*) FROM vault.number n WHERE n.file_id = f.id AND n.status = 'refused')
    FROM unnest(p_file) AS f(id)
$$;

CREATE FUNCTION vault.file_refuse(p_ctx jsonb, p_file uuid, p_on date)
RETURNS TABLE (refused int, restored int, dropped int) LANGUAGE plpgsql {_HEAD} AS $$
DECLARE slot int := vault.index_current_slot(); parties uuid[]; since date[];
    n_refused int; n_restored int; n_dropped int;
BEGIN
    SELECT coalesce(array_agg(n.party_id), '{{}}'), coalesce(array_agg(n.valid_from), '{{}}') INTO parties, since
        FROM vault.number n WHERE n.file_id = p_file AND n.valid_to IS NULL;
    PERFORM vault.event_write(p_ctx, 'write_number', parties::text[], 'vault.number', cardinality(parties));
    UPDATE vault.number n SET valid_to = coalesce(n.valid_to, greatest(p_on, n.valid_from)), status = 'refused'
    WHERE n.file_id = p_file AND n.status <> 'released';
    GET DIAGNOSTICS n_refused = ROW_COUNT;
    -- What the file's number had replaced counts again, unless somebody else has got it meanwhile.
    UPDATE vault.number n SET valid_to = NULL, status = 'active'
    FROM (SELECT DISTINCT ON (o.party_id) o.id FROM vault.number o
          JOIN unnest(parties, since) AS r(party, since) ON r.party = o.party_id
          WHERE o.status = 'changed' AND o.valid_to = r.since AND o.file_id IS DISTINCT FROM p_file
          ORDER BY o.party_id, o.recorded_at DESC) last
    WHERE n.id = last.id
      AND NOT EXISTS (SELECT FROM vault.number a WHERE {_match("a", "n.index_odd", "n.index_even")}
                      AND a.valid_to IS NULL);
    GET DIAGNOSTICS n_restored = ROW_COUNT;
    DELETE FROM vault.held_number h WHERE h.file_id = p_file;
    GET DIAGNOSTICS n_dropped = ROW_COUNT;
    RETURN QUERY SELECT n_refused, n_restored, n_dropped;
END $$;
"""

HELD = f"""
CREATE FUNCTION vault.held_put(p_ctx jsonb, p_ref uuid[], p_key_version int, p_nonce bytea[], p_ciphertext bytea[],
    p_tag bytea[], p_index_version int, p_index bytea[], p_next_index bytea[], p_source text, p_file uuid)
RETURNS int LANGUAGE plpgsql {_HEAD} AS $$
DECLARE slot int := vault.index_slot(p_index_version); stored int;
BEGIN
    PERFORM vault.event_write(p_ctx, 'write_number', NULL, 'vault.held_number', cardinality(p_ref));
    INSERT INTO vault.held_number (ref, key_version, nonce, ciphertext, tag, index_odd, index_even, source, file_id)
    SELECT r.ref, p_key_version, r.nonce, r.ciphertext, r.tag, CASE slot WHEN 1 THEN r.idx ELSE r.nxt END,
           CASE slot WHEN 0 THEN r.idx ELSE r.nxt END, p_source,
           nullif(p_file, '00000000-0000-0000-0000-000000000000')
    FROM unnest(p_ref, p_nonce, p_ciphertext, p_tag, p_index, p_next_index) AS r(ref, nonce, ciphertext, tag, idx, nxt);
    GET DIAGNOSTICS stored = ROW_COUNT;
    RETURN stored;
END $$;

CREATE FUNCTION vault.parties_by_held(p_ctx jsonb, p_ref uuid[])
RETURNS TABLE (ref uuid, party_id uuid) LANGUAGE plpgsql {_HEAD} AS $$
#variable_conflict use_column
DECLARE slot int := vault.index_current_slot(); refs uuid[]; parties uuid[];
BEGIN
    SELECT array_agg(f.ref), array_agg(f.party) INTO refs, parties FROM (
        SELECT DISTINCT ON (h.ref) h.ref, n.party_id AS party
        FROM vault.held_number h
        JOIN vault.number n ON {_match("n", "h.index_odd", "h.index_even")} AND n.status NOT IN ('released', 'refused')
        WHERE h.ref = ANY (p_ref)
        ORDER BY h.ref, n.valid_to DESC NULLS FIRST) f;
    PERFORM vault.event_write(p_ctx, 'search', parties::text[], 'vault.number', cardinality(p_ref));
    RETURN QUERY SELECT * FROM unnest(refs, parties);
END $$;

CREATE FUNCTION vault.held_bind(p_ctx jsonb, p_ref uuid[], p_party uuid[])
RETURNS TABLE (ref uuid, party_id uuid, key_version int, nonce bytea, ciphertext bytea, tag bytea, is_bound boolean,
               file_id uuid) LANGUAGE plpgsql {_HEAD} AS $$
#variable_conflict use_column
DECLARE slot int := vault.index_current_slot();
BEGIN
    PERFORM vault.event_write(p_ctx, 'write_number', p_party::text[], 'vault.held_number', cardinality(p_ref));
    -- A party whose number is the held one needs no second copy; the others are sealed anew for the party.
    RETURN QUERY
    WITH pairs AS (SELECT * FROM unnest(p_ref, p_party) AS r(ref, party)),
    gone AS (
        DELETE FROM vault.held_number h USING pairs r, vault.number n
        WHERE h.ref = r.ref AND n.party_id = r.party AND n.valid_to IS NULL
          AND {_match("n", "h.index_odd", "h.index_even")}
        RETURNING h.ref)
    SELECT h.ref, r.party, h.key_version, h.nonce, h.ciphertext, h.tag, g.ref IS NOT NULL, h.file_id
    FROM pairs r JOIN vault.held_number h ON h.ref = r.ref LEFT JOIN gone g ON g.ref = r.ref;
END $$;

CREATE FUNCTION vault.held_agrees(p_ctx jsonb, p_ref uuid, p_index_version int, p_index bytea) RETURNS boolean
LANGUAGE plpgsql {_HEAD} AS $$
DECLARE slot int := vault.index_slot(p_index_version);
BEGIN
    -- An answer about a number, like a search: recorded and counted as one.
    PERFORM vault.event_write(p_ctx, 'search', NULL, 'vault.number', 1);
    RETURN EXISTS (SELECT FROM vault.held_number h WHERE h.ref = p_ref AND {_match("h", "p_index")});
END $$;
"""

RIGHTS = """
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA vault FROM PUBLIC;
GRANT EXECUTE ON FUNCTION vault.index_list, vault.index_begin, vault.index_take, vault.index_fill, vault.index_switch,
    vault.index_clear, vault.index_sample, vault.index_count, vault.index_erase, vault.number_put,
    vault.parties_by_index, vault.number_release, vault.number_spells, vault.file_count, vault.file_refuse,
    vault.held_put, vault.parties_by_held, vault.held_bind, vault.held_agrees TO taxsys_app;
"""
FORWARD = "\n".join(("SET ROLE taxsys_vault;", TABLES, INDEX_KEYS, NUMBERS, FILES, HELD, RIGHTS, "RESET ROLE;"))

BACKWARD_TABLES = """
SET ROLE taxsys_vault;
DROP FUNCTION vault.index_list, vault.index_slot, vault.index_current_slot, vault.index_next_slot, vault.index_begin,
    vault.index_take, vault.index_fill, vault.index_switch, vault.index_clear, vault.index_sample, vault.index_count,
    vault.index_erase, vault.number_put, vault.parties_by_index, vault.number_release, vault.number_spells,
    vault.file_count, vault.file_refuse, vault.held_put, vault.parties_by_held, vault.held_bind, vault.held_agrees;
DROP TABLE vault.index_key;
UPDATE vault.number SET status = 'released' WHERE status = 'refused';
ALTER TABLE vault.number DROP COLUMN index_even, DROP COLUMN file_id,
    DROP CONSTRAINT number_status_check, ADD CONSTRAINT number_status_check
        CHECK (status IN ('active', 'changed', 'released'));
DROP INDEX vault.number_one_holder_odd, vault.number_former_holder_odd;
ALTER TABLE vault.number RENAME index_odd TO blind_index;
ALTER TABLE vault.number ALTER COLUMN blind_index SET NOT NULL, ADD COLUMN index_version int NOT NULL DEFAULT 1;
ALTER TABLE vault.number ALTER COLUMN index_version DROP DEFAULT;
CREATE UNIQUE INDEX number_one_holder ON vault.number (blind_index, index_version) WHERE valid_to IS NULL;
CREATE INDEX number_former_holder ON vault.number (blind_index, index_version) WHERE valid_to IS NOT NULL;
ALTER TABLE vault.held_number DROP COLUMN index_even, DROP COLUMN file_id;
ALTER TABLE vault.held_number RENAME index_odd TO blind_index;
ALTER TABLE vault.held_number ALTER COLUMN blind_index SET NOT NULL, ADD COLUMN index_version int NOT NULL DEFAULT 1;
ALTER TABLE vault.held_number ALTER COLUMN index_version DROP DEFAULT;
"""


def _backward() -> str:
    """Back to one index column, as long as version 1 is in force; the functions of the earlier migrations come back."""
    first = import_module("addressbook.migrations.0003_vault")
    kept = "".join(
        f"CREATE FUNCTION vault.{part}"
        for part in (first.NUMBERS + first.HELD).split("CREATE FUNCTION vault.")[1:]
        if part.split("(")[0]
        in {"number_put", "parties_by_index", "number_release", "held_put", "parties_by_held", "held_bind"}
    )
    rights = """
REVOKE ALL ON FUNCTION vault.number_put, vault.parties_by_index, vault.number_release, vault.held_put,
    vault.parties_by_held, vault.held_bind FROM PUBLIC;
GRANT EXECUTE ON FUNCTION vault.number_put, vault.parties_by_index, vault.number_release, vault.held_put,
    vault.parties_by_held, vault.held_bind TO taxsys_app;
RESET ROLE;
"""
    spells = import_module("addressbook.migrations.0005_number_alarm").SPELLS
    agrees = import_module("addressbook.migrations.0006_number_entry").AGREES
    return f"{BACKWARD_TABLES}\n{kept}\n{rights}\n{spells}\n{agrees}"


class Migration(migrations.Migration):
    dependencies = [("addressbook", "0007_key_rotation")]
    operations = [migrations.RunSQL(FORWARD, _backward())]
