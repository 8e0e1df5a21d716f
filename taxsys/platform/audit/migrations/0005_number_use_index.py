"""A small index over what officers did with numbers, for the limits on it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0004_seals"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="accessevent",
            index=models.Index(
                condition=models.Q(("actor_kind", "staff"), ("record_type", "vault.number")),
                fields=["actor_id", "occurred_at"],
                name="access_event_number",
            ),
        ),
    ]
