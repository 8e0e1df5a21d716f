"""個人番号 vault: tables of role taxsys_vault; the application reaches them only through functions that leave a record.

Each function writes its access event in the caller's transaction and refuses without a complete access context
(番号法12条, N-066, N-068). The roles come from the installation's role file; they are made here where still missing.

The blind index stands in one of two columns, by the parity of its key's version: during a change both are filled,
look-ups go by the version in force, and each column keeps one number one holder. A caller who still computes under a
version that is no longer in force is refused (40001: do it again), never answered wrongly.
"""

# ruff: noqa: S608 -- the statements below are constants; only the function head and the index match are put in.
from django.db import migrations

# Plans are made for the tables as they stand: one cached at the first chunk of an initial load would scan ever after.
_HEAD = "SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan"
_LOCK = 0x56494458  # "VIDX": shared by whoever computes an index, exclusive for a change of its key


def _match(row: str, value_odd: str, value_even: str = "") -> str:
    """Equality with the index column of the slot; the planner folds the other half away."""
    return (
        f"((slot = 1 AND {row}.index_odd = {value_odd}) OR (slot = 0 AND {row}.index_even = {value_even or value_odd}))"
    )


ROLES = """
DO $$
DECLARE r text;
BEGIN
    FOREACH r IN ARRAY ARRAY['taxsys_vault', 'taxsys_app'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN
            EXECUTE format('CREATE ROLE %I NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT', r);
        END IF;
    END LOOP;
    IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'vault') THEN
        CREATE SCHEMA vault AUTHORIZATION taxsys_vault;
    END IF;
END $$;
GRANT USAGE ON SCHEMA public TO taxsys_vault;
GRANT INSERT ON public.audit_accessevent TO taxsys_vault;
"""

TABLES = """
CREATE TABLE vault.legal_base (legal_base text PRIMARY KEY, note text NOT NULL);
INSERT INTO vault.legal_base VALUES
    ('番号法9条1項・別表24', '地方税及び森林環境税の賦課徴収又は調査'),
    ('番号法9条2項・条例', '条例で定める事務'),
    ('番号法19条1号', '本人・特別徴収義務者等への提供'),
    ('番号法19条8号', '情報提供ネットワークシステムによる提供'),
    ('番号法19条10号', '地方税法等による国・他団体への提供'),
    ('番号法12条', '安全管理措置（漏えいの点検）');

CREATE TABLE vault.data_key (
    key_version int PRIMARY KEY,
    wrapped bytea NOT NULL,
    provider text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    retired_at timestamptz,
    erased_at timestamptz,
    CONSTRAINT data_key_erased_after_retirement
        CHECK (erased_at IS NULL OR (retired_at IS NOT NULL AND octet_length(wrapped) = 0))
);

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

CREATE TABLE vault.number (
    id uuid PRIMARY KEY,
    party_id uuid NOT NULL,
    valid_from date NOT NULL CONSTRAINT number_not_before_acquisition CHECK (valid_from >= DATE '2015-10-05'),
    valid_to date,
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'changed', 'released', 'refused')),
    key_version int NOT NULL REFERENCES vault.data_key,
    nonce bytea NOT NULL CHECK (octet_length(nonce) = 12),
    ciphertext bytea NOT NULL CHECK (octet_length(ciphertext) = 12),
    tag bytea NOT NULL CHECK (octet_length(tag) = 16),
    index_odd bytea CHECK (octet_length(index_odd) = 32),
    index_even bytea CHECK (octet_length(index_even) = 32),
    file_id uuid,
    verified_by text NOT NULL,
    source text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK (valid_to IS NULL OR valid_to >= valid_from),
    CHECK ((valid_to IS NULL) = (status = 'active')),
    CONSTRAINT number_has_an_index CHECK (index_odd IS NOT NULL OR index_even IS NOT NULL)
);
CREATE UNIQUE INDEX number_one_of_a_party ON vault.number (party_id) WHERE valid_to IS NULL;
CREATE UNIQUE INDEX number_one_holder_odd ON vault.number (index_odd) WHERE valid_to IS NULL AND index_odd IS NOT NULL;
CREATE UNIQUE INDEX number_one_holder_even ON vault.number (index_even)
    WHERE valid_to IS NULL AND index_even IS NOT NULL;
CREATE INDEX number_history ON vault.number (party_id, valid_from) WHERE valid_to IS NOT NULL;
-- A look-up by number asks present and former holders in one.
CREATE INDEX number_holders_odd ON vault.number (index_odd) WHERE index_odd IS NOT NULL;
CREATE INDEX number_holders_even ON vault.number (index_even) WHERE index_even IS NOT NULL;
CREATE INDEX number_of_a_file ON vault.number (file_id) WHERE file_id IS NOT NULL;

CREATE TABLE vault.held_number (
    ref uuid PRIMARY KEY,
    key_version int NOT NULL REFERENCES vault.data_key,
    nonce bytea NOT NULL CHECK (octet_length(nonce) = 12),
    ciphertext bytea NOT NULL CHECK (octet_length(ciphertext) = 12),
    tag bytea NOT NULL CHECK (octet_length(tag) = 16),
    index_odd bytea CHECK (octet_length(index_odd) = 32),
    index_even bytea CHECK (octet_length(index_even) = 32),
    file_id uuid,
    source text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT held_number_has_an_index CHECK (index_odd IS NOT NULL OR index_even IS NOT NULL)
);
REVOKE ALL ON ALL TABLES IN SCHEMA vault FROM PUBLIC;
GRANT USAGE ON SCHEMA vault TO taxsys_app;
"""

