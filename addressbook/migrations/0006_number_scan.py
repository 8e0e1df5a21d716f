"""番号の漏えい点検: the vault says which of many candidates are numbers, and gives its numbers to be hashed in memory.

Both leave an event; neither answers whose a number is.
"""

# ruff: noqa: S608 -- the statements below are constants; only the function head is put in.
from django.db import migrations

_HEAD = "SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan"

FORWARD = f"""
SET ROLE taxsys_vault;
CREATE FUNCTION vault.index_known(p_ctx jsonb, p_index_version int, p_index bytea[]) RETURNS TABLE (ord int)
LANGUAGE plpgsql {_HEAD} AS $$
DECLARE slot int := vault.index_slot(p_index_version);
BEGIN
    PERFORM vault.event_write(p_ctx, 'search', NULL, 'vault.scan', cardinality(p_index));
    RETURN QUERY SELECT r.o::int FROM unnest(p_index) WITH ORDINALITY AS r(idx, o)
        WHERE EXISTS (SELECT FROM vault.number n WHERE (slot = 1 AND n.index_odd = r.idx)
                                                    OR (slot = 0 AND n.index_even = r.idx))
           OR EXISTS (SELECT FROM vault.held_number h WHERE (slot = 1 AND h.index_odd = r.idx)
                                                         OR (slot = 0 AND h.index_even = r.idx));
END $$;

CREATE FUNCTION vault.scan_read(p_ctx jsonb, p_from uuid, p_to uuid)
RETURNS TABLE (is_held boolean, id uuid, party_id uuid, key_version int, nonce bytea, ciphertext bytea, tag bytea)
LANGUAGE plpgsql {_HEAD} AS $$
#variable_conflict use_column
DECLARE taken int; taken_held int;
BEGIN
    RETURN QUERY SELECT false, n.id, n.party_id, n.key_version, n.nonce, n.ciphertext, n.tag FROM vault.number n
        WHERE n.id >= p_from AND (p_to IS NULL OR n.id < p_to);
    GET DIAGNOSTICS taken = ROW_COUNT;
    RETURN QUERY SELECT true, h.ref, NULL::uuid, h.key_version, h.nonce, h.ciphertext, h.tag FROM vault.held_number h
        WHERE h.ref >= p_from AND (p_to IS NULL OR h.ref < p_to);
    GET DIAGNOSTICS taken_held = ROW_COUNT;
    PERFORM vault.event_write(p_ctx, 'read_number', NULL, 'vault.scan', taken + taken_held);
END $$;

REVOKE ALL ON FUNCTION vault.index_known, vault.scan_read FROM PUBLIC;
GRANT EXECUTE ON FUNCTION vault.index_known, vault.scan_read TO taxsys_app;
RESET ROLE;
"""

BACKWARD = """
SET ROLE taxsys_vault;
DROP FUNCTION vault.scan_read, vault.index_known;
RESET ROLE;
"""


class Migration(migrations.Migration):
    dependencies = [("addressbook", "0005_real_numbers")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
