"""送信箱: facts for upper apps, written in the transaction of the work and consumed once per consumer, in order."""

from django.db import models

from taxsys.platform import clock


class OutboxMessage(models.Model):
    """送信箱の一件: topic, subject and payload; the same (topic, dedupe_key) is stored once."""

    topic = models.CharField("話題", max_length=60)
    subject_key = models.CharField("対象", max_length=80)
    payload = models.JSONField("内容")
    dedupe_key = models.CharField("重複防止キー", max_length=160)
    created_at = models.DateTimeField("作成日時", default=clock.now)

    class Meta:
        verbose_name = "送信箱"
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("topic", "dedupe_key"), name="outbox_message_once"),)
        indexes = (models.Index(fields=("topic", "id"), name="outbox_topic_order"),)

    def __str__(self) -> str:
        return f"{self.topic}:{self.pk}"


class OutboxDelivery(models.Model):
    """受領済: one consumer's work on one message; written in the transaction of that work."""

    class State(models.TextChoices):
        DONE = "done", "処理済"
        FAILED = "failed", "失敗"

    message = models.ForeignKey(OutboxMessage, on_delete=models.PROTECT, related_name="deliveries")
    consumer = models.CharField("受け手", max_length=80)
    state = models.CharField("状態", max_length=6, choices=State.choices)
    attempts = models.PositiveIntegerField("試行回数", default=1)
    error_code = models.CharField("失敗の種類", max_length=120, blank=True)
    handled_at = models.DateTimeField("処理日時", default=clock.now)

    class Meta:
        verbose_name = "送信箱の受領"
        constraints = (models.UniqueConstraint(fields=("message", "consumer"), name="outbox_delivery_once"),)
        indexes = (models.Index(fields=("consumer", "state"), name="outbox_consumer_state"),)

    def __str__(self) -> str:
        return f"{self.message_id}:{self.consumer}"


class OutboxConsumer(models.Model):
    """受け手: one row per (topic, consumer), locked while it works so that order holds with many workers."""

    topic = models.CharField("話題", max_length=60)
    consumer = models.CharField("受け手", max_length=80)
    cursor = models.BigIntegerField("ここまで全件処理済", default=0)

    class Meta:
        verbose_name = "送信箱の受け手"
        constraints = (models.UniqueConstraint(fields=("topic", "consumer"), name="outbox_consumer_once"),)

    def __str__(self) -> str:
        return f"{self.topic}:{self.consumer}"
