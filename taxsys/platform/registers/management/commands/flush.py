"""Takes the place of the framework's `flush`: nothing empties the tables of an installation that holds real records."""

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands.flush import Command as Plain

from taxsys.platform.registers.direct_work import is_production


class Command(Plain):
    """全表の消去: not in production."""

    def handle(self, **options: Any) -> None:
        """Refuse in production. CommandError."""
        if is_production():
            raise CommandError("本番の表は消去できません。消去は保管期間の満了による消去の手続で行います。")
        super().handle(**options)
