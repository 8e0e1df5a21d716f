"""`manage.py audit …`: sealing, verifying and exporting the access log, on the command line, in Japanese.

Exit status: 0 in order · 1 a fault was found or seals lag · 2 wrong use.
"""

from __future__ import annotations

import getpass
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from taxsys.platform.audit.context import AccessContext, using
from taxsys.platform.audit.media.exporting import NothingSealed, export
from taxsys.platform.audit.sealing import seal_pending, seal_state
from taxsys.platform.audit.signing import head_code, head_sign, signer
from taxsys.platform.audit.verifying import verify_log
from taxsys.platform.keyfile import KeyFileFault


class Command(BaseCommand):
    """アクセス記録の封印・検証・出力."""

    help = "アクセス記録の封印・検証・日次署名・外部媒体への出力"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One sub-command per act."""
        acts = parser.add_subparsers(dest="act", required=True, metavar="操作")
        acts.add_parser("seal", help="待っている記録を封印する(通常は自動)")
        acts.add_parser("state", help="封印の状況")
        verify = acts.add_parser("verify", help="記録・封印・署名を検証し、最初に壊れた所を示す")
        verify.add_argument("--head", default="", metavar="符号", help="別に保管した日次の符号(番号:値)と比べる")
        head = acts.add_parser("head", help="日次の署名を作り、控えに印字する符号を示す")
        head.add_argument("--day", type=date.fromisoformat, required=True, metavar="YYYY-MM-DD")
        out = acts.add_parser("export", help="外部媒体へ出力する(検証用プログラム付き)")
        out.add_argument("--from", dest="first", type=date.fromisoformat, required=True, metavar="YYYY-MM-DD")
        out.add_argument("--to", dest="last", type=date.fromisoformat, required=True, metavar="YYYY-MM-DD")
        out.add_argument("--folder", type=Path, required=True, metavar="フォルダ")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do the act as the account of the machine."""
        who = AccessContext(
            actor_kind="system",
            actor_id=f"cli:{getpass.getuser()}"[:60],
            function_id="audit.view_log",
            purpose="アクセス記録の保全",
            request_id="cli",
        )
        acts: dict[str, Callable[[dict[str, Any]], int]] = {
            "seal": self._seal,
            "state": self._state,
            "verify": self._verify,
            "head": self._head,
            "export": self._export,
        }
        with using(who):
            try:
                status = acts[options["act"]](options)
            except KeyFileFault as fault:
                raise CommandError(fault.message_ja) from fault
        if status:
            sys.exit(status)

    def _seal(self, options: dict[str, Any]) -> int:
        self.stdout.write(f"{seal_pending():,}件を封印しました。")
        return self._state(options)

    def _state(self, options: dict[str, Any]) -> int:
        state = seal_state()
        self.stdout.write(
            f"封印 {state.seals:,}個 {state.sealed:,}件、"
            f"未封印 {state.waiting:,}件、遅れ {state.lag.total_seconds():.0f}秒"
        )
        return 1 if state.level == "danger" else 0

    def _verify(self, options: dict[str, Any]) -> int:
        started = time.perf_counter()
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout = 0")
            found = verify_log(public=signer().public, code=options["head"])
        for fault in found.faults:
            self.stdout.write(f"異常 {fault}")
        seconds = time.perf_counter() - started
        self.stdout.write(
            f"封印 {found.seals:,}個 {found.sealed:,}件・署名 {found.heads:,}件を検証({seconds:.1f}秒)、"
            f"未封印 {found.unsealed:,}件: {'異常なし' if found.is_ok else '異常あり'}"
        )
        return 0 if found.is_ok else 1

    def _head(self, options: dict[str, Any]) -> int:
        head = head_sign(options["day"])
        if head is None:
            raise CommandError("封印がまだありません。manage.py audit seal を先に実行してください。")
        self.stdout.write(f"{head.day} {head_code(head)} 累計{head.events_total:,}件 鍵{head.key_id}")
        return 0

    def _export(self, options: dict[str, Any]) -> int:
        try:
            count = export(options["folder"], first=options["first"], last=options["last"])
        except NothingSealed as error:
            raise CommandError(error.message_ja) from error
        except FileExistsError as error:
            raise CommandError(f"{options['folder']} は空ではありません。別のフォルダを指定してください。") from error
        self.stdout.write(f"{count:,}件を {options['folder']} に出力しました。検証: python3 verify_audit.py .")
        return 0
