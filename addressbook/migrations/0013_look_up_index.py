"""A look-up by number asks present and former holders in one: it needs an index over both."""

from django.db import migrations

FORWARD = """
SET ROLE taxsys_vault;
DROP INDEX vault.number_former_holder_odd, vault.number_former_holder_even;
CREATE INDEX number_holders_odd ON vault.number (index_odd) WHERE index_odd IS NOT NULL;
CREATE INDEX number_holders_even ON vault.number (index_even) WHERE index_even IS NOT NULL;
RESET ROLE;
"""
BACKWARD = """
SET ROLE taxsys_vault;
DROP INDEX vault.number_holders_odd, vault.number_holders_even;
CREATE INDEX number_former_holder_odd ON vault.number (index_odd) WHERE valid_to IS NOT NULL AND index_odd IS NOT NULL;
CREATE INDEX number_former_holder_even ON vault.number (index_even)
    WHERE valid_to IS NOT NULL AND index_even IS NOT NULL;
RESET ROLE;
"""


class Migration(migrations.Migration):
    dependencies = [("addressbook", "0012_number_scan")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
