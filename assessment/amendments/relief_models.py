"""減免の表: an application, what was decided on it, and its end."""

from django.db import models
from django.db.models import Q


class ReliefState(models.TextChoices):
    """減免の状態."""

    RECEIVED = "received", "審査中"
    PROPOSED = "proposed", "決裁待ち"
    GRANTED = "granted", "減免中"
    REFUSED = "refused", "不承認"
    REVOKED = "revoked", "取消"
    WITHDRAWN = "withdrawn", "取下げ"


class ReliefAct(models.TextChoices):
    """決裁を求める行為."""

    GRANT = "grant", "減免する"
    REFUSE = "refuse", "減免しない"
    REVOKE = "revoke", "減免を取り消す"


class Relief(models.Model):
    """減免の申請と決定 for one year's tax; `lines` are the instalments remitted, in yen by part.

    `relief_no` (year and number in it) names it on notices, decisions and approvals. Years asked for in one
    application share its `application_no`, the number of the first.
    """

    relief_no = models.CharField("減免番号", max_length=13, unique=True)
    application_no = models.CharField("申請番号", max_length=13, blank=True, default="", db_index=True)
    party = models.ForeignKey("addressbook.Party", on_delete=models.PROTECT, related_name="+", verbose_name="宛名")
    tax_year = models.PositiveSmallIntegerField("課税年度")
    ground = models.CharField("減免の事由", max_length=20)
    grade = models.CharField("区分", max_length=20)
    applied_on = models.DateField("申請日")
    event_on = models.DateField("事由の生じた日", null=True)
    is_ex_officio = models.BooleanField("職権", default=False)
    documents_ja = models.CharField("確認した書類", max_length=200)
    opinion_ja = models.CharField("審査の所見", max_length=300, blank=True)
    state = models.CharField("状態", max_length=10, choices=ReliefState.choices, default=ReliefState.RECEIVED)
    act = models.CharField("行為", max_length=8, choices=ReliefAct.choices, blank=True)
    act_reason_ja = models.CharField("決定・取消の理由", max_length=200, blank=True)
    lines = models.JSONField("減免する期別", default=list)
    city_yen = models.BigIntegerField("減免額(市民税)", default=0)
    prefecture_yen = models.BigIntegerField("減免額(道民税)", default=0)
    forest_yen = models.BigIntegerField("免除額(森林環境税)", default=0)
    revoke_from = models.DateField("取消の日", null=True)
    version = models.PositiveSmallIntegerField("決定の版", null=True)
    received_by = models.CharField("受付者", max_length=64)
    decided_by = models.CharField("決裁者", max_length=64, blank=True)
    decided_on = models.DateField("決定日", null=True)
    revoked_on = models.DateField("取消の決定日", null=True)
    approval_ref = models.CharField("決裁", max_length=60, blank=True)
    recorded_at = models.DateTimeField("記録日時")

    class Meta:
        verbose_name = "減免"
        constraints = [
            models.UniqueConstraint(
                fields=("party", "tax_year", "ground"),
                condition=Q(state__in=["received", "proposed", "granted"]),
                name="relief_live_uq",
            ),
            models.CheckConstraint(
                condition=Q(city_yen__gte=0, prefecture_yen__gte=0, forest_yen__gte=0), name="relief_sign_ck"
            ),
            models.CheckConstraint(
                condition=Q(decided_by="") | ~Q(decided_by=models.F("received_by")), name="relief_four_eyes_ck"
            ),
        ]

    def __str__(self) -> str:
        return self.relief_no

    @property
    def total_yen(self) -> int:
        """減免額 in all (yen)."""
        return self.city_yen + self.prefecture_yen + self.forest_yen
