"""紙の資料の保管場所: where the paper of a source document lies, append-only (R-187)."""

import django.db.models.deletion
from django.db import migrations, models

FORWARD = """
CREATE TRIGGER assessment_documentplacement_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON assessment_documentplacement FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'taxsys_app') THEN
        REVOKE ALL ON assessment_documentplacement FROM taxsys_app;
        GRANT SELECT, INSERT ON assessment_documentplacement TO taxsys_app;
    END IF;
END $$;
"""
BACKWARD = "DROP TRIGGER assessment_documentplacement_append_only ON assessment_documentplacement;"


class Migration(migrations.Migration):
    dependencies = [
        ("assessment", "0005_taken_over"),
        ("audit", "0007_master_writes"),
    ]

    operations = [
        migrations.CreateModel(
            name="DocumentPlacement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.CharField(max_length=100, verbose_name="保管場所")),
                ("is_locked", models.BooleanField(verbose_name="施錠")),
                ("placed_by", models.CharField(max_length=20, verbose_name="記録した人")),
                ("placed_at", models.DateTimeField(verbose_name="記録日時")),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="placements",
                        to="assessment.sourcedocument",
                        verbose_name="課税資料",
                    ),
                ),
            ],
            options={
                "verbose_name": "資料の保管場所",
                "ordering": ("document_id", "-pk"),
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
