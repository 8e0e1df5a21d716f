"""対応記録: added to, never altered."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("addressbook", "0003_vault"),
        ("audit", "0002_database_rules"),
    ]

    operations = [
        migrations.CreateModel(
            name="ContactNote",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("contacted_on", models.DateField(verbose_name="対応日")),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("counter", "窓口"),
                            ("phone", "電話"),
                            ("letter", "文書"),
                            ("visit", "訪問"),
                            ("other", "その他"),
                        ],
                        max_length=8,
                        verbose_name="方法",
                    ),
                ),
                ("text", models.TextField(max_length=2000, verbose_name="内容")),
                ("staff_no", models.CharField(max_length=20, verbose_name="職員番号")),
                ("staff_name", models.CharField(max_length=100, verbose_name="職員氏名")),
                ("unit_name", models.CharField(max_length=60, verbose_name="所属")),
                ("form_key", models.UUIDField(unique=True, verbose_name="入力の識別")),
                ("recorded_at", models.DateTimeField(verbose_name="記録日時")),
                (
                    "party",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contact_notes",
                        to="addressbook.party",
                        verbose_name="宛名",
                    ),
                ),
            ],
            options={
                "verbose_name": "対応記録",
                "indexes": [models.Index(fields=["party", "-contacted_on", "-id"], name="contactnote_party")],
            },
        ),
        migrations.RunSQL(
            "CREATE TRIGGER contactnote_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON addressbook_contactnote"
            " FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();",
            "DROP TRIGGER contactnote_append_only ON addressbook_contactnote;",
        ),
    ]
