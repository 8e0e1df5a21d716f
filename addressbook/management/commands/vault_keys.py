"""`manage.py vault_keys`: the key ceremony — what keys the token has, and a new one made in it before two people."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from addressbook.errors import KeyProviderRefused
from addressbook.services.key_ceremony import key_made, keys_listed
from taxsys.platform.audit.context import AccessContext, using


class Command(BaseCommand):
    """鍵の儀式."""

    help = "個人番号の鍵を、鍵の保管装置の中に作り、照合値を表示します。鍵は装置の外に出ません。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to do."""
        parser.add_argument("action", choices=("list", "make"), help="list 一覧、make 作成")
        parser.add_argument("name", nargs="?", default="", help="kek-v2、index-v2、fingerprint")
        parser.add_argument("--present", nargs=2, default=("", ""), metavar="職員番号", help="立ち会う二人の職員番号")

    def handle(self, *args: Any, **options: Any) -> None:
        """List, or make one key and say its check value for the record."""
        try:
            if options["action"] == "list":
                for label, value in keys_listed():
                    self.stdout.write(f"{label}\t照合値 {value}")
                return
            with using(AccessContext(actor_kind="system", actor_id="vault_keys")):
                value = key_made(options["name"], present=tuple(options["present"]))
        except KeyProviderRefused as error:
            raise CommandError(error.message_ja) from error
        self.stdout.write(f"{options['name']} を作りました。照合値 {value} を記録簿に書いてください。")
