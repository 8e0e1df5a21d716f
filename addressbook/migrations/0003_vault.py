"""個人番号 vault: tables of role taxsys_vault; the application reaches them only through functions that leave a record.

Each function writes its access event in the caller's transaction and refuses without a complete access context
(番号法12条, N-066, N-068). The roles come from the installation's role file; they are made here where still missing.
"""

# ruff: noqa: S608 -- the statements below are constants; only the function head is put in.
from django.db import migrations

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
    ('番号法19条10号', '地方税法等による国・他団体への提供');

CREATE TABLE vault.data_key (
    key_version int PRIMARY KEY,
    wrapped bytea NOT NULL,
    provider text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    retired_at timestamptz
);

CREATE TABLE vault.number (
    id uuid PRIMARY KEY,
    party_id uuid NOT NULL,
    valid_from date NOT NULL CONSTRAINT number_not_before_acquisition CHECK (valid_from >= DATE '2015-10-05'),
    valid_to date,
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'changed', 'released')),
    key_version int NOT NULL REFERENCES vault.data_key,
    nonce bytea NOT NULL CHECK (octet_length(nonce) = 12),
    ciphertext bytea NOT NULL CHECK (octet_length(ciphertext) = 12),
    tag bytea NOT NULL CHECK (octet_length(tag) = 16),
    index_version int NOT NULL,
    blind_index bytea NOT NULL CHECK (octet_length(blind_index) = 32),
    verified_by text NOT NULL,
    source text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK (valid_to IS NULL OR valid_to >= valid_from),
    CHECK ((valid_to IS NULL) = (status = 'active'))
);
CREATE UNIQUE INDEX number_one_of_a_party ON vault.number (party_id) WHERE valid_to IS NULL;
CREATE UNIQUE INDEX number_one_holder ON vault.number (blind_index, index_version) WHERE valid_to IS NULL;
CREATE INDEX number_history ON vault.number (party_id, valid_from) WHERE valid_to IS NOT NULL;
CREATE INDEX number_former_holder ON vault.number (blind_index, index_version) WHERE valid_to IS NOT NULL;

