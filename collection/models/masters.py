"""税目マスタ・収納チャネル (tax kind and channel masters); filled from collection/params, not typed in by hand."""

from django.db import models


class TaxKind(models.Model):
    """税目 (tax kind): law, ordinance and the parts a bill is made of."""

    code = models.CharField("税目コード", max_length=4, primary_key=True)
    name = models.CharField("識別名", max_length=40, unique=True)
    title = models.CharField("税目名", max_length=60)
    law = models.CharField("根拠法", max_length=120)
    ordinance = models.CharField("根拠条例", max_length=120, blank=True)
    has_prefecture = models.BooleanField("道府県分あり", default=False)
    has_forest = models.BooleanField("森林環境税分あり", default=False)
    valid_from = models.DateField("適用開始日")
    valid_to = models.DateField("適用終了日", null=True, blank=True)

    class Meta:
        verbose_name = "税目"
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gt=models.F("valid_from")),
                name="collection_tax_kind_period",
            )
        ]

    def __str__(self) -> str:
        return self.title


class Channel(models.TextChoices):
    """収納チャネル: where money comes in."""

    CVS = "cvs", "コンビニ・スマホ"
    COMMON = "common", "地方税共通納税"
    DEBIT = "debit", "口座振替"
    COUNTER = "counter", "窓口"
    BANK = "bank", "金融機関窓口"
    WAGE = "wage", "給与特別徴収"
    PENSION = "pension", "年金特別徴収"
    SEIZURE = "seizure", "滞納処分"
    OPENING = "opening", "移行"
    WITHHELD = "withheld", "配当割額等の控除不足額"


# 収納データの形式 (layout) and the channel its money comes in by.
FORMAT_CHANNELS = {
    "cvs_csv": Channel.CVS,
    "local_kyotsu_nofu_result": Channel.COMMON,
    "zengin_91": Channel.DEBIT,
    "zengin_99": Channel.WAGE,
    "local_sumitsu_ocr": Channel.BANK,
    "local_sumitsu_punch": Channel.BANK,
}
