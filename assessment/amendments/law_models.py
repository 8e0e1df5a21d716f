"""法定値の写しの表: every parameter set that a run was opened with, by its fingerprint; append-only by use."""

from django.db import models


class LawSet(models.Model):
    """法定値の写し: the values of one tax year as a run used them, so that its decisions explain themselves."""

    tax_year = models.PositiveSmallIntegerField("課税年度")
    municipality_code = models.CharField("市区町村コード", max_length=6)
    parameter_hash = models.CharField("パラメータ指紋", max_length=64)
    content = models.JSONField("値")
    first_used_at = models.DateTimeField("最初に使った日時")

    class Meta:
        verbose_name = "法定値の写し"
        constraints = [
            models.UniqueConstraint(fields=("municipality_code", "parameter_hash"), name="law_set_uq"),
        ]

    def __str__(self) -> str:
        return f"{self.tax_year}:{self.parameter_hash[:12]}"
