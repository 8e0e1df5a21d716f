"""一通に載る人: whose figures a piece carries; fixed with the piece once the package is built."""

import django.db.models.deletion
from django.db import migrations, models

FORWARD = """
CREATE TRIGGER printing_subject_guard BEFORE UPDATE OR DELETE ON printing_printsubject
    FOR EACH ROW EXECUTE FUNCTION printing_content_guard();
"""
BACKWARD = "DROP TRIGGER printing_subject_guard ON printing_printsubject;"


class Migration(migrations.Migration):
    dependencies = [
        ("printing", "0002_database_rules"),
    ]

    operations = [
        migrations.AddField(
            model_name="printitem",
            name="amount_yen",
            field=models.BigIntegerField(default=0, verbose_name="通知する額"),
        ),
        migrations.AddField(
            model_name="printpackage",
            name="accident_pieces",
            field=models.PositiveIntegerField(default=0, verbose_name="事故通数"),
        ),
        migrations.AddField(
            model_name="printpackage",
            name="job_run_id",
            field=models.BigIntegerField(blank=True, null=True, verbose_name="バッチ実行番号"),
        ),
        migrations.AddField(
            model_name="printpackage",
            name="mailed_pieces",
            field=models.PositiveIntegerField(default=0, verbose_name="発送通数"),
        ),
        migrations.CreateModel(
            name="PrintSubject",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject_key", models.CharField(max_length=64, verbose_name="対象者")),
                ("reference", models.CharField(blank=True, max_length=60, verbose_name="通知の内容")),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="subjects",
                        to="printing.printitem",
                        verbose_name="一通",
                    ),
                ),
                (
                    "package",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="subjects",
                        to="printing.printpackage",
                        verbose_name="組",
                    ),
                ),
            ],
            options={
                "verbose_name": "一通に載る人",
                "indexes": [models.Index(fields=["subject_key"], name="printing_subject_key")],
                "constraints": [
                    models.UniqueConstraint(fields=("item", "subject_key"), name="printing_subject_once_per_piece")
                ],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
