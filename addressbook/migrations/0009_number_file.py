"""Files that brought numbers, with the sample that two people compared."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("addressbook", "0008_number_files"),
        ("files", "0003_manifest"),
    ]

    operations = [
        migrations.CreateModel(
            name="NumberFile",
            fields=[
                (
                    "file",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="number_file",
                        serialize=False,
                        to="files.receivedfile",
                        verbose_name="受領ファイル",
                    ),
                ),
                ("sha256", models.CharField(max_length=64, verbose_name="取り込んだときのハッシュ値")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("unapproved", "未承認"),
                            ("proposed", "決裁待ち"),
                            ("approved", "承認済み"),
                            ("refused", "否認（番号は使用停止）"),
                            ("automatic", "即時連動（承認不要）"),
                        ],
                        max_length=10,
                        verbose_name="状態",
                    ),
                ),
                ("opened_at", models.DateTimeField(verbose_name="取込日時")),
                ("seed", models.CharField(blank=True, default="", max_length=32, verbose_name="標本の種")),
                ("sample", models.JSONField(default=list, verbose_name="標本")),
                (
                    "drawn_by",
                    models.CharField(blank=True, default="", max_length=20, verbose_name="標本を照合した職員"),
                ),
                ("drawn_at", models.DateTimeField(blank=True, null=True, verbose_name="標本の照合日時")),
                ("checked_by", models.CharField(blank=True, default="", max_length=20, verbose_name="再照合した職員")),
                ("approval_id", models.UUIDField(blank=True, null=True, verbose_name="決裁")),
                ("settled_at", models.DateTimeField(blank=True, null=True, verbose_name="処理日時")),
            ],
            options={
                "verbose_name": "番号を含む受領ファイル",
                "ordering": ("opened_at", "file_id"),
                "indexes": [
                    models.Index(
                        condition=models.Q(("settled_at__isnull", True)), fields=["opened_at"], name="numberfile_open"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("settled_at__isnull", True), ("state__in", ("unapproved", "proposed"))),
                            models.Q(
                                ("settled_at__isnull", False), ("state__in", ("approved", "refused", "automatic"))
                            ),
                            _connector="OR",
                        ),
                        name="numberfile_settled",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "approved"), _negated=True),
                            models.Q(
                                models.Q(("drawn_by", ""), _negated=True), models.Q(("checked_by", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="numberfile_approved_after_checks",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("checked_by", ""),
                            models.Q(("checked_by", models.F("drawn_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="numberfile_checked_by_second_person",
                    ),
                ],
            },
        ),
    ]
