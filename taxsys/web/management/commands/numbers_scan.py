"""`manage.py numbers_scan`: looks for My Numbers outside the vault; prints where they stand, never a digit of one.

Exit status: 0 nothing found · 1 something found · 2 wrong use, or a place could not be read.
"""

from __future__ import annotations

import getpass
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from taxsys.platform.audit.context import AccessContext, using
from taxsys.web.number_scan import Report, Scope, numbers_scan


class Command(BaseCommand):
    """個人番号の漏えいの点検."""

    help = "個人番号が、金庫の外(表・Valkey・ファイル・記録)に残っていないかを点検します"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What is looked at beside the tables and the broker."""
        parser.add_argument(
            "--folder", type=Path, action="append", default=[], metavar="フォルダ",
            help="点検するフォルダ(記録・一時ファイル・控えなど)。データのフォルダは指定しなくても点検します",
        )  # fmt: skip
        parser.add_argument(
            "--vault-folder", type=Path, action="append", default=[], metavar="フォルダ",
            help="データベース自身のファイル。封印した番号があるため、平文だけを探します",
        )  # fmt: skip
        parser.add_argument(
            "--derived", action="store_true",
            help="番号をメモリ上で開き、ハッシュ値と索引値も探します(アクセス記録が残ります)",
        )  # fmt: skip
        parser.add_argument("--no-tables", action="store_true", help="表を点検しない(別の機器のフォルダだけを見るとき)")
        parser.add_argument("--no-broker", action="store_true", help="Valkey を点検しない")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look, and tell."""
        folders = tuple(options["folder"] + [Path(settings.TAXSYS_DATA_DIR)])
        for folder in (*folders, *options["vault_folder"]):
            if not folder.is_dir():
                raise CommandError(f"フォルダ {folder} がありません。", returncode=2)
        scope = Scope(
            folders=folders,
            vault_folders=tuple(options["vault_folder"]),
            redis_url="" if options["no_broker"] else settings.REDIS_URL,
            has_tables=not options["no_tables"],
            opens_numbers=options["derived"],
        )
        who = AccessContext(actor_kind="system", actor_id=f"cli:{getpass.getuser()}"[:60], request_id="cli")
        started = time.perf_counter()
        with using(who):
            report = numbers_scan(scope)
        self._tell(report, time.perf_counter() - started)
        if not report.is_clean:
            sys.exit(1 if report.look.findings else 2)

    def _tell(self, report: Report, seconds: float) -> None:
        look = report.look
        for finding in look.findings:
            self.stdout.write(f"発見 {finding.kind} {finding.name} ({finding.way}) {finding.count:,}件")
        for text in report.unread:
            self.stdout.write(f"点検できません {text}")
        self.stdout.write(
            f"{look.places:,}か所 {look.size / 1_000_000:,.1f}MB を点検({seconds:.1f}秒)。"
            f"金庫の番号 {report.known:,}件、検査用数字の合う12桁 {look.candidates:,}件"
            f"(偶然に一致する見込み {look.by_chance(report.known)}件)、発見 {len(look.findings):,}か所"
        )
