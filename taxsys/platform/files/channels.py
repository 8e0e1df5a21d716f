"""入手方法 (ways by which something reaches the house): the eight of the assessment, on every receipt (R-130)."""

from django.db import models


class ReceiptChannel(models.TextChoices):
    """入手方法. eLTAX, the tax agency's link and the banks' deliveries come over dedicated lines."""

    PAPER = "paper", "紙"
    MEDIA = "media", "電子記録媒体"
    FLASH = "flash", "フラッシュメモリ"
    LINE = "line", "専用線（eLTAX・国税連携・金融機関）"
    INTERNAL = "internal", "庁内連携システム"
    NETWORK = "network", "情報提供ネットワークシステム"
    RESIDENT_NETWORK = "juki", "住民基本台帳ネットワークシステム"
    PORTAL = "mynaportal", "マイナポータル申請管理"
