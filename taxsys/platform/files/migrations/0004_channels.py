"""入手方法 as the eight of the assessment (R-130); earlier words for dedicated lines become one."""

from django.db import migrations, models

CHOICES = [
    ("paper", "紙"),
    ("media", "電子記録媒体"),
    ("flash", "フラッシュメモリ"),
    ("line", "専用線（eLTAX・国税連携・金融機関）"),
    ("internal", "庁内連携システム"),
    ("network", "情報提供ネットワークシステム"),
    ("juki", "住民基本台帳ネットワークシステム"),
    ("mynaportal", "マイナポータル申請管理"),
]
FORWARD = """
UPDATE files_receivedfile SET channel = 'line' WHERE channel IN ('eltax', 'portal', 'national', 'bank');
UPDATE files_refusedattempt SET channel = 'line' WHERE channel IN ('eltax', 'portal', 'national', 'bank');
"""


class Migration(migrations.Migration):
    dependencies = [("files", "0003_manifest")]

    operations = [
        migrations.RunSQL(FORWARD, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="receivedfile",
            name="channel",
            field=models.CharField(choices=CHOICES, max_length=10, verbose_name="入手方法"),
        ),
        migrations.AlterField(
            model_name="refusedattempt",
            name="channel",
            field=models.CharField(choices=CHOICES, max_length=10, verbose_name="入手方法"),
        ),
        migrations.AddConstraint(
            model_name="receivedfile",
            constraint=models.CheckConstraint(
                condition=models.Q(channel__in=[code for code, _label in CHOICES]), name="files_received_channel_known"
            ),
        ),
    ]
