"""抽出の定義と記録: definitions that people keep; who extracted what with which conditions (append-only, trigger)."""

from django.db import models


class ExtractionDefinition(models.Model):
    """保存した抽出定義 of one officer, optionally for the whole division."""

    name = models.CharField("名称", max_length=60)
    owner_no = models.CharField("所有者", max_length=20)
    unit = models.ForeignKey("staff.Unit", on_delete=models.PROTECT, related_name="+", verbose_name="所属")
    is_shared = models.BooleanField("所属で共有", default=False)
    content = models.JSONField("列・条件・並べ替え・上限")
    saved_at = models.DateTimeField("保存日時")

    class Meta:
        verbose_name = "抽出定義"
        ordering = ("name", "pk")
        constraints = [models.UniqueConstraint(fields=("owner_no", "name"), name="extraction_definition_uq")]

    def __str__(self) -> str:
        return self.name


class ExtractionRecord(models.Model):
    """抽出の記録: who asked what of which year, in which form it left, and how many rows."""

    staff_no = models.CharField("職員番号", max_length=20)
    tax_year = models.PositiveSmallIntegerField("課税年度")
    content = models.JSONField("列・条件・並べ替え・上限")
    form = models.CharField("形式", max_length=6, choices=[("screen", "画面"), ("csv", "CSV"), ("xlsx", "XLSX")])
    row_count = models.PositiveIntegerField("件数")
    recorded_at = models.DateTimeField("記録日時")

    class Meta:
        verbose_name = "抽出の記録"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.staff_no} {self.tax_year} {self.row_count}"
