"""家屋敷等の台帳: premises of people who live elsewhere, answers of their municipalities, candidates put aside."""

from django.db import models
from django.db.models import F, Q

from taxsys.platform.files.channels import ReceiptChannel


class PremisesKind(models.TextChoices):
    """294条1項2号の別."""

    HOUSE = "house", "家屋敷"
    OFFICE = "office", "事務所・事業所"


class PremisesGround(models.TextChoices):
    """何により知ったか."""

    DECLARED = "declared", "本人の申告"
    SURVEY = "survey", "現地調査"
    MOVED_OUT = "moved_out", "転出者の調査"
    PAPERS = "papers", "申告書・開業届などの資料"
    OTHER = "other", "その他"


class Premises(models.Model):
    """家屋敷等一件: taxed by per-capita levy from `first_year` to `last_year` (課税年度, None: until it is ended).

    `changed_at` is the newest act on it: a correction run looks at whoever changed since the last decision.
    """

    premises_no = models.CharField("登録番号", max_length=12, unique=True)
    party = models.ForeignKey("addressbook.Party", on_delete=models.PROTECT, related_name="+", verbose_name="宛名")
    kind = models.CharField("種別", max_length=8, choices=PremisesKind.choices)
    address_text = models.CharField("家屋敷等の所在地", max_length=300)
    ground = models.CharField("把握の経緯", max_length=10, choices=PremisesGround.choices)
    evidence_ja = models.CharField("確認した資料", max_length=200)
    first_year = models.PositiveSmallIntegerField("課税を始める年度")
    last_year = models.PositiveSmallIntegerField("課税する最後の年度", null=True)
    home_municipality = models.CharField("住所地の市区町村コード", max_length=6)
    received_on = models.DateField("受付日")
    channel = models.CharField("入手方法", max_length=10, choices=ReceiptChannel.choices, default=ReceiptChannel.PAPER)
    recorded_by = models.CharField("登録した人", max_length=64)
    recorded_at = models.DateTimeField("登録日時")
    ended_on = models.DateField("終了の登録日", null=True)
    ended_by = models.CharField("終了を登録した人", max_length=64, blank=True)
    end_reason_ja = models.CharField("終了の理由", max_length=200, blank=True)
    changed_at = models.DateTimeField("最後に変わった日時")

    class Meta:
        verbose_name = "家屋敷等"
        ordering = ("-premises_no",)
        constraints = [
            models.UniqueConstraint(
                fields=("party", "address_text"), condition=Q(last_year__isnull=True), name="premises_live_uq"
            ),
            # One year before the first: it should never have been taxed (登録の取消).
            models.CheckConstraint(
                condition=Q(last_year__isnull=True) | Q(last_year__gte=F("first_year") - 1), name="premises_years_ck"
            ),
            models.CheckConstraint(
                condition=Q(last_year__isnull=True, ended_on__isnull=True)
                | (Q(last_year__isnull=False, ended_on__isnull=False) & ~Q(end_reason_ja="")),
                name="premises_end_told_ck",
            ),
        ]

    def __str__(self) -> str:
        return self.premises_no

    @property
    def is_never(self) -> bool:
        """Whether the registration was taken back as a whole."""
        return self.last_year is not None and self.last_year < self.first_year


class DomicileAnswer(models.Model):
    """住所地の回答: whether the municipality where the person lives exempts him from its per-capita levy of a year."""

    premises = models.ForeignKey(Premises, on_delete=models.PROTECT, related_name="answers", verbose_name="家屋敷等")
    tax_year = models.PositiveSmallIntegerField("課税年度")
    is_exempt = models.BooleanField("住所地で非課税")
    answered_on = models.DateField("回答日")
    note_ja = models.CharField("備考", max_length=200, blank=True)
    recorded_by = models.CharField("記録した人", max_length=64)
    recorded_at = models.DateTimeField("記録日時")

    class Meta:
        verbose_name = "住所地の回答"
        ordering = ("-tax_year",)
        constraints = [models.UniqueConstraint(fields=("premises", "tax_year"), name="domicile_answer_uq")]

    def __str__(self) -> str:
        return f"{self.premises_id} {self.tax_year}"


class CandidateDismissal(models.Model):
    """候補の除外: why somebody of the candidates' list has no premises here in the year."""

    party = models.ForeignKey("addressbook.Party", on_delete=models.PROTECT, related_name="+", verbose_name="宛名")
    tax_year = models.PositiveSmallIntegerField("課税年度")
    reason_ja = models.CharField("除いた理由", max_length=200)
    dismissed_by = models.CharField("除いた人", max_length=64)
    dismissed_at = models.DateTimeField("除いた日時")

    class Meta:
        verbose_name = "家屋敷等の候補の除外"
        constraints = [models.UniqueConstraint(fields=("party", "tax_year"), name="candidate_dismissal_uq")]

    def __str__(self) -> str:
        return f"{self.party_id} {self.tax_year}"
