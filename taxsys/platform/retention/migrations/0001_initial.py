"""保管と消去の表."""

import django.db.models.deletion
import taxsys.platform.clock
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ErasureCertificate',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('certificate_no', models.CharField(max_length=20, unique=True, verbose_name='証明書番号')),
                ('kind', models.CharField(choices=[('records', '記録の消去'), ('key', '暗号鍵の消去'), ('medium', '控え・媒体・旧環境の廃棄')], max_length=8, verbose_name='種類')),
                ('subject_key', models.CharField(max_length=120, unique=True, verbose_name='対象')),
                ('facts', models.JSONField(verbose_name='内容')),
                ('content_hash', models.CharField(max_length=64, verbose_name='内容のハッシュ')),
                ('backups_gone_on', models.DateField(null=True, verbose_name='控えからも失われる日')),
                ('issued_at', models.DateTimeField(default=taxsys.platform.clock.now, verbose_name='作成日時')),
            ],
            options={
                'verbose_name': '消去証明書',
                'ordering': ('-issued_at',),
            },
        ),
        migrations.CreateModel(
            name='BackupCopy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('label', models.CharField(max_length=120, unique=True, verbose_name='名称')),
                ('region', models.CharField(max_length=30, verbose_name='保管地域')),
                ('taken_at', models.DateTimeField(verbose_name='取得日時')),
                ('expires_on', models.DateField(verbose_name='失効日')),
                ('key_versions', models.JSONField(default=list, verbose_name='封じた鍵の版')),
                ('destroyed_on', models.DateField(blank=True, null=True, verbose_name='廃棄日')),
                ('destroyed_by', models.CharField(blank=True, max_length=20, verbose_name='廃棄者')),
            ],
            options={
                'verbose_name': '控え',
                'ordering': ('-taken_at',),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('destroyed_by', ''), ('destroyed_on__isnull', True)), models.Q(('destroyed_on__isnull', False), models.Q(('destroyed_by', ''), _negated=True)), _connector='OR'), name='retention_copy_destroyed_completely')],
            },
        ),
        migrations.CreateModel(
            name='ErasureList',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('family', models.CharField(max_length=60, verbose_name='消去単位')),
                ('class_code', models.CharField(max_length=20, verbose_name='保管区分')),
                ('months', models.PositiveSmallIntegerField(verbose_name='保管期間（月）')),
                ('law_ja', models.CharField(max_length=300, verbose_name='根拠')),
                ('run_key', models.CharField(max_length=60, verbose_name='抽出の実行')),
                ('made_at', models.DateTimeField(default=taxsys.platform.clock.now, verbose_name='抽出日時')),
                ('state', models.CharField(choices=[('open', '候補'), ('proposed', '一次決裁待ち'), ('first', '二次決裁待ち'), ('approved', '承認済'), ('running', '消去中'), ('erased', '消去済'), ('dropped', '取下げ')], default='open', max_length=10, verbose_name='状態')),
                ('planned', models.BigIntegerField(default=0, verbose_name='消去する件数')),
                ('stopped', models.BigIntegerField(default=0, verbose_name='停止した件数')),
                ('first_key', models.CharField(blank=True, max_length=60, verbose_name='先頭のキー')),
                ('last_key', models.CharField(blank=True, max_length=60, verbose_name='末尾のキー')),
                ('oldest_start_on', models.DateField(null=True, verbose_name='最も古い起算日')),
                ('newest_start_on', models.DateField(null=True, verbose_name='最も新しい起算日')),
                ('oldest_erase_on', models.DateField(null=True, verbose_name='最も古い消去予定日')),
                ('keys_hash', models.CharField(blank=True, max_length=64, verbose_name='キーのハッシュ')),
                ('first_approval_id', models.UUIDField(null=True, verbose_name='一次決裁')),
                ('second_approval_id', models.UUIDField(null=True, verbose_name='二次決裁')),
                ('begun_at', models.DateTimeField(null=True, verbose_name='消去開始日時')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='消去終了日時')),
                ('proposed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='起案者')),
            ],
            options={
                'verbose_name': '消去候補',
                'ordering': ('-id',),
            },
        ),
        migrations.CreateModel(
            name='ErasureItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('no', models.BigIntegerField(null=True, verbose_name='番号')),
                ('root_key', models.CharField(max_length=60, verbose_name='キー')),
                ('group_no', models.BigIntegerField(null=True, verbose_name='組')),
                ('start_on', models.DateField(verbose_name='起算日')),
                ('erase_on', models.DateField(verbose_name='消去予定日')),
                ('stop_code', models.CharField(blank=True, max_length=40, verbose_name='停止の理由')),
                ('list', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='retention.erasurelist', verbose_name='一覧')),
            ],
            options={
                'verbose_name': '消去候補の明細',
            },
        ),
        migrations.CreateModel(
            name='ErasureChunk',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_no', models.BigIntegerField(verbose_name='始め')),
                ('to_no', models.BigIntegerField(verbose_name='終り')),
                ('roots', models.BigIntegerField(verbose_name='件数')),
                ('counts', models.JSONField(verbose_name='表ごとの件数')),
                ('erased_at', models.DateTimeField(verbose_name='消去日時')),
                ('list', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='chunks', to='retention.erasurelist', verbose_name='一覧')),
            ],
            options={
                'verbose_name': '消去の区切り',
            },
        ),
        migrations.CreateModel(
            name='DoomedFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('path', models.CharField(max_length=400, verbose_name='場所')),
                ('removed_at', models.DateTimeField(null=True, verbose_name='消去日時')),
                ('list', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='doomed_files', to='retention.erasurelist', verbose_name='一覧')),
            ],
            options={
                'verbose_name': '消去するファイル',
            },
        ),
        migrations.CreateModel(
            name='StopOrder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('party_id', models.UUIDField(verbose_name='宛名の識別番号')),
                ('reason', models.CharField(choices=[('dispute', '審査請求・訴訟'), ('investigation', '犯則調査・捜査への協力'), ('disclosure', '開示・訂正・利用停止の請求'), ('arrears', '滞納処分の継続'), ('audit', '監査・検査')], max_length=14, verbose_name='理由')),
                ('reference', models.CharField(max_length=60, verbose_name='文書番号')),
                ('from_on', models.DateField(verbose_name='停止日')),
                ('placed_by', models.CharField(max_length=20, verbose_name='停止者')),
                ('lifted_on', models.DateField(blank=True, null=True, verbose_name='解除日')),
                ('lift_approval_id', models.UUIDField(blank=True, null=True, verbose_name='解除の決裁')),
                ('recorded_at', models.DateTimeField(default=taxsys.platform.clock.now, verbose_name='登録日時')),
            ],
            options={
                'verbose_name': '処分停止',
                'ordering': ('-id',),
                'indexes': [models.Index(condition=models.Q(('lifted_on__isnull', True)), fields=['party_id'], name='retention_stop_open')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('lift_approval_id__isnull', True), ('lifted_on__isnull', True)), models.Q(('lift_approval_id__isnull', False), ('lifted_on__isnull', False)), _connector='OR'), name='retention_stop_lifted_by_two')],
            },
        ),
        migrations.AddConstraint(
            model_name='erasurelist',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ('erased', 'dropped')), _negated=True), fields=('family',), name='retention_one_live_list'),
        ),
        migrations.AddConstraint(
            model_name='erasurelist',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('approved', 'running', 'erased')), _negated=True), models.Q(('first_approval_id__isnull', False), ('second_approval_id__isnull', False), models.Q(('first_approval_id', models.F('second_approval_id')), _negated=True)), _connector='OR'), name='retention_two_approvals'),
        ),
        migrations.AddConstraint(
            model_name='erasureitem',
            constraint=models.UniqueConstraint(fields=('list', 'root_key'), name='retention_item_once'),
        ),
        migrations.AddConstraint(
            model_name='erasureitem',
            constraint=models.UniqueConstraint(fields=('list', 'no'), name='retention_item_no'),
        ),
        migrations.AddConstraint(
            model_name='erasurechunk',
            constraint=models.UniqueConstraint(fields=('list', 'from_no'), name='retention_chunk_once'),
        ),
        migrations.AddConstraint(
            model_name='doomedfile',
            constraint=models.UniqueConstraint(fields=('list', 'path'), name='retention_file_once'),
        ),
    ]
