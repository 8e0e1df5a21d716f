"""個人番号の利用: what is known about the use and entry of numbers. Neither a number nor anything derived from one."""

from django.db import models

from addressbook.codes import NumberAlarmKind


class NumberAlarm(models.Model):
    """利用の警報: an officer showed or searched far more numbers in a day than usual, or reached the limit."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField("種別", max_length=8, choices=NumberAlarmKind.choices)
    staff_no = models.CharField("職員番号", max_length=20)
    day = models.DateField("日")
    count = models.PositiveIntegerField("その日の件数")
    usual = models.PositiveIntegerField("普段の1日の件数")
    raised_at = models.DateTimeField("発生日時")
    noted_by = models.CharField("確認した職員", max_length=20, blank=True, default="")
    noted_at = models.DateTimeField("確認日時", null=True, blank=True)

    class Meta:
        verbose_name = "個人番号の利用の警報"
        constraints = [
            models.UniqueConstraint(fields=["staff_no", "day", "kind"], name="numberalarm_once"),
            models.CheckConstraint(
                condition=models.Q(noted_at__isnull=True, noted_by="")
                | (
                    models.Q(noted_at__isnull=False) & ~models.Q(noted_by="") & ~models.Q(noted_by=models.F("staff_no"))
                ),
                name="numberalarm_noted_by_another",
            ),
        ]
        indexes = [models.Index(fields=["day"], name="numberalarm_open", condition=models.Q(noted_at__isnull=True))]

    def __str__(self) -> str:
        return f"{self.staff_no} {self.day}"
