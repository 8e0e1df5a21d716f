"""支援措置対象者の表示の日報: that a day's reveals were counted and looked at; who saw whom stays in the access log."""

from django.db import models
from django.db.models import Q


class RevealReport(models.Model):
    """日報: how many reveals of protected addresses, measures and numbers there were on a day (N-101)."""

    id = models.BigAutoField(primary_key=True)
    day = models.DateField("日", unique=True)
    events = models.PositiveIntegerField("表示の件数")
    people = models.PositiveIntegerField("表示された方の数")
    officers = models.PositiveIntegerField("表示した職員の数")
    made_at = models.DateTimeField("作成日時")
    noted_by = models.CharField("確認した職員", max_length=20, blank=True, default="")
    noted_at = models.DateTimeField("確認日時", null=True, blank=True)

    class Meta:
        verbose_name = "支援措置対象者の表示の日報"
        ordering = ("-day",)
        constraints = [
            models.CheckConstraint(
                condition=Q(noted_at__isnull=True, noted_by="") | (Q(noted_at__isnull=False) & ~Q(noted_by="")),
                name="revealreport_noted_completely",
            ),
        ]

    def __str__(self) -> str:
        return str(self.day)
