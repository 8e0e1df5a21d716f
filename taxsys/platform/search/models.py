"""検索結果: short-lived results kept on the server, so that no name or number stands in an address."""

import uuid

from django.conf import settings
from django.db import models

from taxsys.platform import clock


class SearchResult(models.Model):
    """検索結果 one officer's result list (ids only) with a random id and an end of life; the terms are not kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="search_results")
    provider = models.CharField("検索の種類", max_length=40)
    hits = models.JSONField("結果", default=list)
    created_at = models.DateTimeField("作成日時", default=clock.now)
    expires_at = models.DateTimeField("期限")

    class Meta:
        verbose_name = "検索結果"
        indexes = (models.Index(fields=("expires_at",), name="search_result_expiry"),)

    def __str__(self) -> str:
        return str(self.id)
