"""Seals behind the access log; epochs, so that the order of events survives a restore on another cluster."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import taxsys.platform.clock

FORWARD = """
CREATE FUNCTION audit_epoch_now() RETURNS integer LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
DECLARE
    here text := (SELECT system_identifier::text FROM pg_control_system());
    known audit_epoch%ROWTYPE;
BEGIN
    SELECT * INTO known FROM audit_epoch ORDER BY number DESC LIMIT 1;
    IF known.cluster = here THEN
        RETURN known.number;
    END IF;
    -- The log has come to another cluster: its transaction numbers start anew, and so does the order.
    PERFORM pg_advisory_xact_lock(7230458110);
    SELECT * INTO known FROM audit_epoch ORDER BY number DESC LIMIT 1;
    IF known.cluster IS DISTINCT FROM here THEN
        INSERT INTO audit_epoch (number, cluster, started_at)
            VALUES (coalesce(known.number, 0) + 1, here, clock_timestamp()) RETURNING * INTO known;
    END IF;
    RETURN known.number;
END $$;

ALTER TABLE audit_accessevent ADD COLUMN epoch integer NOT NULL DEFAULT audit_epoch_now();
SELECT audit_epoch_now();
CREATE INDEX audit_event_sealing ON audit_accessevent (epoch, transaction_id, id);

DO $$
DECLARE
    guarded text;
BEGIN
    FOREACH guarded IN ARRAY ARRAY['audit_epoch', 'audit_seal', 'audit_sealleaves', 'audit_signedhead'] LOOP
        EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE OR TRUNCATE ON %I FOR EACH STATEMENT '
                       'EXECUTE FUNCTION audit_refuse_change()', guarded || '_append_only', guarded);
        IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'taxsys_app') THEN
            EXECUTE format('REVOKE ALL ON %I FROM taxsys_app', guarded);
            EXECUTE format('GRANT SELECT, INSERT ON %I TO taxsys_app', guarded);
        END IF;
    END LOOP;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'taxsys_app') THEN
        REVOKE INSERT ON audit_epoch FROM taxsys_app;
    END IF;
END $$;
"""
BACKWARD = """
ALTER TABLE audit_accessevent DROP COLUMN epoch;
DROP FUNCTION audit_epoch_now();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_change_log_rules")]
    operations = [
        migrations.CreateModel(
            name="Epoch",
            fields=[
                ("number", models.IntegerField(primary_key=True, serialize=False, verbose_name="世代")),
                ("cluster", models.CharField(max_length=40, verbose_name="群の識別")),
                ("started_at", models.DateTimeField(default=taxsys.platform.clock.now, verbose_name="開始")),
            ],
            options={"verbose_name": "アクセス記録の世代"},
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("seq", models.BigIntegerField(primary_key=True, serialize=False, verbose_name="順")),
                ("epoch", models.IntegerField(verbose_name="世代")),
                ("from_xid", models.BigIntegerField(verbose_name="始め(含む)")),
                ("to_xid", models.BigIntegerField(verbose_name="終り(含まない)")),
                ("count", models.IntegerField(verbose_name="件数")),
                ("root", models.BinaryField(max_length=32, verbose_name="マークル根")),
                ("previous", models.BinaryField(max_length=32, verbose_name="前の封印")),
                ("value", models.BinaryField(max_length=32, unique=True, verbose_name="封印値")),
                ("sealed_at", models.DateTimeField(verbose_name="封印日時")),
            ],
            options={
                "verbose_name": "封印",
                "ordering": ("seq",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("count__gt", 0), ("from_xid__gte", 0), ("to_xid__gt", models.F("from_xid"))
                        ),
                        name="audit_seal_range",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SignedHead",
            fields=[
                ("day", models.DateField(primary_key=True, serialize=False, verbose_name="日")),
                ("seq", models.BigIntegerField(verbose_name="封印の順")),
                ("value", models.BinaryField(max_length=32, verbose_name="封印値")),
                ("events_total", models.BigIntegerField(verbose_name="累計件数")),
                ("key_id", models.CharField(max_length=16, verbose_name="鍵の識別")),
                ("signature", models.BinaryField(max_length=64, verbose_name="署名")),
                ("signed_at", models.DateTimeField(verbose_name="署名日時")),
            ],
            options={"verbose_name": "日次の署名", "ordering": ("day",)},
        ),
        migrations.CreateModel(
            name="SealLeaves",
            fields=[
                (
                    "seal",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="leaves",
                        serialize=False,
                        to="audit.seal",
                    ),
                ),
                (
                    "event_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), size=None, verbose_name="記録番号"
                    ),
                ),
                ("hashes", models.BinaryField(verbose_name="葉の値")),
            ],
            options={"verbose_name": "封印の葉"},
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
