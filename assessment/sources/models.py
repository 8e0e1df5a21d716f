"""課税資料 (source documents) and the people and payers they speak of.

A source document is what somebody sent: it is never edited. A correction is another document that supersedes it,
matching to a party is evidence beside it. F-PI (資料管理), R-003, R-012, R-017, R-018.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class Withholder(models.Model):
    """特別徴収義務者: a payer of wages with its designation number in this city (地方税法321条の4)."""

    designation_no = models.CharField("指定番号", max_length=12, unique=True)
    party = models.ForeignKey("addressbook.Party", on_delete=models.PROTECT, verbose_name="宛名", related_name="+")
    name = models.CharField("名称", max_length=100)
    # How the payer asked for its notices: 1 electronic original, 2 paper (総括表 item 26/27).
    notice_to_payer = models.CharField("税額通知受取方法(特別徴収義務者用)", max_length=1, default="2")
    notice_to_taxpayer = models.CharField("税額通知受取方法(納税義務者用)", max_length=1, default="2")
    has_payment_privilege = models.BooleanField("納期の特例(321条の5の2)", default=False)
    valid_from = models.DateField("適用開始日")
    valid_to = models.DateField("適用終了日", null=True, blank=True)

    class Meta:
        verbose_name = "特別徴収義務者"
        ordering = ("designation_no",)

    def __str__(self) -> str:
        return f"{self.designation_no} {self.name}"


class SubmissionSummary(models.Model):
    """総括表: what the payer says it hands in; counts must agree with the detail lines (formats §1.2)."""

    received_file = models.ForeignKey("files.ReceivedFile", on_delete=models.PROTECT, related_name="+")
    line_no = models.PositiveIntegerField("行番号")
    withholder = models.ForeignKey(Withholder, on_delete=models.PROTECT, null=True, verbose_name="特別徴収義務者")
    tax_year = models.PositiveSmallIntegerField("課税年度")
    filing_kind = models.CharField("提出区分", max_length=1)
    count_special = models.PositiveIntegerField("特別徴収人員")
    count_ordinary_left = models.PositiveIntegerField("普通徴収人員(退職者)")
    count_ordinary_other = models.PositiveIntegerField("普通徴収人員(退職者を除く)")
    count_total = models.PositiveIntegerField("報告人員合計")
    filed_on = models.DateField("提出年月日")
    items = models.JSONField("その他の項目", default=dict)

    class Meta:
        verbose_name = "給与支払報告書総括表"
        constraints = [
            models.UniqueConstraint(fields=("received_file", "line_no"), name="submission_summary_line_uq"),
        ]


class SourceKind(models.TextChoices):
    WAGE_REPORT = "wage", "給与支払報告書"
    PENSION_REPORT = "pension", "公的年金等支払報告書"
    NATIONAL_RETURN = "return", "所得税確定申告書"
    RESIDENT_RETURN = "resident_return", "市民税・道民税申告書"
    ONESTOP_NOTICE = "onestop", "申告特例通知書"


class SourceState(models.TextChoices):
    ACTIVE = "active", "有効"
    SUPERSEDED = "superseded", "訂正済"
    CANCELLED = "cancelled", "取消"
    UNMATCHED = "unmatched", "突合不能"
    HELD = "held", "保留(訂正・取消の元がない、または重なる)"
    DUPLICATE = "duplicate", "重複"
    # The person had no address here on 1 January: waits for one of the three outcomes below; none of the four counts.
    ELSEWHERE = "elsewhere", "賦課期日に市外(処理待ち)"
    FORWARDED = "forwarded", "他市町村へ回送"
    RETURNED = "returned", "提出者へ返戻"
    KEPT = "kept", "課税せず保管"


class MatchMethod(models.TextChoices):
    NUMBER = "number", "個人番号"
    KANA_BIRTH_ADDRESS = "kana_birth_address", "カナ・生年月日・住所"
    MANUAL = "manual", "職員による突合"
    NONE = "none", "なし"


class SourceDocument(models.Model):
    """課税資料一件. `items` holds the layout's fields by their English names, without any personal number."""

    kind = models.CharField("資料種別", max_length=20, choices=SourceKind.choices)
    tax_year = models.PositiveSmallIntegerField("課税年度")
    received_file = models.ForeignKey("files.ReceivedFile", on_delete=models.PROTECT, null=True, related_name="+")
    line_no = models.PositiveIntegerField("行番号", null=True)
    # Same payer, same employee, same year: what a correction or cancellation points at.
    business_key = models.CharField("業務キー", max_length=120)
    filing_kind = models.CharField("提出区分", max_length=1, default="0")
    arrived_on = models.DateField("受付日")
    withholder = models.ForeignKey(Withholder, on_delete=models.PROTECT, null=True, verbose_name="特別徴収義務者")
    name = models.CharField("資料上の氏名", max_length=100)
    name_kana = models.CharField("資料上のフリガナ", max_length=100, blank=True)
    birth_on = models.DateField("資料上の生年月日", null=True)
    address = models.CharField("資料上の住所", max_length=300, blank=True)
    items = models.JSONField("項目")
    # Reference into the vault for a number that came with the paper and is not bound to a party yet.
    number_ref = models.UUIDField("個人番号の参照", null=True)
    party = models.ForeignKey("addressbook.Party", on_delete=models.PROTECT, null=True, related_name="+")
    match_method = models.CharField("突合方法", max_length=20, choices=MatchMethod.choices, default=MatchMethod.NONE)
    match_evidence = models.JSONField("突合の根拠", default=dict)
    state = models.CharField("状態", max_length=12, choices=SourceState.choices, default=SourceState.ACTIVE)
    supersedes = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="superseded_by")
    # Relatives named on the paper: spouse, dependants, under 16, each with class code and matched party where known.
    relatives = models.JSONField("記載された親族", default=list)

    class Meta:
        verbose_name = "課税資料"
        indexes = [
            models.Index(fields=("party", "tax_year"), name="source_party_year_ix"),
            models.Index(fields=("tax_year", "kind", "state"), name="source_year_kind_ix"),
            models.Index(fields=("business_key",), name="source_business_key_ix"),
            models.Index(fields=("tax_year",), condition=Q(party__isnull=True), name="source_unmatched_ix"),
        ]
        constraints = [
            models.UniqueConstraint(fields=("received_file", "line_no", "kind"), name="source_file_line_uq"),
            models.CheckConstraint(
                condition=~Q(state="unmatched") | Q(party__isnull=True), name="source_unmatched_has_no_party_ck"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.tax_year} {self.pk}"


class MatchEvent(models.Model):
    """突合の履歴: who bound a document to whom, on what evidence, and the undoing of it (R-012)."""

    document = models.ForeignKey(SourceDocument, on_delete=models.PROTECT, related_name="match_events")
    party = models.ForeignKey("addressbook.Party", on_delete=models.PROTECT, null=True, related_name="+")
    method = models.CharField("突合方法", max_length=20, choices=MatchMethod.choices)
    evidence = models.JSONField("突合の根拠", default=dict)
    is_undo = models.BooleanField("取消", default=False)
    actor_id = models.CharField("処理者", max_length=64)
    reason = models.CharField("理由", max_length=200, blank=True)
    recorded_at = models.DateTimeField("記録日時")

    class Meta:
        verbose_name = "突合履歴"
        ordering = ("pk",)


class DocumentPlacement(models.Model):
    """紙の資料の保管場所: append-only; the newest row says where the paper lies (R-187)."""

    document = models.ForeignKey(
        SourceDocument, on_delete=models.PROTECT, related_name="placements", verbose_name="課税資料"
    )
    place = models.CharField("保管場所", max_length=100)
    is_locked = models.BooleanField("施錠")
    placed_by = models.CharField("記録した人", max_length=20)
    placed_at = models.DateTimeField("記録日時")

    class Meta:
        verbose_name = "資料の保管場所"
        ordering = ("document_id", "-pk")

    def __str__(self) -> str:
        return f"{self.document_id} {self.place}"


# 課税根拠 of people who are taxed as living here: 294条1項1号 and 3項.
DOMICILED = ("resident", "recorded_elsewhere")


class TaxablePopulation(models.Model):
    """賦課期日現在の課税対象者 as a dated snapshot (地方税法318条, R-016)."""

    tax_year = models.PositiveSmallIntegerField("課税年度")
    party = models.ForeignKey("addressbook.Party", on_delete=models.PROTECT, related_name="+")
    # resident: 294条1項1号; premises: 294条1項2号 (家屋敷等); recorded_elsewhere: 294条3項; ended: premises taken back.
    basis = models.CharField("課税根拠", max_length=20, default="resident")
    household_no = models.CharField("世帯番号", max_length=15, blank=True)
    birth_on = models.DateField("生年月日", null=True)
    is_on_livelihood_aid = models.BooleanField("生活扶助", default=False)
    town_code = models.CharField("町字コード", max_length=7, blank=True)

    class Meta:
        verbose_name = "賦課期日現在の対象者"
        constraints = [
            models.UniqueConstraint(fields=("tax_year", "party"), name="taxable_population_uq"),
        ]


class DocumentExclusion(models.Model):
    """合算で採用しなかった資料とその理由, kept per run so that a clerk can say why a paper did not count."""

    run = models.ForeignKey("assessment.AssessmentRun", on_delete=models.CASCADE, related_name="exclusions")
    document = models.ForeignKey(SourceDocument, on_delete=models.PROTECT, related_name="+")
    reason_code = models.CharField("理由コード", max_length=30)
    adopted_documents = ArrayField(models.BigIntegerField(), verbose_name="採用した資料", default=list)

    class Meta:
        verbose_name = "合算対象外資料"
        constraints = [models.UniqueConstraint(fields=("run", "document"), name="document_exclusion_uq")]
