"""Sums of what was erased, so that the city's accounts keep their balances; written by the erasures alone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("collection", "0003_desk"),
    ]

    operations = [
        migrations.CreateModel(
            name="ErasedTotal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("account", "勘定"), ("cash", "収納"), ("part", "調定")],
                        max_length=8,
                        verbose_name="種類",
                    ),
                ),
                ("key", models.CharField(max_length=120, verbose_name="キー")),
                ("debit_yen", models.BigIntegerField(verbose_name="借方計")),
                ("credit_yen", models.BigIntegerField(verbose_name="貸方計")),
            ],
            options={
                "verbose_name": "消去済の累計",
                "constraints": [models.UniqueConstraint(fields=("kind", "key"), name="collection_erased_once")],
            },
        ),
        migrations.RunSQL(
            "REVOKE ALL ON collection_erasedtotal FROM taxsys_app;"
            "GRANT SELECT ON collection_erasedtotal TO taxsys_app;",
            migrations.RunSQL.noop,
        ),
    ]
