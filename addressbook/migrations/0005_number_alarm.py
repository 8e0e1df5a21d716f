"""Alarms about the use of numbers; the periods of a party's numbers, told without the numbers."""

from django.db import migrations, models

SPELLS = """
SET ROLE taxsys_vault;
CREATE FUNCTION vault.number_spells(p_party uuid)
RETURNS TABLE (valid_from date, valid_to date, status text, verified_by text, source text, recorded_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT n.valid_from, n.valid_to, n.status, n.verified_by, n.source, n.recorded_at FROM vault.number n
    WHERE n.party_id = p_party ORDER BY n.valid_to DESC NULLS FIRST, n.valid_from DESC, n.recorded_at DESC
$$;
REVOKE ALL ON FUNCTION vault.number_spells FROM PUBLIC;
GRANT EXECUTE ON FUNCTION vault.number_spells TO taxsys_app;
RESET ROLE;
"""
BACKWARD = """
SET ROLE taxsys_vault;
DROP FUNCTION vault.number_spells;
RESET ROLE;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("addressbook", "0004_contact_note"),
    ]

    operations = [
        migrations.RunSQL(SPELLS, BACKWARD),
        migrations.CreateModel(
            name="NumberAlarm",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[("unusual", "普段の2倍以上"), ("limit", "上限に到達")],
                        max_length=8,
                        verbose_name="種別",
                    ),
                ),
                ("staff_no", models.CharField(max_length=20, verbose_name="職員番号")),
                ("day", models.DateField(verbose_name="日")),
                ("count", models.PositiveIntegerField(verbose_name="その日の件数")),
                ("usual", models.PositiveIntegerField(verbose_name="普段の1日の件数")),
                ("raised_at", models.DateTimeField(verbose_name="発生日時")),
                ("noted_by", models.CharField(blank=True, default="", max_length=20, verbose_name="確認した職員")),
                ("noted_at", models.DateTimeField(blank=True, null=True, verbose_name="確認日時")),
            ],
            options={
                "verbose_name": "個人番号の利用の警報",
                "indexes": [
                    models.Index(
                        condition=models.Q(("noted_at__isnull", True)), fields=["day"], name="numberalarm_open"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("staff_no", "day", "kind"), name="numberalarm_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("noted_at__isnull", True), ("noted_by", "")),
                            models.Q(
                                ("noted_at__isnull", False),
                                models.Q(("noted_by", ""), _negated=True),
                                models.Q(("noted_by", models.F("staff_no")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="numberalarm_noted_by_another",
                    ),
                ],
            },
        ),
    ]
