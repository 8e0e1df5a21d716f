"""送付票 that came beside a received file."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """One nullable column."""

    dependencies = [("files", "0002_database_rules")]
    operations = [
        migrations.AddField(
            model_name="receivedfile",
            name="manifest",
            field=models.JSONField(default=None, null=True, verbose_name="送付票"),
        ),
    ]
