"""Rotation of data keys while the system runs: rows are sealed anew in slices, an old key is retired and then erased.

A retired key seals and opens nothing any more; the database refuses rows under it, so that a writer who read the list
of keys before the retirement cannot leave a row behind.
"""

from django.db import migrations

_HEAD = "SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan"

TRIGGERS = """
CREATE FUNCTION vault.refuse_retired_key() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM vault.data_key k WHERE k.retired_at IS NOT NULL
               AND EXISTS (SELECT FROM fresh f WHERE f.key_version = k.key_version)) THEN
        RAISE EXCEPTION 'vault: key version is retired' USING ERRCODE = '55000';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER number_key_in_use_insert AFTER INSERT ON vault.number REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION vault.refuse_retired_key();
CREATE TRIGGER number_key_in_use_update AFTER UPDATE ON vault.number REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION vault.refuse_retired_key();
CREATE TRIGGER held_key_in_use_insert AFTER INSERT ON vault.held_number REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION vault.refuse_retired_key();
CREATE TRIGGER held_key_in_use_update AFTER UPDATE ON vault.held_number REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION vault.refuse_retired_key();
"""

RESEAL = f"""
CREATE FUNCTION vault.reseal_take(p_ctx jsonb, p_target int, p_from uuid, p_to uuid, p_limit int)
RETURNS TABLE (is_held boolean, id uuid, party_id uuid, key_version int, nonce bytea, ciphertext bytea, tag bytea)
LANGUAGE plpgsql {_HEAD} AS $$
#variable_conflict use_column
DECLARE taken int; taken_held int;
BEGIN
    RETURN QUERY SELECT false, n.id, n.party_id, n.key_version, n.nonce, n.ciphertext, n.tag FROM vault.number n
        WHERE n.id >= p_from AND (p_to IS NULL OR n.id < p_to) AND n.key_version <> p_target
        ORDER BY n.id LIMIT p_limit FOR UPDATE;
    GET DIAGNOSTICS taken = ROW_COUNT;
    RETURN QUERY SELECT true, h.ref, NULL::uuid, h.key_version, h.nonce, h.ciphertext, h.tag FROM vault.held_number h
        WHERE h.ref >= p_from AND (p_to IS NULL OR h.ref < p_to) AND h.key_version <> p_target
        ORDER BY h.ref LIMIT p_limit FOR UPDATE;
    GET DIAGNOSTICS taken_held = ROW_COUNT;
    PERFORM vault.event_write(p_ctx, 'write_number', NULL, 'vault.reseal', taken + taken_held);
END $$;

CREATE FUNCTION vault.reseal_put(p_ctx jsonb, p_target int, p_held boolean[], p_id uuid[], p_nonce bytea[],
    p_ciphertext bytea[], p_tag bytea[]) RETURNS int LANGUAGE plpgsql {_HEAD} AS $$
DECLARE done int; done_held int;
BEGIN
    UPDATE vault.number n SET key_version = p_target, nonce = r.nonce, ciphertext = r.ciphertext, tag = r.tag
    FROM unnest(p_held, p_id, p_nonce, p_ciphertext, p_tag) AS r(held, id, nonce, ciphertext, tag)
    WHERE NOT r.held AND n.id = r.id;
    GET DIAGNOSTICS done = ROW_COUNT;
    UPDATE vault.held_number h SET key_version = p_target, nonce = r.nonce, ciphertext = r.ciphertext, tag = r.tag
    FROM unnest(p_held, p_id, p_nonce, p_ciphertext, p_tag) AS r(held, id, nonce, ciphertext, tag)
    WHERE r.held AND h.ref = r.id;
    GET DIAGNOSTICS done_held = ROW_COUNT;
    PERFORM vault.event_write(p_ctx, 'write_number', NULL, 'vault.reseal', done + done_held);
    RETURN done + done_held;
END $$;

CREATE FUNCTION vault.sealed_count() RETURNS TABLE (key_version int, rows bigint) LANGUAGE sql STABLE {_HEAD} AS $$
    SELECT s.key_version, count(*) FROM (SELECT n.key_version FROM vault.number n UNION ALL
                                         SELECT h.key_version FROM vault.held_number h) s GROUP BY 1 ORDER BY 1
$$;

CREATE FUNCTION vault.reseal_sample(p_ctx jsonb, p_limit int)
RETURNS TABLE (is_held boolean, id uuid, party_id uuid, key_version int, nonce bytea, ciphertext bytea, tag bytea)
LANGUAGE plpgsql {_HEAD} AS $$
#variable_conflict use_column
BEGIN
    PERFORM vault.event_write(p_ctx, 'read_number', NULL, 'vault.reseal', p_limit);
    RETURN QUERY SELECT s.* FROM (
        SELECT false, n.id, n.party_id, n.key_version, n.nonce, n.ciphertext, n.tag FROM vault.number n
        UNION ALL
        SELECT true, h.ref, NULL::uuid, h.key_version, h.nonce, h.ciphertext, h.tag FROM vault.held_number h) s
        ORDER BY random() LIMIT p_limit;
END $$;

CREATE FUNCTION vault.key_retire(p_ctx jsonb, p_key_version int) RETURNS void LANGUAGE plpgsql {_HEAD} AS $$
BEGIN
    PERFORM vault.event_write(p_ctx, 'update', NULL, 'vault.data_key', 1);
    -- Waits for every writer that still seals under this key; none can begin while the row is locked.
    PERFORM FROM vault.data_key k WHERE k.key_version = p_key_version FOR UPDATE;
    IF p_key_version = (SELECT max(k.key_version) FROM vault.data_key k)
       OR EXISTS (SELECT FROM vault.number n WHERE n.key_version = p_key_version)
       OR EXISTS (SELECT FROM vault.held_number h WHERE h.key_version = p_key_version) THEN
        RAISE EXCEPTION 'vault: key version is in use' USING ERRCODE = '55006';
    END IF;
    UPDATE vault.data_key k SET retired_at = clock_timestamp()
    WHERE k.key_version = p_key_version AND k.retired_at IS NULL;
END $$;

CREATE FUNCTION vault.key_erase(p_ctx jsonb, p_key_version int) RETURNS void LANGUAGE plpgsql {_HEAD} AS $$
BEGIN
    PERFORM vault.event_write(p_ctx, 'delete', NULL, 'vault.data_key', 1);
    IF NOT EXISTS (SELECT FROM vault.data_key k WHERE k.key_version = p_key_version AND k.retired_at IS NOT NULL) THEN
        RAISE EXCEPTION 'vault: key version is in use' USING ERRCODE = '55006';
    END IF;
    UPDATE vault.data_key k SET wrapped = '', erased_at = clock_timestamp()
    WHERE k.key_version = p_key_version AND k.erased_at IS NULL;
END $$;

REVOKE ALL ON FUNCTION vault.reseal_take, vault.reseal_put, vault.sealed_count, vault.reseal_sample, vault.key_retire,
    vault.key_erase, vault.refuse_retired_key FROM PUBLIC;
GRANT EXECUTE ON FUNCTION vault.reseal_take, vault.reseal_put, vault.sealed_count, vault.reseal_sample,
    vault.key_retire, vault.key_erase TO taxsys_app;
"""  # noqa: S608 -- constants; only the function head is put in

FORWARD = f"SET ROLE taxsys_vault;\n{TRIGGERS}\n{RESEAL}\nRESET ROLE;"
BACKWARD = """
SET ROLE taxsys_vault;
DROP FUNCTION vault.key_erase, vault.key_retire, vault.reseal_sample, vault.sealed_count, vault.reseal_put,
    vault.reseal_take;
DROP FUNCTION vault.refuse_retired_key CASCADE;
RESET ROLE;
"""


class Migration(migrations.Migration):
    dependencies = [("addressbook", "0003_vault")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
