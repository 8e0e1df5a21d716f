"""Entries of a number by two people; the second reading is compared with the held number inside the database."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

AGREES = """
SET ROLE taxsys_vault;
CREATE FUNCTION vault.held_agrees(p_ctx jsonb, p_ref uuid, p_index_version int, p_index bytea) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- An answer about a number, like a search: recorded and counted as one.
    PERFORM vault.event_write(p_ctx, 'search', NULL, 'vault.number', 1);
    RETURN EXISTS (SELECT FROM vault.held_number h WHERE h.ref = p_ref AND h.index_version = p_index_version
                   AND h.blind_index = p_index);
END $$;
REVOKE ALL ON FUNCTION vault.held_agrees FROM PUBLIC;
GRANT EXECUTE ON FUNCTION vault.held_agrees TO taxsys_app;
RESET ROLE;
"""
BACKWARD = """
SET ROLE taxsys_vault;
DROP FUNCTION vault.held_agrees;
RESET ROLE;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("addressbook", "0005_number_alarm"),
    ]

    operations = [
        migrations.RunSQL(AGREES, BACKWARD),
        migrations.CreateModel(
            name="NumberEntry",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False, verbose_name="識別（保留番号の参照）")),
                (
                    "kind",
                    models.CharField(choices=[("new", "新規"), ("change", "変更")], max_length=6, verbose_name="区分"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("held", "保留（登録内容と相違）"),
                            ("proposed", "決裁待ち"),
                            ("effective", "登録済み"),
                            ("dropped", "取消し"),
                        ],
                        max_length=10,
                        verbose_name="状態",
                    ),
                ),
                (
                    "form_code",
                    models.CharField(
                        choices=[
                            ("resident_return", "市民税・道民税申告書（地方税法317条の2）"),
                            ("relief", "減免申請書（条例）"),
                            ("depreciable", "償却資産申告書（地方税法383条）"),
                            ("housing", "固定資産税の住宅用地等の申告書（地方税法384条）"),
                            ("vehicle", "軽自動車税の申告書・減免申請書（地方税法463条の19）"),
                            ("tax_administrator", "納税管理人の申告書（地方税法300条）"),
                            ("number_change", "個人番号の変更の届出"),
                        ],
                        max_length=20,
                        verbose_name="受け付けた書類",
                    ),
                ),
                (
                    "number_evidence",
                    models.CharField(
                        choices=[
                            ("card", "個人番号カード"),
                            ("notice", "通知カード（記載事項が住民票と一致するもの）"),
                            ("record", "番号の記載された住民票の写し・記載事項証明書"),
                            ("juki", "住民基本台帳ネットワーク・住民記録での確認"),
                        ],
                        max_length=10,
                        verbose_name="番号確認書類",
                    ),
                ),
                (
                    "identity_evidence",
                    models.CharField(
                        choices=[
                            ("card", "個人番号カード"),
                            ("licence", "運転免許証・運転経歴証明書"),
                            ("passport", "旅券"),
                            ("residence", "在留カード・特別永住者証明書"),
                            ("disability", "身体障害者手帳等の顔写真付き手帳"),
                            ("two_papers", "資格確認書・年金手帳等の2点"),
                        ],
                        max_length=12,
                        verbose_name="身元確認書類（代理のときは代理人）",
                    ),
                ),
                (
                    "agent_authority",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("family_register", "戸籍謄本等（法定代理人）"),
                            ("guardian", "成年後見の登記事項証明書"),
                            ("mandate", "委任状（任意代理人）"),
                            ("tax_accountant", "税務代理権限証書"),
                        ],
                        default="",
                        max_length=16,
                        verbose_name="代理権の確認書類",
                    ),
                ),
                ("acquired_on", models.DateField(verbose_name="取得日")),
                (
                    "mismatches",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("kana", "氏名カナ"),
                                ("birth_on", "生年月日"),
                                ("sex", "性別"),
                                ("address", "住所"),
                                ("holder", "番号が他の方に登録済み"),
                            ],
                            max_length=10,
                        ),
                        default=list,
                        size=None,
                        verbose_name="登録内容との相違",
                    ),
                ),
                (
                    "release_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("renamed", "改姓・改名、通称・旧氏の記載"),
                            ("moved", "転居前・送付先等の住所の記載"),
                            ("writing", "書き方の違い（字体、住居表示、方書）"),
                            ("register", "登録の誤り（別に訂正する）"),
                            ("paper", "書類の記載の誤り（本人に確認済み）"),
                        ],
                        default="",
                        max_length=10,
                        verbose_name="本人と認める理由",
                    ),
                ),
                ("entered_by", models.CharField(max_length=20, verbose_name="入力した職員")),
                ("entered_at", models.DateTimeField(verbose_name="入力日時")),
                ("approval_id", models.UUIDField(blank=True, null=True, verbose_name="決裁")),
                (
                    "confirmed_by",
                    models.CharField(blank=True, default="", max_length=20, verbose_name="書類と照合した職員"),
                ),
                ("settled_at", models.DateTimeField(blank=True, null=True, verbose_name="処理日時")),
                (
                    "party",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="number_entries",
                        to="addressbook.party",
                        verbose_name="宛名",
                    ),
                ),
            ],
            options={
                "verbose_name": "個人番号の登録",
                "ordering": ("entered_at", "id"),
                "indexes": [models.Index(fields=["party", "-entered_at"], name="numberentry_party")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("settled_at__isnull", True)), fields=("party",), name="numberentry_one_open"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("settled_at__isnull", True), ("state__in", ("held", "proposed"))),
                            models.Q(("settled_at__isnull", False), ("state__in", ("effective", "dropped"))),
                            _connector="OR",
                        ),
                        name="numberentry_settled",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("acquired_on__gte", "2015-10-05")), name="numberentry_not_too_early"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ("proposed", "effective")), _negated=True),
                            ("mismatches", []),
                            models.Q(("release_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="numberentry_released_with_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("confirmed_by", models.F("entered_by")), _negated=True),
                        name="numberentry_by_second_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "effective"), _negated=True),
                            models.Q(("confirmed_by", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="numberentry_confirmed",
                    ),
                ],
            },
        ),
    ]
