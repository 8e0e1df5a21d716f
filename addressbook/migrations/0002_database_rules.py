"""Rules the database keeps for the address book: no two known rows of one party for the same day; person numbers."""

from django.db import migrations

_HISTORY = {
    "addressbook_partyversion": "party_id WITH =",
    "addressbook_address": "party_id WITH =, kind WITH =",
    "addressbook_householdmembership": "party_id WITH =",
    "addressbook_deliveryaddress": "party_id WITH =, tax_kind WITH =",
    "addressbook_bankaccount": "party_id WITH =, purpose WITH =, tax_kind WITH =",
}


def _forward() -> str:
    parts = []
    for table, equal in _HISTORY.items():
        short = table.removeprefix("addressbook_")
        parts.append(
            f"ALTER TABLE {table} ADD CONSTRAINT {short}_period_order"
            " CHECK (valid_to IS NULL OR valid_to > valid_from);"
            f"ALTER TABLE {table} ADD CONSTRAINT {short}_no_overlap EXCLUDE USING gist"
            f" ({equal}, daterange(valid_from, valid_to, '[)') WITH &&) WHERE (superseded_at IS NULL);"
        )
    parts.append(
        "ALTER TABLE addressbook_partylink ADD CONSTRAINT partylink_period_order"
        " CHECK (valid_to IS NULL OR valid_to > valid_from);"
        "ALTER TABLE addressbook_partylink ADD CONSTRAINT partylink_no_overlap EXCLUDE USING gist"
        " (party_id WITH =, kind WITH =, tax_kind WITH =, agent_id WITH =,"
        " daterange(valid_from, valid_to, '[)') WITH &&) WHERE (superseded_at IS NULL);"
        # 15 characters, never 12 digits: one 12-digit string in ten would pass the check of a My Number.
        "ALTER TABLE addressbook_party ADD CONSTRAINT party_person_no_shape"
        " CHECK (person_no !~ '^[0-9]{12}$' AND length(person_no) BETWEEN 1 AND 15);"
        "CREATE SEQUENCE addressbook_person_no_seq;"
        # 対応記録 is added to, never altered.
        "CREATE TRIGGER contactnote_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON addressbook_contactnote"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();"
    )
    return "\n".join(parts)


def _backward() -> str:
    parts = [
        "DROP TRIGGER contactnote_append_only ON addressbook_contactnote;"
        "DROP SEQUENCE addressbook_person_no_seq;"
        "ALTER TABLE addressbook_party DROP CONSTRAINT party_person_no_shape;"
        "ALTER TABLE addressbook_partylink DROP CONSTRAINT partylink_no_overlap;"
        "ALTER TABLE addressbook_partylink DROP CONSTRAINT partylink_period_order;"
    ]
    for table in _HISTORY:
        short = table.removeprefix("addressbook_")
        parts.append(
            f"ALTER TABLE {table} DROP CONSTRAINT {short}_no_overlap;"
            f"ALTER TABLE {table} DROP CONSTRAINT {short}_period_order;"
        )
    return "\n".join(parts)


# A trusted extension: the owner of the database may create it.
_EXTENSIONS = "CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;"


class Migration(migrations.Migration):
    dependencies = [("addressbook", "0001_initial"), ("audit", "0006_master_writes")]
    operations = [
        migrations.RunSQL(_EXTENSIONS, migrations.RunSQL.noop),
        migrations.RunSQL(_forward(), _backward()),
    ]
