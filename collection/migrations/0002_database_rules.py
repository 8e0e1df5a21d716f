"""Append-only books, balances cached in the same statement, rights of the application (docs/adr/0001-ledger.md)."""

from django.db import migrations

APPEND_ONLY = ("collection_journalentry", "collection_transfer", "collection_allocation")
WORKING = (
    "collection_taxkind",
    "collection_account",
    "collection_charge",
    "collection_withheldshare",
    "collection_interestrelief",
    "collection_slip",
    "collection_slipline",
    "collection_receiptfile",
    "collection_receipt",
    "collection_suspense",
    "collection_overpayment",
    "collection_debitmandate",
    "collection_debitbatch",
    "collection_debitrequest",
)

FUNCTIONS = """
CREATE FUNCTION collection_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% は追記専用です。訂正は反対仕訳で行ってください。', TG_TABLE_NAME
          USING ERRCODE = 'restrict_violation';
END $$;

-- SECURITY DEFINER: the application role may not write balances itself. Known rows are locked in the order of their
-- accounts, so that two statements never wait for each other crosswise; then they are raised and the new ones added
-- in one statement (ON CONFLICT alone would hold a lone credit against the CHECK of a receivable; two statements
-- would lose what another session commits between them). EXECUTE plans each time for the number of rows at hand: a plan
-- kept from a single payment would crawl under a levy of a million.
CREATE FUNCTION collection_balance_add() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    EXECUTE 'SELECT 1 FROM collection_balance
              WHERE account_id IN (SELECT debit_id FROM new_rows UNION SELECT credit_id FROM new_rows)
              ORDER BY account_id FOR UPDATE';
    EXECUTE 'WITH sums AS MATERIALIZED (
                 SELECT account_id, sum(debit_yen)::bigint AS debit_yen, sum(credit_yen)::bigint AS credit_yen
                   FROM (SELECT debit_id AS account_id, yen AS debit_yen, 0::bigint AS credit_yen FROM new_rows
                         UNION ALL
                         SELECT credit_id, 0::bigint, yen FROM new_rows) AS sides
                  GROUP BY account_id),
             known AS (
                 UPDATE collection_balance AS b
                    SET debit_yen = b.debit_yen + s.debit_yen, credit_yen = b.credit_yen + s.credit_yen
                   FROM sums AS s WHERE b.account_id = s.account_id RETURNING b.account_id)
             INSERT INTO collection_balance AS b (account_id, kind, debit_yen, credit_yen)
             SELECT s.account_id, a.kind, s.debit_yen, s.credit_yen
               FROM sums AS s JOIN collection_account AS a ON a.id = s.account_id
               LEFT JOIN known AS k ON k.account_id = s.account_id
              WHERE k.account_id IS NULL
              ORDER BY s.account_id
             ON CONFLICT (account_id) DO UPDATE
                SET debit_yen = b.debit_yen + excluded.debit_yen, credit_yen = b.credit_yen + excluded.credit_yen';
    RETURN NULL;
END $$;

CREATE TRIGGER collection_transfer_balance AFTER INSERT ON collection_transfer
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION collection_balance_add();
ALTER TABLE collection_balance SET (fillfactor = 70);
ALTER TABLE collection_receipt SET (fillfactor = 80);
"""
UNDO_FUNCTIONS = """
DROP TRIGGER collection_transfer_balance ON collection_transfer;
DROP FUNCTION collection_balance_add();
DROP FUNCTION collection_refuse_change();
ALTER TABLE collection_balance RESET (fillfactor);
ALTER TABLE collection_receipt RESET (fillfactor);
"""

# A role belongs to the whole server: another database may have made it already, at this very moment.
ROLE = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'taxsys_app') THEN CREATE ROLE taxsys_app NOLOGIN; END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
"""


def _guards() -> tuple[str, str]:
    forward, backward = [], []
    for table in APPEND_ONLY:
        forward.append(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION collection_refuse_change();"
        )
        backward.insert(0, f"DROP TRIGGER {table}_append_only ON {table};")
    return "\n".join(forward), "\n".join(backward)


def _rights() -> tuple[str, str]:
    append, working = ", ".join(APPEND_ONLY), ", ".join(WORKING)
    forward = (
        f"REVOKE ALL ON {append}, {working}, collection_balance FROM taxsys_app;\n"
        f"GRANT SELECT, INSERT ON {append} TO taxsys_app;\n"
        f"GRANT SELECT, INSERT, UPDATE ON {working} TO taxsys_app;\n"
        "GRANT SELECT ON collection_balance TO taxsys_app;\n"
        "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO taxsys_app;"
    )
    return forward, f"REVOKE ALL ON {append}, {working}, collection_balance FROM taxsys_app;"


# Sums of what was erased: written by the erasures alone.
ERASED_TOTALS = (
    "REVOKE ALL ON collection_erasedtotal FROM taxsys_app; GRANT SELECT ON collection_erasedtotal TO taxsys_app;"
)


class Migration(migrations.Migration):
    dependencies = [("collection", "0001_initial")]
    operations = [
        migrations.RunSQL(FUNCTIONS, UNDO_FUNCTIONS),
        migrations.RunSQL(*_guards()),
        migrations.RunSQL(ROLE, migrations.RunSQL.noop),
        migrations.RunSQL(*_rights()),
        migrations.RunSQL(ERASED_TOTALS, migrations.RunSQL.noop),
    ]
