"""封印: what proves that no event was edited, removed, added or put in another order (N-069).

Events are ordered by (epoch, transaction, id). A transaction's number tells nothing across two database clusters, so a
restored dump begins a new epoch. A seal covers whole transactions, [from_xid, to_xid) of one epoch.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from taxsys.platform import clock


class Epoch(models.Model):
    """データベース群の世代: one row per cluster that this log has lived on; written by the database itself."""

    number = models.IntegerField("世代", primary_key=True)
    cluster = models.CharField("群の識別", max_length=40)
    started_at = models.DateTimeField("開始", default=clock.now)

    class Meta:
        verbose_name = "アクセス記録の世代"

    def __str__(self) -> str:
        return str(self.number)


class Seal(models.Model):
    """封印: Merkle root over the events of a range, chained to the seal before. Append-only by trigger."""

    seq = models.BigIntegerField("順", primary_key=True)
    epoch = models.IntegerField("世代")
    from_xid = models.BigIntegerField("始め(含む)")
    to_xid = models.BigIntegerField("終り(含まない)")
    count = models.IntegerField("件数")
    root = models.BinaryField("マークル根", max_length=32)
    previous = models.BinaryField("前の封印", max_length=32)
    value = models.BinaryField("封印値", max_length=32, unique=True)
    sealed_at = models.DateTimeField("封印日時")

    class Meta:
        verbose_name = "封印"
        ordering = ("seq",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(count__gt=0, from_xid__gte=0, to_xid__gt=models.F("from_xid")),
                name="audit_seal_range",
            ),
        )

    def __str__(self) -> str:
        return f"{self.seq}"


class SealLeaves(models.Model):
    """封印の葉: id and hash of each sealed event in order, so that the first faulty one can be named."""

    seal = models.OneToOneField(Seal, on_delete=models.PROTECT, primary_key=True, related_name="leaves")
    event_ids = ArrayField(models.BigIntegerField(), verbose_name="記録番号")
    hashes = models.BinaryField("葉の値")

    class Meta:
        verbose_name = "封印の葉"

    def __str__(self) -> str:
        return f"{self.seal_id}"


class SignedHead(models.Model):
    """日次の署名: the last seal of a day, signed; printed on the operator's sheet and copied to other media."""

    day = models.DateField("日", primary_key=True)
    seq = models.BigIntegerField("封印の順")
    value = models.BinaryField("封印値", max_length=32)
    events_total = models.BigIntegerField("累計件数")
    key_id = models.CharField("鍵の識別", max_length=16)
    signature = models.BinaryField("署名", max_length=64)
    signed_at = models.DateTimeField("署名日時")

    class Meta:
        verbose_name = "日次の署名"
        ordering = ("day",)

    def __str__(self) -> str:
        return f"{self.day}:{self.seq}"


class LogCheck(models.Model):
    """検証の結果: what a whole reading of the log against its seals found. Append-only by trigger."""

    run_key = models.CharField("実行", max_length=60, unique=True)
    seals = models.BigIntegerField("封印")
    sealed = models.BigIntegerField("封印済の件数")
    unsealed = models.BigIntegerField("未封印の件数")
    heads = models.IntegerField("署名")
    faults = models.JSONField("異常", default=list)
    checked_at = models.DateTimeField("検証日時", default=clock.now)

    class Meta:
        verbose_name = "検証の結果"
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.run_key}"
