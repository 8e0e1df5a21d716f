"""個人番号の取込みの承認: which received files brought numbers, the sample two people compared, and the verdict."""

from django.db import models
from django.db.models import F, Q

from addressbook.number_codes import NumberFileState
from taxsys.platform.files.models import ReceivedFile


class NumberFile(models.Model):
    """番号を含む受領ファイル. Its numbers are in use; as long as it is not approved they are marked so (R-207).

    `sample` holds lines of the file with party and outcome: no number, nothing derived from one.
    """

    file = models.OneToOneField(
        ReceivedFile,
        verbose_name="受領ファイル",
        on_delete=models.PROTECT,
        primary_key=True,
        related_name="number_file",
    )
    sha256 = models.CharField("取り込んだときのハッシュ値", max_length=64)
    state = models.CharField("状態", max_length=10, choices=NumberFileState.choices)
    opened_at = models.DateTimeField("取込日時")
    seed = models.CharField("標本の種", max_length=32, blank=True, default="")
    sample = models.JSONField("標本", default=list)
    drawn_by = models.CharField("標本を照合した職員", max_length=20, blank=True, default="")
    drawn_at = models.DateTimeField("標本の照合日時", null=True, blank=True)
    checked_by = models.CharField("再照合した職員", max_length=20, blank=True, default="")
    approval_id = models.UUIDField("決裁", null=True, blank=True)
    settled_at = models.DateTimeField("処理日時", null=True, blank=True)

    class Meta:
        verbose_name = "番号を含む受領ファイル"
        ordering = ("opened_at", "file_id")
        indexes = [models.Index(fields=["opened_at"], name="numberfile_open", condition=Q(settled_at__isnull=True))]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=("unapproved", "proposed"), settled_at__isnull=True)
                | Q(state__in=("approved", "refused", "automatic"), settled_at__isnull=False),
                name="numberfile_settled",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | (~Q(drawn_by="") & ~Q(checked_by="")),
                name="numberfile_approved_after_checks",
            ),
            models.CheckConstraint(
                condition=Q(checked_by="") | ~Q(checked_by=F("drawn_by")), name="numberfile_checked_by_second_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_id} {self.state}"
