"""Takes the place of django-auditlog's command of this name: the change log is never emptied."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    """変更記録は消去できません."""

    help = "Refused: the change log is kept for its retention period and cannot be flushed."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Refuse."""
        raise CommandError("変更記録は消去できません（保存期間の間、追記のみです）。")
