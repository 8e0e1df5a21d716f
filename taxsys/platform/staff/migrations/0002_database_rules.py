"""権限付与: one grant of a permission per officer and unit at a time."""

from django.db import migrations

# Ranges of one value stand for equality, so that no extension is needed for the exclusion.
FORWARD = """
ALTER TABLE staff_grant ADD CONSTRAINT grant_once_at_a_time EXCLUDE USING gist (
    int8range(staff_id, staff_id, '[]') WITH =,
    int8range(unit_id, unit_id, '[]') WITH =,
    int8range(hashtextextended(permission_code, 0), hashtextextended(permission_code, 0), '[]') WITH =,
    daterange(from_on, to_on) WITH &&
);
"""
BACKWARD = "ALTER TABLE staff_grant DROP CONSTRAINT grant_once_at_a_time;"


class Migration(migrations.Migration):
    dependencies = [("staff", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
