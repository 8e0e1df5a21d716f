"""A posted take-over stays as it was posted; the application writes no more than it needs."""

from django.db import migrations

FORWARD = """
CREATE TRIGGER takeover_batch_append_only BEFORE UPDATE OR DELETE ON takeover_takeoverbatch
    FOR EACH STATEMENT EXECUTE FUNCTION collection_refuse_change();
CREATE TRIGGER takeover_total_append_only BEFORE UPDATE OR DELETE ON takeover_takeovertotal
    FOR EACH STATEMENT EXECUTE FUNCTION collection_refuse_change();
REVOKE ALL ON takeover_takeoverbatch, takeover_takeovertotal, takeover_slipcode FROM taxsys_app;
GRANT SELECT, INSERT ON takeover_takeoverbatch, takeover_takeovertotal, takeover_slipcode TO taxsys_app;
"""
BACKWARD = """
DROP TRIGGER takeover_batch_append_only ON takeover_takeoverbatch;
DROP TRIGGER takeover_total_append_only ON takeover_takeovertotal;
"""


class Migration(migrations.Migration):
    dependencies = [("takeover", "0001_initial"), ("collection", "0002_database_rules")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
