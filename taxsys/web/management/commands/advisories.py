"""`manage.py advisories` (`make advisories`): what this installation is made of, compared with a file of advisories.

Exit status: 0 nothing found · 1 something found · 2 wrong use or unreadable file · 4 refused by right or password.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection, transaction

from taxsys.platform.audit.context import AccessContext, using
from taxsys.platform.components.advisories import Comparison, FeedUnreadable, compared
from taxsys.platform.components.inventory import (
    Component,
    LockUnreadable,
    database_server,
    interpreter,
    locked,
    machine_packages,
)
from taxsys.platform.components.services import check_register, feed_of
from taxsys.platform.components.workbook import FOUND_HEAD, PARTS_HEAD, found_rows, part_rows
from taxsys.platform.files.payloads.spreadsheet import table_csv
from taxsys.platform.registers.errors import RegisterError
from taxsys.platform.registers.permissions import OPERATION
from taxsys.platform.staff.console import staff_at_console

_STATUS, _RELEASE = Path("/var/lib/dpkg/status"), Path("/etc/os-release")


class Command(BaseCommand):
    """部品の一覧と脆弱性情報の照合."""

    help = "部品の一覧を作り、持ち込んだ脆弱性情報（OSV形式）と照合し、結果を台帳に残します。外部には接続しません。"

    def add_arguments(self, parser: CommandParser) -> None:
        """Without a file only the list of components is printed."""
        parser.add_argument("feed", nargs="?", type=Path, metavar="ファイル", help="OSV形式のJSON、またはそのZIP")
        parser.add_argument("--as", dest="staff_no", metavar="職員番号", help="点検する職員（パスワードを尋ねます）")
        parser.add_argument("--password-stdin", action="store_true", help="パスワードを標準入力の1行目から読む")
        parser.add_argument("--print-only", action="store_true", help="台帳に残さず、印字だけする")
        parser.add_argument(
            "--lock",
            type=Path,
            action="append",
            default=[],
            metavar="FILE",
            help="ロックファイル（省略時は導入済のもの）",
        )
        parser.add_argument("--no-machine", action="store_true", help="機械のパッケージ（Debian）を入れない")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print, register, and end with the status above."""
        if options["feed"] and not options["print_only"] and not options["staff_no"]:
            raise CommandError(
                "--as 職員番号 で点検する人を示してください（印字だけなら --print-only）。", returncode=2
            )
        try:
            components = self._components(options)
            if options["feed"] is None:
                self._table(PARTS_HEAD, part_rows(components))
                return
            comparison = compared(components, options["feed"])
        except (FeedUnreadable, LockUnreadable, OSError) as error:
            raise CommandError(str(error), returncode=2) from error
        if comparison.findings:
            self._table(FOUND_HEAD, found_rows(comparison))
        if not options["print_only"]:
            self._register(comparison, components, options)
        self.stdout.write(
            f"部品 {len(components):,}個、脆弱性情報 {comparison.read:,}件（取下げ {comparison.withdrawn:,}件）: "
            f"該当・要確認 {len(comparison.findings):,}件"
        )
        if comparison.findings:
            sys.exit(1)

    def _components(self, options: dict[str, Any]) -> list[Component]:
        default = "requirements.lock" if settings.TAXSYS_PROFILE == "embedded" else "requirements-production.lock"
        locks = options["lock"] or [settings.BASE_DIR / default]
        packages = {(*one.key, one.version): one for lock in locks for one in locked(lock)}
        found = [*packages.values(), interpreter()]
        try:
            with connection.cursor() as cursor:
                cursor.execute("SHOW server_version")
                found.append(database_server(cursor.fetchone()[0]))
        except DatabaseError:
            if not options["print_only"] and options["feed"]:
                raise
            self.stderr.write("データベースに接続できないため、PostgreSQL は一覧に入っていません。")
        return found if options["no_machine"] else [*found, *machine_packages(_STATUS, _RELEASE)]

    def _register(self, comparison: Comparison, components: Sequence[Component], options: dict[str, Any]) -> None:
        staff = staff_at_console(options["staff_no"], password_from_stdin=options["password_stdin"])
        if staff is None:
            raise CommandError("職員番号またはパスワードが違います。", returncode=4)
        who = AccessContext(
            actor_kind="staff",
            actor_id=staff.staff_no,
            unit_code=staff.unit_on().code,
            function_id=str(OPERATION.enter),
            purpose="部品の脆弱性点検",
            request_id="cli",
        )
        try:
            with using(who), transaction.atomic():
                row = check_register(comparison, components, feed_of(options["feed"]), actor=staff)
        except RegisterError as error:
            raise CommandError(error.message_ja, returncode=4) from error
        self.stdout.write(f"台帳「部品の脆弱性点検」に {row.row_no} として残しました。")

    def _table(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        self.stdout.write(table_csv(head, rows, is_marked=False).decode().replace("\r\n", "\n"), ending="")
