"""所属の13単位 (R-013) as data; one grant of a permission per officer and unit at a time."""

from django.db import migrations

UNITS = (
    ("101", "税制課", "division"),
    ("102", "市民税課", "division"),
    ("103", "資産税課", "division"),
    ("104", "納税管理課", "division"),
    ("105", "納税推進課", "division"),
    ("201", "神居支所", "branch"),
    ("202", "江丹別支所", "branch"),
    ("203", "永山支所", "branch"),
    ("204", "東旭川支所", "branch"),
    ("205", "神楽支所", "branch"),
    ("206", "西神楽支所", "branch"),
    ("207", "東鷹栖支所", "branch"),
    ("208", "東部まちづくりセンター", "branch"),
)

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


def add_units(apps, schema_editor):
    """Insert the 13 units of the PIA."""
    unit = apps.get_model("staff", "Unit")
    for order, (code, name, kind) in enumerate(UNITS, start=1):
        unit.objects.update_or_create(code=code, defaults={"name": name, "kind": kind, "sort_order": order})


def remove_units(apps, schema_editor):
    """Take the 13 units out again."""
    apps.get_model("staff", "Unit").objects.filter(code__in=[code for code, _name, _kind in UNITS]).delete()


class Migration(migrations.Migration):
    dependencies = [("staff", "0001_initial")]
    operations = [migrations.RunPython(add_units, remove_units), migrations.RunSQL(FORWARD, BACKWARD)]
