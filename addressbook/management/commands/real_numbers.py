"""`manage.py real_numbers`: the list by which a test or training copy refuses real My Numbers (R-234)."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from addressbook.errors import VaultError
from addressbook.services.real_numbers import list_load, list_write
from taxsys.platform.audit.context import AccessContext, using


class Command(BaseCommand):
    """実在の番号の一覧."""

    help = "本番で write、検証・研修環境で load。環境の設定 TAXSYS_REAL_NUMBERS_REFUSED=1 と組み合わせます。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to do, with which file."""
        parser.add_argument("action", choices=("write", "load"), help="write 書き出す、load 読み込む")
        parser.add_argument("path", type=Path, help="一覧のファイル")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write or load."""
        act = list_write if options["action"] == "write" else list_load
        try:
            with using(AccessContext(actor_kind="system", actor_id="real_numbers")):
                count = act(options["path"])
        except VaultError as error:
            raise CommandError(error.message_ja) from error
        self.stdout.write(f"{count:,}件")