EVENT = f"""
CREATE FUNCTION vault.event_write(p_ctx jsonb, p_action text, p_subjects text[], p_record_type text, p_count int)
RETURNS void LANGUAGE plpgsql {_HEAD} AS $$
DECLARE field text;
BEGIN
    FOREACH field IN ARRAY ARRAY['actor_kind','actor_id','function_id','legal_base','purpose','business_on'] LOOP
        IF coalesce(p_ctx ->> field, '') = '' THEN
            RAISE EXCEPTION 'vault: access context incomplete (%)', field USING ERRCODE = '28000';
        END IF;
    END LOOP;
    IF NOT EXISTS (SELECT FROM vault.legal_base b WHERE b.legal_base = p_ctx ->> 'legal_base') THEN
        RAISE EXCEPTION 'vault: no such legal base' USING ERRCODE = '28000';
    END IF;
    INSERT INTO public.audit_accessevent (occurred_at, business_on, actor_kind, actor_id, unit_code, terminal, address,
        function_id, legal_base, purpose, action, subjects, record_type, record_id, result, reason, count, request_id)
    VALUES (clock_timestamp(), (p_ctx ->> 'business_on')::date, p_ctx ->> 'actor_kind', p_ctx ->> 'actor_id',
        coalesce(p_ctx ->> 'unit_code', ''), coalesce(p_ctx ->> 'terminal', ''), coalesce(p_ctx ->> 'address', ''),
        p_ctx ->> 'function_id', p_ctx ->> 'legal_base', p_ctx ->> 'purpose', p_action,
        coalesce(p_subjects, ARRAY[]::text[]), p_record_type, '', 'ok', '', p_count,
        coalesce(p_ctx ->> 'request_id', ''));
END $$;
"""

