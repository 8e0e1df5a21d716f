"""台帳への書込み: how many rows a statement wrote to a logged table; written by the database itself."""

from django.db import models
from django.db.models.functions import Now


class MasterWrite(models.Model):
    """一つの文の書込み. The trigger stamps transaction and epoch, by which it meets the change log's entries."""

    table_name = models.CharField("表", max_length=63)
    operation = models.CharField("操作", max_length=6)
    row_count = models.BigIntegerField("行数")
    written_at = models.DateTimeField("日時", db_default=Now())

    class Meta:
        verbose_name = "台帳への書込み"

    def __str__(self) -> str:
        return f"{self.table_name}:{self.operation}"
