"""`manage.py what_if resident-tax --year 2026 --as 3003 --set resident.per_capita.city=3500` (政策試算)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assessment.permissions import WHAT_IF
from assessment.resident.what_if.answer import AnswerRefused
from assessment.resident.what_if.edits import EditsRefused, file_read
from assessment.resident.what_if.services import WhatIf, what_if
from assessment.resident.what_if.shown import HIDDEN_JA
from assessment.resident.what_if.tables import csv_bytes
from taxsys.kernel.yen import format_yen
from taxsys.platform import clock
from taxsys.platform.audit.context import AccessContext, using
from taxsys.platform.audit.services import access_record
from taxsys.platform.staff.access import has_permission
from taxsys.platform.staff.console import staff_at_console
from taxsys.platform.staff.models import Staff


class Command(BaseCommand):
    """The whole city under an edited law: totals on the screen, everything as CSV. Only for planners, on record."""

    help = "法定値を変えたときの市全体の税額を試算します(何も登録しません)。政策試算の権限のある職員だけが使えます。"

    def add_arguments(self, parser: CommandParser) -> None:
        """Tax, years, edits, who asks."""
        parser.add_argument("tax", choices=["resident-tax"], help="税目")
        parser.add_argument("--year", type=int, required=True, help="課税年度(決定のある年度)")
        parser.add_argument("--law-year", type=int, default=None, help="当てはめる制度の年度(省略時は同じ年度)")
        parser.add_argument("--set", action="append", default=[], metavar="番号=値", dest="values", help="変える値")
        parser.add_argument("--table", action="append", default=[], metavar="番号=FILE", help="変える表(見出し付きCSV)")
        parser.add_argument("--file", type=Path, metavar="FILE", help="試算のファイル(TOML)")
        parser.add_argument("--csv", type=Path, metavar="FILE", help="結果の表を書き出す")
        parser.add_argument("--as", dest="staff_no", metavar="職員番号", required=True, help="操作する職員")
        parser.add_argument("--password-stdin", action="store_true", help="パスワードを標準入力の1行目から読む")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prove the officer, compute, print."""
        staff = self._planner(options)
        with using(
            AccessContext(
                actor_kind="staff",
                actor_id=staff.staff_no,
                unit_code=staff.unit_on(clock.today()).code,
                terminal="cli",
                function_id=WHAT_IF.code,
            )
        ):
            if not has_permission(staff, WHAT_IF):
                access_record(action="denied", record_type="what_if", result="denied", reason="no_permission")
                raise CommandError("政策試算の権限がありません。")
            try:
                answer = what_if(
                    tax_year=options["year"], law_year=options["law_year"] or options["year"], texts=_texts(options)
                )
            except AnswerRefused as refused:
                raise CommandError(refused.message_ja) from refused
            except EditsRefused as refused:
                raise CommandError(str(refused)) from refused
            if options["csv"]:
                access_record(action="export", record_type="what_if", record_id="csv", tax_year=options["year"])
                options["csv"].write_bytes(csv_bytes(answer))
        self._print(answer)

    def _planner(self, options: dict[str, Any]) -> Staff:
        """The officer of --as, proved by password; the same words for a wrong name and a wrong password."""
        staff = staff_at_console(options["staff_no"], password_from_stdin=options["password_stdin"])
        if staff is None:
            raise CommandError("職員番号またはパスワードが違います。")
        return staff

    def _print(self, answer: WhatIf) -> None:
        for edit in answer.edits:
            self.stdout.write(f"{edit.title_ja}({edit.id}): {edit.before_ja} → {edit.after_ja}")
        total = answer.shown.total
        self.stdout.write(f"対象 {answer.base.rows:,}人")
        for label, before, after in answer.shown.receivers:
            self.stdout.write(f"{label}: {format_yen(before)} → {format_yen(after)}({format_yen(after - before)})")
        for label, people, yen in (
            ("増える人", total.up_people, total.up_yen),
            ("減る人", total.down_people, total.down_yen),
        ):
            told = HIDDEN_JA if people is None or yen is None else f"{people:,}人 {format_yen(yen)}"
            self.stdout.write(f"{label}: {told}")


def _texts(options: dict[str, Any]) -> dict[str, str]:
    """Texts by parameter id from --file, --table and --set, the later over the earlier. Raises CommandError."""
    texts: dict[str, str] = {}
    try:
        if options["file"]:
            texts |= file_read(options["file"].read_bytes())
        for text in options["table"]:
            key, path = _pair(text, "--table")
            texts[key] = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"ファイルを読めません: {error}") from error
    texts |= dict(_pair(text, "--set") for text in options["values"])
    return texts


def _pair(text: str, option: str) -> tuple[str, str]:
    key, is_there, value = text.partition("=")
    if not is_there or not key.strip():
        raise CommandError(f"{option} は「番号=値」の形で書いてください: {text}")
    return key.strip(), value
