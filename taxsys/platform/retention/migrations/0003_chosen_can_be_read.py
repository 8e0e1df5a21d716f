"""The look after leaked numbers reads every table outside the vault, this scratch table of an erasure too."""

from django.db import migrations

FORWARD = "SET ROLE taxsys_erasure; GRANT SELECT ON erasure.chosen TO taxsys_app; RESET ROLE;"
BACKWARD = "SET ROLE taxsys_erasure; REVOKE SELECT ON erasure.chosen FROM taxsys_app; RESET ROLE;"


class Migration(migrations.Migration):
    dependencies = [("retention", "0002_erasure")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