CREATE TABLE vault.held_number (
    ref uuid PRIMARY KEY,
    key_version int NOT NULL REFERENCES vault.data_key,
    nonce bytea NOT NULL CHECK (octet_length(nonce) = 12),
    ciphertext bytea NOT NULL CHECK (octet_length(ciphertext) = 12),
    tag bytea NOT NULL CHECK (octet_length(tag) = 16),
    index_version int NOT NULL,
    blind_index bytea NOT NULL CHECK (octet_length(blind_index) = 32),
    source text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
REVOKE ALL ON ALL TABLES IN SCHEMA vault FROM PUBLIC;
GRANT USAGE ON SCHEMA vault TO taxsys_app;
"""

# Plans are made for the tables as they stand: one cached at the first chunk of an initial load would scan ever after.
_HEAD = "SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan"

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

NUMBERS = f"""
CREATE FUNCTION vault.number_put(p_ctx jsonb, p_id uuid[], p_party uuid[], p_on date, p_key_version int,
    p_nonce bytea[], p_ciphertext bytea[], p_tag bytea[], p_index_version int, p_index bytea[],
    p_verified_by text, p_source text, p_replace boolean)
RETURNS TABLE (ord int, outcome text, holder uuid) LANGUAGE plpgsql {_HEAD} AS $$
#variable_conflict use_column
BEGIN
    PERFORM vault.event_write(p_ctx, 'write_number', p_party::text[], 'vault.number', cardinality(p_party));
    IF p_replace THEN
        UPDATE vault.number n SET valid_to = greatest(p_on, n.valid_from), status = 'changed'
        FROM unnest(p_party, p_index) AS r(party, idx)
        WHERE n.party_id = r.party AND n.valid_to IS NULL AND n.blind_index <> r.idx
          AND NOT EXISTS (SELECT FROM vault.number o WHERE o.blind_index = r.idx
                          AND o.index_version = p_index_version AND o.valid_to IS NULL);
    END IF;
    INSERT INTO vault.number (id, party_id, valid_from, key_version, nonce, ciphertext, tag, index_version,
                              blind_index, verified_by, source)
    SELECT r.id, r.party, p_on, p_key_version, r.nonce, r.ciphertext, r.tag, p_index_version, r.idx,
           p_verified_by, p_source
    FROM unnest(p_id, p_party, p_nonce, p_ciphertext, p_tag, p_index) AS r(id, party, nonce, ciphertext, tag, idx)
    ON CONFLICT DO NOTHING;
    RETURN QUERY
    SELECT r.o::int,
           CASE WHEN n.id IS NOT NULL THEN 'stored' WHEN own.blind_index = r.idx THEN 'same'
                WHEN h.party_id IS NOT NULL THEN 'collision' ELSE 'different' END,
           h.party_id
    FROM unnest(p_id, p_party, p_index) WITH ORDINALITY AS r(id, party, idx, o)
    LEFT JOIN vault.number n ON n.id = r.id
    LEFT JOIN vault.number own ON own.party_id = r.party AND own.valid_to IS NULL
    LEFT JOIN vault.number h ON h.blind_index = r.idx AND h.index_version = p_index_version
                            AND h.valid_to IS NULL AND h.party_id <> r.party
    ORDER BY r.o;
END $$;

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

CREATE FUNCTION vault.parties_by_index(p_ctx jsonb, p_index_version int, p_index bytea[])
RETURNS TABLE (ord int, party_id uuid) LANGUAGE plpgsql {_HEAD} AS $$
#variable_conflict use_column
DECLARE ords int[]; parties uuid[];
BEGIN
    SELECT array_agg(f.o), array_agg(f.party) INTO ords, parties FROM (
        SELECT DISTINCT ON (r.o) r.o::int AS o, n.party_id AS party
        FROM unnest(p_index) WITH ORDINALITY AS r(idx, o)
        JOIN vault.number n ON n.blind_index = r.idx AND n.index_version = p_index_version AND n.status <> 'released'
        ORDER BY r.o, n.valid_to DESC NULLS FIRST) f;
    PERFORM vault.event_write(p_ctx, 'search', parties::text[], 'vault.number', cardinality(p_index));
    RETURN QUERY SELECT * FROM unnest(ords, parties);
END $$;

CREATE FUNCTION vault.number_release(p_ctx jsonb, p_party uuid, p_on date)
RETURNS TABLE (id uuid, key_version int, nonce bytea, ciphertext bytea, tag bytea) LANGUAGE plpgsql {_HEAD} AS $$
#variable_conflict use_column
BEGIN
    PERFORM vault.event_write(p_ctx, 'write_number', ARRAY[p_party::text], 'vault.number', 1);
    RETURN QUERY UPDATE vault.number n SET valid_to = greatest(p_on, n.valid_from), status = 'released'
        WHERE n.party_id = p_party AND n.valid_to IS NULL
        RETURNING n.id, n.key_version, n.nonce, n.ciphertext, n.tag;
END $$;

CREATE FUNCTION vault.parties_with_number(p_party uuid[]) RETURNS TABLE (party_id uuid)
LANGUAGE sql STABLE {_HEAD} AS $$
    SELECT n.party_id FROM vault.number n WHERE n.party_id = ANY (p_party) AND n.valid_to IS NULL
$$;
"""

HELD = f"""
CREATE FUNCTION vault.held_put(p_ctx jsonb, p_ref uuid[], p_key_version int, p_nonce bytea[], p_ciphertext bytea[],
    p_tag bytea[], p_index_version int, p_index bytea[], p_source text)
RETURNS int LANGUAGE plpgsql {_HEAD} AS $$
DECLARE stored int;
BEGIN
    PERFORM vault.event_write(p_ctx, 'write_number', NULL, 'vault.held_number', cardinality(p_ref));
    INSERT INTO vault.held_number (ref, key_version, nonce, ciphertext, tag, index_version, blind_index, source)
    SELECT r.ref, p_key_version, r.nonce, r.ciphertext, r.tag, p_index_version, r.idx, p_source
    FROM unnest(p_ref, p_nonce, p_ciphertext, p_tag, p_index) AS r(ref, nonce, ciphertext, tag, idx);
    GET DIAGNOSTICS stored = ROW_COUNT;
    RETURN stored;
END $$;

CREATE FUNCTION vault.parties_by_held(p_ctx jsonb, p_ref uuid[])
RETURNS TABLE (ref uuid, party_id uuid) LANGUAGE plpgsql {_HEAD} AS $$
#variable_conflict use_column
DECLARE refs uuid[]; parties uuid[];
BEGIN
    SELECT array_agg(f.ref), array_agg(f.party) INTO refs, parties FROM (
        SELECT DISTINCT ON (h.ref) h.ref, n.party_id AS party
        FROM vault.held_number h
        JOIN vault.number n ON n.blind_index = h.blind_index AND n.index_version = h.index_version
                           AND n.status <> 'released'
        WHERE h.ref = ANY (p_ref)
        ORDER BY h.ref, n.valid_to DESC NULLS FIRST) f;
    PERFORM vault.event_write(p_ctx, 'search', parties::text[], 'vault.number', cardinality(p_ref));
    RETURN QUERY SELECT * FROM unnest(refs, parties);
END $$;

CREATE FUNCTION vault.held_bind(p_ctx jsonb, p_ref uuid[], p_party uuid[])
RETURNS TABLE (ref uuid, party_id uuid, key_version int, nonce bytea, ciphertext bytea, tag bytea, is_bound boolean)
LANGUAGE plpgsql {_HEAD} AS $$
#variable_conflict use_column
BEGIN
    PERFORM vault.event_write(p_ctx, 'write_number', p_party::text[], 'vault.held_number', cardinality(p_ref));
    -- A party whose number is the held one needs no second copy; the others are sealed anew for the party.
    RETURN QUERY
    WITH pairs AS (SELECT * FROM unnest(p_ref, p_party) AS r(ref, party)),
    gone AS (
        DELETE FROM vault.held_number h USING pairs r, vault.number n
        WHERE h.ref = r.ref AND n.party_id = r.party AND n.valid_to IS NULL
          AND n.blind_index = h.blind_index AND n.index_version = h.index_version
        RETURNING h.ref)
    SELECT h.ref, r.party, h.key_version, h.nonce, h.ciphertext, h.tag, g.ref IS NOT NULL
    FROM pairs r JOIN vault.held_number h ON h.ref = r.ref LEFT JOIN gone g ON g.ref = r.ref;
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

# event_write stays inside: a caller of its own could write events without the act.
RIGHTS = """
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA vault FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA vault TO taxsys_app;
REVOKE ALL ON FUNCTION vault.event_write FROM taxsys_app;
"""

FORWARD = "\n".join((ROLES, "SET ROLE taxsys_vault;", TABLES, EVENT, KEYS, NUMBERS, HELD, RIGHTS, "RESET ROLE;"))

BACKWARD = """
SET ROLE taxsys_vault;
DROP FUNCTION vault.held_drop, vault.held_bind, vault.parties_by_held, vault.held_put, vault.parties_with_number,
    vault.number_release, vault.parties_by_index, vault.number_read, vault.number_put, vault.key_add, vault.key_list,
    vault.event_write;
DROP TABLE vault.held_number, vault.number, vault.data_key, vault.legal_base;
RESET ROLE;
"""


class Migration(migrations.Migration):
    dependencies = [("addressbook", "0002_database_rules"), ("audit", "0002_database_rules")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
