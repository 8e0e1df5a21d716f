"""Reviews of the access log, the lists they use, and the results of verifications; append-only but for the lists."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import taxsys.platform.clock

FORWARD = """
DO $$
DECLARE
    guarded text;
BEGIN
    FOREACH guarded IN ARRAY
        ARRAY['audit_logcheck', 'audit_reviewreport', 'audit_reviewfinding', 'audit_reviewsignature'] LOOP
        EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE OR TRUNCATE ON %I FOR EACH STATEMENT '
                       'EXECUTE FUNCTION audit_refuse_change()', guarded || '_append_only', guarded);
        IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'taxsys_app') THEN
            EXECUTE format('REVOKE ALL ON %I FROM taxsys_app', guarded);
            EXECUTE format('GRANT SELECT, INSERT ON %I TO taxsys_app', guarded);
        END IF;
    END LOOP;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'taxsys_app') THEN
        REVOKE DELETE, TRUNCATE ON audit_watchedparty FROM taxsys_app;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0005_number_use_index"),
    ]

    operations = [
        migrations.CreateModel(
            name="LogCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("run_key", models.CharField(max_length=60, unique=True, verbose_name="実行")),
                ("seals", models.BigIntegerField(verbose_name="封印")),
                ("sealed", models.BigIntegerField(verbose_name="封印済の件数")),
                ("unsealed", models.BigIntegerField(verbose_name="未封印の件数")),
                ("heads", models.IntegerField(verbose_name="署名")),
                ("faults", models.JSONField(default=list, verbose_name="異常")),
                ("checked_at", models.DateTimeField(default=taxsys.platform.clock.now, verbose_name="検証日時")),
            ],
            options={
                "verbose_name": "検証の結果",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="ReviewFinding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20, verbose_name="種類")),
                ("actor_kind", models.CharField(max_length=8, verbose_name="操作者区分")),
                ("actor_id", models.CharField(max_length=60, verbose_name="操作者")),
                ("unit_code", models.CharField(blank=True, max_length=20, verbose_name="所属")),
                ("is_contractor", models.BooleanField(verbose_name="委託先")),
                ("count", models.IntegerField(verbose_name="件数")),
                ("first_at", models.DateTimeField(verbose_name="最初")),
                ("last_at", models.DateTimeField(verbose_name="最後")),
                (
                    "event_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), size=None, verbose_name="記録番号"
                    ),
                ),
            ],
            options={
                "verbose_name": "点検の所見",
                "ordering": ("report", "kind", "-count", "actor_id"),
            },
        ),
        migrations.CreateModel(
            name="ReviewReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("run_key", models.CharField(max_length=60, unique=True, verbose_name="実行")),
                ("from_on", models.DateField(verbose_name="始め")),
                ("to_on", models.DateField(verbose_name="終り（含む）")),
                ("limits", models.JSONField(verbose_name="基準値")),
                ("figures", models.JSONField(verbose_name="集計")),
                ("head_code", models.CharField(blank=True, max_length=100, verbose_name="封印の符号")),
                ("content_hash", models.CharField(max_length=64, verbose_name="内容のハッシュ")),
                ("made_at", models.DateTimeField(default=taxsys.platform.clock.now, verbose_name="作成日時")),
            ],
            options={
                "verbose_name": "点検結果",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="WatchedParty",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("staff", "職員本人の宛名"), ("public", "社会的に注目される人")],
                        max_length=8,
                        verbose_name="区分",
                    ),
                ),
                ("party_key", models.CharField(max_length=64, verbose_name="宛名の識別番号")),
                ("staff_no", models.CharField(blank=True, max_length=20, verbose_name="職員番号")),
                ("from_on", models.DateField(verbose_name="開始日")),
                ("to_on", models.DateField(blank=True, null=True, verbose_name="終了日（この日から対象外）")),
                ("approval_id", models.UUIDField(unique=True, verbose_name="決裁")),
                ("ended_by_approval_id", models.UUIDField(blank=True, null=True, verbose_name="終了の決裁")),
                ("recorded_at", models.DateTimeField(default=taxsys.platform.clock.now, verbose_name="登録日時")),
            ],
            options={
                "verbose_name": "点検対象の宛名",
                "ordering": ("kind", "staff_no", "id"),
            },
        ),
        migrations.CreateModel(
            name="ReviewSignature",
            fields=[
                (
                    "report",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="signature",
                        serialize=False,
                        to="audit.reviewreport",
                        verbose_name="点検",
                    ),
                ),
                ("staff_no", models.CharField(max_length=20, verbose_name="職員番号")),
                ("remark", models.CharField(max_length=1000, verbose_name="所見・措置")),
                ("content_hash", models.CharField(max_length=64, verbose_name="内容のハッシュ")),
                ("signed_at", models.DateTimeField(default=taxsys.platform.clock.now, verbose_name="確認日時")),
            ],
            options={
                "verbose_name": "点検の確認",
            },
        ),
        migrations.AddConstraint(
            model_name="reviewreport",
            constraint=models.CheckConstraint(
                condition=models.Q(("to_on__gte", models.F("from_on"))), name="audit_review_period_forward"
            ),
        ),
        migrations.AddField(
            model_name="reviewfinding",
            name="report",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="findings",
                to="audit.reviewreport",
                verbose_name="点検",
            ),
        ),
        migrations.AddConstraint(
            model_name="watchedparty",
            constraint=models.CheckConstraint(
                condition=models.Q(("to_on__isnull", True), ("to_on__gte", models.F("from_on")), _connector="OR"),
                name="audit_watch_period_forward",
            ),
        ),
        migrations.AddConstraint(
            model_name="watchedparty",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "staff"), models.Q(("staff_no", ""), _negated=True)),
                    models.Q(("kind", "public"), ("staff_no", "")),
                    _connector="OR",
                ),
                name="audit_watch_staff_named",
            ),
        ),
        migrations.AddConstraint(
            model_name="watchedparty",
            constraint=models.UniqueConstraint(
                condition=models.Q(("to_on__isnull", True)),
                fields=("kind", "party_key", "staff_no"),
                name="audit_watch_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="reviewsignature",
            constraint=models.CheckConstraint(
                condition=models.Q(("remark", ""), _negated=True), name="audit_review_remark_given"
            ),
        ),
        migrations.AddConstraint(
            model_name="reviewfinding",
            constraint=models.UniqueConstraint(
                fields=("report", "kind", "actor_kind", "actor_id"), name="audit_finding_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="reviewfinding",
            constraint=models.CheckConstraint(condition=models.Q(("count__gt", 0)), name="audit_finding_counts"),
        ),
        migrations.RunSQL(FORWARD, migrations.RunSQL.noop),
    ]