KEYS = f"""
CREATE FUNCTION vault.key_list() RETURNS TABLE (key_version int, wrapped bytea, provider text, is_retired boolean)
LANGUAGE sql STABLE {_HEAD} AS $$
    SELECT k.key_version, k.wrapped, k.provider, k.retired_at IS NOT NULL FROM vault.data_key k ORDER BY 1
$$;

CREATE FUNCTION vault.key_add(p_ctx jsonb, p_key_version int, p_wrapped bytea, p_provider text) RETURNS void
LANGUAGE plpgsql {_HEAD} AS $$
BEGIN
    PERFORM vault.event_write(p_ctx, 'create', NULL, 'vault.data_key', 1);
    INSERT INTO vault.data_key (key_version, wrapped, provider) VALUES (p_key_version, p_wrapped, p_provider)
    ON CONFLICT DO NOTHING;
END $$;
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

CREATE FUNCTION vault.number_read(p_ctx jsonb, p_action text, p_party uuid[])
RETURNS TABLE (id uuid, party_id uuid, key_version int, nonce bytea, ciphertext bytea, tag bytea)
LANGUAGE plpgsql {_HEAD} AS $$
#variable_conflict use_column
BEGIN
    IF p_action IS NULL OR p_action NOT IN ('reveal_number', 'read_number', 'provide') THEN
        RAISE EXCEPTION 'vault: reading needs an action of reading' USING ERRCODE = '22023';
    END IF;
    PERFORM vault.event_write(p_ctx, p_action, p_party::text[], 'vault.number', cardinality(p_party));
    RETURN QUERY SELECT n.id, n.party_id, n.key_version, n.nonce, n.ciphertext, n.tag FROM vault.number n
        WHERE n.party_id = ANY (p_party) AND n.valid_to IS NULL;
END $$;

CREATE FUNCTION vault.parties_with_number(p_party uuid[]) RETURNS TABLE (party_id uuid)
LANGUAGE sql STABLE {_HEAD} AS $$
    SELECT n.party_id FROM vault.number n WHERE n.party_id = ANY (p_party) AND n.valid_to IS NULL
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

CREATE FUNCTION vault.held_drop(p_ctx jsonb, p_ref uuid[]) RETURNS int LANGUAGE plpgsql {_HEAD} AS $$
DECLARE dropped int;
BEGIN
    PERFORM vault.event_write(p_ctx, 'delete', NULL, 'vault.held_number', cardinality(p_ref));
    DELETE FROM vault.held_number h WHERE h.ref = ANY (p_ref);
    GET DIAGNOSTICS dropped = ROW_COUNT;
    RETURN dropped;
END $$;
"""

# event_write and the slots stay inside: a caller of its own could write events without the act.
RIGHTS = """
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA vault FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    vault.file_count, vault.file_refuse, vault.held_agrees, vault.held_bind, vault.held_drop, vault.held_put,
    vault.index_begin, vault.index_clear, vault.index_count, vault.index_erase, vault.index_fill,
    vault.index_list, vault.index_sample, vault.index_switch, vault.index_take, vault.key_add, vault.key_list,
    vault.number_put, vault.number_read, vault.number_release, vault.number_spells, vault.parties_by_held,
    vault.parties_by_index, vault.parties_with_number
    TO taxsys_app;
"""

FORWARD = "\n".join(
    (ROLES, "SET ROLE taxsys_vault;", TABLES, EVENT, KEYS, INDEX_KEYS, NUMBERS, FILES, HELD, RIGHTS, "RESET ROLE;")
)

BACKWARD = """
SET ROLE taxsys_vault;
DROP FUNCTION
    vault.event_write, vault.file_count, vault.file_refuse, vault.held_agrees, vault.held_bind, vault.held_drop,
    vault.held_put, vault.index_begin, vault.index_clear, vault.index_count, vault.index_current_slot,
    vault.index_erase, vault.index_fill, vault.index_list, vault.index_next_slot, vault.index_sample,
    vault.index_slot, vault.index_switch, vault.index_take, vault.key_add, vault.key_list, vault.number_put,
    vault.number_read, vault.number_release, vault.number_spells, vault.parties_by_held, vault.parties_by_index,
    vault.parties_with_number;
DROP TABLE vault.held_number, vault.number, vault.index_key, vault.data_key, vault.legal_base;
RESET ROLE;
"""


class Migration(migrations.Migration):
    dependencies = [("addressbook", "0002_database_rules"), ("audit", "0006_master_writes")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
