"""Erasing numbers that no affair needs any more: only the role of the erasures may call it (N-077, 番号法20条)."""

from django.db import migrations

_HEAD = "LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp"
FORWARD = f"""
SET ROLE taxsys_vault;
CREATE FUNCTION vault.number_erase(p_party uuid[]) RETURNS bigint {_HEAD} AS $$
DECLARE gone bigint;
BEGIN
    DELETE FROM vault.number WHERE party_id = ANY (p_party);
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END $$;
CREATE FUNCTION vault.held_erase(p_ref uuid[]) RETURNS bigint {_HEAD} AS $$
DECLARE gone bigint;
BEGIN
    DELETE FROM vault.held_number WHERE ref = ANY (p_ref);
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END $$;
REVOKE ALL ON FUNCTION vault.number_erase, vault.held_erase FROM PUBLIC;
GRANT USAGE ON SCHEMA vault TO taxsys_erasure;
-- Which party has a number, never anything of the number itself.
GRANT SELECT (party_id) ON vault.number TO taxsys_erasure;
GRANT EXECUTE ON FUNCTION vault.number_erase, vault.held_erase TO taxsys_erasure;
RESET ROLE;
"""  # noqa: S608
BACKWARD = """
SET ROLE taxsys_vault;
REVOKE SELECT (party_id) ON vault.number FROM taxsys_erasure;
DROP FUNCTION vault.held_erase, vault.number_erase;
RESET ROLE;
"""


class Migration(migrations.Migration):
    dependencies = [("addressbook", "0006_number_scan"), ("retention", "0002_erasure")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
